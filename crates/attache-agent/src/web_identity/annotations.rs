//! Which role a service account has by its annotation, as the pod identity webhook reads it: followed
//! in the cluster, of the metadata alone.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use attache_identifiers::RoleArn;
use futures_util::StreamExt as _;
use k8s_openapi::api::core::v1::ServiceAccount;
use kube::core::{ObjectMeta, PartialObjectMeta};
use kube::runtime::WatchStreamExt as _;
use kube::runtime::watcher::{Config, Event, watcher};
use kube::{Api, Client};
use tokio_util::sync::CancellationToken;

use super::Association;
use crate::Exchange;

/// The namespace and the name of a service account.
type NamespacedName = (String, String);

/// What stands behind the prefix of the annotation.
/// <https://github.com/aws/amazon-eks-pod-identity-webhook>
const ROLE_ARN: &str = "role-arn";

/// Ours: characters of an annotation that the log repeats.
const SHOWN: usize = 200;

/// The roles of the annotated service accounts.
#[derive(Debug)]
pub struct AnnotatedRoles {
    /// `eks.amazonaws.com/role-arn`.
    annotation: String,
    current: RwLock<Roles>,
}

/// By namespace and name. Service accounts without the annotation are not kept.
type Rows = HashMap<NamespacedName, Arc<Association>>;

#[derive(Debug, Default)]
struct Roles {
    rows: Rows,
    /// Of a list that is not whole yet: until it is, the earlier rows stay.
    next: Option<Rows>,
    synced: bool,
}

impl AnnotatedRoles {
    /// None yet. The prefix is that of the annotation, such as `eks.amazonaws.com`.
    #[must_use]
    pub fn new(prefix: &str) -> Self {
        let annotation = format!("{}/{ROLE_ARN}", prefix.trim_end_matches('/'));
        Self { annotation, current: RwLock::default() }
    }

    /// The annotation.
    #[must_use]
    pub fn annotation(&self) -> &str {
        &self.annotation
    }

    /// The role of a service account.
    pub(super) fn of(&self, namespace: &str, name: &str) -> Option<Arc<Association>> {
        let key = (namespace.to_owned(), name.to_owned());
        self.current.read().unwrap_or_else(PoisonError::into_inner).rows.get(&key).map(Arc::clone)
    }

    /// Whether a whole list was read.
    pub(super) fn is_synced(&self) -> bool {
        self.current.read().unwrap_or_else(PoisonError::into_inner).synced
    }

    /// Follows the service accounts until `stop`, and drops the credentials of those whose annotation
    /// changed. An API server that is away changes nothing: what is known stays.
    pub async fn watch(&self, client: Client, exchange: &Exchange, stop: CancellationToken) {
        let api: Api<PartialObjectMeta<ServiceAccount>> = Api::all(client);
        let events = watcher(api, Config::default()).default_backoff();
        let mut events = std::pin::pin!(events);
        while let Some(Some(event)) = stop.run_until_cancelled(events.next()).await {
            match event {
                Ok(event) => {
                    if self.apply(event) {
                        exchange.drop_changed();
                    }
                }
                Err(error) => tracing::warn!(%error, "the watch of service accounts"),
            }
        }
    }

