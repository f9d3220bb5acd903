//! Clusters and associations in the shape of EKS's answers.

use attache_identifiers::AccountId;
use attache_ledger::state::{Association, Cluster};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{association_arn, cluster_arn};

/// Seconds since 1970, as restJson writes times.
pub(super) fn time(at: OffsetDateTime) -> Value {
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
pub(super) fn summary(account: AccountId, cluster: &Cluster, association: &Association) -> Value {
    json!({
        "clusterName": cluster.name,
        "namespace": association.namespace,
        "serviceAccount": association.service_account,
        "associationArn": association_arn(account, &cluster.region, &cluster.name, &association.id),
        "associationId": association.id,
    })
}

/// The whole association.
pub(super) fn association(
    account: AccountId,
    cluster: &Cluster,
    association: &Association,
) -> Value {
    let mut shown = summary(account, cluster, association);
    let Some(members) = shown.as_object_mut() else { return shown };
    let target = association.settings.target_role.as_ref();
    let external = target.map(|_| external_id(account, cluster, association));
    for (name, value) in [
        ("roleArn", json!(association.settings.role)),
        ("tags", json!(association.tags)),
        ("createdAt", time(association.created)),
        ("modifiedAt", time(association.modified)),
        ("disableSessionTags", json!(association.settings.disable_session_tags)),
        ("targetRoleArn", json!(target)),
        ("externalId", json!(external)),
        ("policy", json!(association.settings.policy)),
        ("workloadIdentityConfig", workload_identity(association)),
    ] {
        if !value.is_null() {
            members.insert(name.to_owned(), value);
        }
    }
    shown
}

/// As it was given, null where it was not.
fn workload_identity(association: &Association) -> Value {
    let Some(config) = &association.settings.workload_identity else { return Value::Null };
    let mut shown = json!({"enabled": config.enabled});
    let Some(members) = shown.as_object_mut() else { return shown };
    for (name, arn) in
        [("providerArn", &config.provider_arn), ("templateArn", &config.template_arn)]
    {
        if let Some(arn) = arn {
            members.insert(name.to_owned(), json!(arn));
        }
    }
    shown
}

/// What the target role's trust policy is to ask for: `region/account/cluster/namespace/account`.
pub(crate) fn external_id(
    account: AccountId,
    cluster: &Cluster,
    association: &Association,
) -> String {
    let Cluster { region, name, .. } = cluster;
    format!("{region}/{account}/{name}/{}/{}", association.namespace, association.service_account)
}
