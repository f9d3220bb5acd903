//! Follows the ConfigMap of mapped roles.

use attache_admission::MappedRoles;
use futures_util::StreamExt as _;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::runtime::WatchStreamExt as _;
use kube::runtime::watcher::{Config, Event, watcher};
use kube::{Api, Client};
use tokio_util::sync::CancellationToken;

use crate::shared::Shared;

/// The original's name of it.
const NAME: &str = "pod-identity-webhook";
/// Its one key.
const KEY: &str = "config";

/// Follows it until `stop`. One that cannot be read changes nothing.
pub(crate) async fn watch_mapped_roles(
    client: Client,
    namespace: &str,
    mapped: &Shared<MappedRoles>,
    stop: &CancellationToken,
) {
    let api: Api<ConfigMap> = Api::namespaced(client, namespace);
    // By its name: RBAC can allow no more than this one.
    let config = Config::default().fields(&format!("metadata.name={NAME}"));
    let events = watcher(api, config).default_backoff();
    let mut events = std::pin::pin!(events);
    let mut seen = false;
    loop {
        let event = tokio::select! {
            () = stop.cancelled() => return,
            event = events.next() => event,
        };
        match event {
            Some(Ok(Event::Init)) => seen = false,
            Some(Ok(Event::InitApply(one) | Event::Apply(one))) => {
                seen = true;
                let config = one.data.as_ref().and_then(|data| data.get(KEY));
                match MappedRoles::read(config.map(String::as_str)) {
                    Ok(roles) => {
                        tracing::info!("the ConfigMap {NAME} has {} roles", roles.len());
                        mapped.set(roles);
                    }
                    Err(error) => tracing::error!("{error}; its roles stay as they were"),
                }
            }
            Some(Ok(Event::InitDone)) if seen => {}
            Some(Ok(Event::InitDone | Event::Delete(_))) => mapped.set(MappedRoles::default()),
            Some(Err(error)) => tracing::warn!("the watch of the ConfigMap {NAME}: {error}"),
            None => return,
        }
    }
}