    /// Whether a row changed.
    fn apply(&self, event: Event<PartialObjectMeta<ServiceAccount>>) -> bool {
        let mut roles = self.current.write().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Init => {
                roles.next = Some(Rows::new());
                false
            }
            Event::InitApply(one) => {
                if let Some((key, Some(row))) = self.row(one.metadata) {
                    roles.next.get_or_insert_default().insert(key, row);
                }
                false
            }
            Event::InitDone => {
                let rows = roles.next.take().unwrap_or_default();
                roles.synced = true;
                let changed = rows != roles.rows;
                roles.rows = rows;
                tracing::info!(annotated = roles.rows.len(), "read the service accounts");
                changed
            }
            Event::Apply(one) => match self.row(one.metadata) {
                Some((key, Some(row))) => roles.rows.insert(key, Arc::clone(&row)) != Some(row),
                Some((key, None)) => roles.rows.remove(&key).is_some(),
                None => false,
            },
            Event::Delete(one) => {
                let key = one.metadata.namespace.zip(one.metadata.name);
                key.is_some_and(|key| roles.rows.remove(&key).is_some())
            }
        }
    }

    /// The row of a service account; none for one without the annotation, or with one that is no role's.
    fn row(&self, meta: ObjectMeta) -> Option<(NamespacedName, Option<Arc<Association>>)> {
        let (namespace, service_account) = (meta.namespace?, meta.name?);
        let annotations: BTreeMap<String, String> = meta.annotations.unwrap_or_default();
        let role = annotations.get(&self.annotation).map(|text| RoleArn::parse(text));
        let role = match role {
            Some(Ok(role)) => role,
            Some(Err(why)) => {
                let why: String = why.to_string().chars().take(SHOWN).collect();
                tracing::warn!(
                    namespace,
                    service_account,
                    annotation = self.annotation,
                    why,
                    "passed over an annotation"
                );
                return Some(((namespace, service_account), None));
            }
            None => return Some(((namespace, service_account), None)),
        };
        let row = Association {
            namespace: namespace.clone(),
            service_account: service_account.clone(),
            role,
            target_role: None,
            external_id: None,
            disable_session_tags: false,
            policy: None,
            cluster_arn: None,
        };
        Some(((namespace, service_account), Some(Arc::new(row))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(name: &str, role: Option<&str>) -> PartialObjectMeta<ServiceAccount> {
        let annotations = role.map(|role| {
            BTreeMap::from([("eks.amazonaws.com/role-arn".to_owned(), role.to_owned())])
        });
        let metadata = ObjectMeta {
            namespace: Some("shop".to_owned()),
            name: Some(name.to_owned()),
            annotations,
            ..ObjectMeta::default()
        };
        PartialObjectMeta { metadata, ..PartialObjectMeta::default() }
    }

    const A: &str = "arn:aws:iam::111111111111:role/A";
    const B: &str = "arn:aws:iam::111111111111:role/B";

    #[test]
    fn the_annotation_names_the_role_and_each_change_is_seen() {
        let roles = AnnotatedRoles::new("eks.amazonaws.com/");
        let of = |name| roles.of("shop", name).map(|row| row.role.to_string());
        roles.apply(Event::Init);
        roles.apply(Event::InitApply(account("web", Some(A))));
        roles.apply(Event::InitApply(account("bare", None)));
        assert!(!roles.is_synced() && of("web").is_none());
        assert!(roles.apply(Event::InitDone) && roles.is_synced());
        assert_eq!((of("web").as_deref(), of("bare")), (Some(A), None));
        assert!(roles.of("other", "web").is_none());
        assert!(!roles.apply(Event::Apply(account("web", Some(A)))), "the same");
        assert!(roles.apply(Event::Apply(account("web", Some(B)))));
        assert_eq!(of("web").as_deref(), Some(B));
        assert!(roles.apply(Event::Apply(account("bare", Some(A)))));
        assert!(roles.apply(Event::Apply(account("bare", Some("CauselyAccess")))), "not a role's");
        assert!(roles.apply(Event::Delete(account("web", Some(B)))));
        assert_eq!((of("web"), of("bare")), (None, None));
    }

    #[test]
    fn a_new_list_takes_effect_when_it_is_whole() {
        let roles = AnnotatedRoles::new("eks.amazonaws.com");
        let of = |name| roles.of("shop", name).is_some();
        for event in [Event::Init, Event::InitApply(account("web", Some(A))), Event::InitDone] {
            roles.apply(event);
        }
        roles.apply(Event::Init);
        assert!(of("web"));
        assert!(roles.apply(Event::InitDone));
        assert!(!of("web"));
    }
}
