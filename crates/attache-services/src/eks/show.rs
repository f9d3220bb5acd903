//! Clusters and associations in the shape of EKS's answers.

use attache_identifiers::AccountId;
use attache_ledger::state::{Association, Cluster};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{association_arn, cluster_arn};

/// Seconds since 1970, as restJson writes times.
fn time(at: OffsetDateTime) -> Value {
    json!(at.unix_timestamp())
}

pub(super) fn cluster(account: AccountId, cluster: &Cluster) -> Value {
    json!({
        "name": cluster.name,
        "arn": cluster_arn(account, &cluster.region, &cluster.name),
        "createdAt": time(cluster.created),
        "identity": {"oidc": {"issuer": cluster.issuer}},
        "status": "ACTIVE",
        "tags": {},
    })
}

/// A line of a list.
pub(super) fn summary(account: AccountId, cluster: &Cluster, own: &Association) -> Value {
    json!({
        "clusterName": cluster.name,
        "namespace": own.namespace,
        "serviceAccount": own.service_account,
        "associationArn": association_arn(account, &cluster.region, &cluster.name, &own.id),
        "associationId": own.id,
    })
}

/// The whole association.
pub(super) fn association(account: AccountId, cluster: &Cluster, own: &Association) -> Value {
    let mut shown = summary(account, cluster, own);
    let Some(members) = shown.as_object_mut() else { return shown };
    let target = own.settings.target_role.as_ref();
    let external = target.map(|_| external_id(account, cluster, own));
    for (name, value) in [
        ("roleArn", json!(own.settings.role)),
        ("tags", json!(own.tags)),
        ("createdAt", time(own.created)),
        ("modifiedAt", time(own.modified)),
        ("disableSessionTags", json!(own.settings.disable_session_tags)),
        ("targetRoleArn", json!(target)),
        ("externalId", json!(external)),
        ("policy", json!(own.settings.policy)),
    ] {
        if !value.is_null() {
            members.insert(name.to_owned(), value);
        }
    }
    shown
}

/// What the target role's trust policy is to ask for: `region/account/cluster/namespace/account`.
pub(crate) fn external_id(account: AccountId, cluster: &Cluster, own: &Association) -> String {
    let Cluster { region, name, .. } = cluster;
    format!("{region}/{account}/{name}/{}/{}", own.namespace, own.service_account)
}
