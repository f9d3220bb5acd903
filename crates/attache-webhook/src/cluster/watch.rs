//! Follows the service accounts. An error, an expired watch and an API server that is away end in a new
//! list, after a pause that grows; what was known stays until that list is whole.

use attache_admission::{AccountAnnotations, Settings};
use futures_util::StreamExt as _;
use k8s_openapi::api::core::v1::ServiceAccount;
use kube::core::PartialObjectMeta;
use kube::runtime::WatchStreamExt as _;
use kube::runtime::watcher::{Config, Event, watcher};
use kube::{Api, Client};
use tokio_util::sync::CancellationToken;

use super::Accounts;

/// Ours: client-go has 500.
const PAGE: u32 = 100;

/// Follows them until `stop`.
pub(crate) async fn watch_accounts(
    client: Client,
    accounts: &Accounts,
    settings: &Settings,
    stop: &CancellationToken,
) {
    // Of the metadata alone: the API server sends no more.
    let api: Api<PartialObjectMeta<ServiceAccount>> = Api::all(client);
    // In small pages: what reading one leaves behind is the most of what the webhook needs besides.
    let events = watcher(api, Config::default().page_size(PAGE)).default_backoff();
    let mut events = std::pin::pin!(events);
    loop {
        let event = tokio::select! {
            () = stop.cancelled() => return,
            event = events.next() => event,
        };
        match event {
            Some(Ok(event)) => apply(event, accounts, settings),
            Some(Err(error)) => tracing::warn!("the watch of service accounts: {error}"),
            None => return,
        }
    }
}

fn apply(
    event: Event<PartialObjectMeta<ServiceAccount>>,
    accounts: &Accounts,
    settings: &Settings,
) {
    match event {
        Event::Init => accounts.begin_list(),
        Event::InitApply(one) | Event::Apply(one) => {
            let meta = one.metadata;
            let annotations = AccountAnnotations::of(meta.annotations.as_ref(), settings);
            if let (Some(namespace), Some(name)) = (meta.namespace, meta.name) {
                accounts.put(&namespace, &name, &annotations);
            }
        }
        Event::Delete(one) => {
            if let (Some(namespace), Some(name)) = (one.metadata.namespace, one.metadata.name) {
                accounts.remove(&namespace, &name);
            }
        }
        Event::InitDone => {
            accounts.end_list();
            let (all, annotated) = accounts.count();
            tracing::info!("{all} service accounts, {annotated} of them with annotations");
        }
    }
}
