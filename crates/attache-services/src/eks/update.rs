//! Changing an association: what is given takes the place of what was, an empty text removes it.
//!
//! <https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdatePodIdentityAssociation.html>

use attache_aws_protocol::ServiceError;
use attache_ledger::change::{AssociationSettings, ClusterChange};
use attache_ledger::state::Association;
use serde::Deserialize;
use serde_json::json;

use super::associations::{WorkloadIdentityConfig, association, check, of};
use super::{Call, Operation, ResourceKind, Response, members, show};

pub(super) const OPERATIONS: &[Operation] = &[Operation {
    name: "UpdatePodIdentityAssociation",
    members: &[
        members::CLUSTER,
        members::ASSOCIATION,
        members::NEW_ROLE,
        members::REQUEST_TOKEN,
        members::NO_TAGS,
        members::TARGET_ROLE,
        members::POLICY,
        members::WORKLOAD_IDENTITY_CONFIG,
    ],
    resource_kind: ResourceKind::Association,
    changes: true,
    run: |call| update(call, &call.read()?),
}];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UpdatePodIdentityAssociation<'a> {
    role_arn: Option<&'a str>,
    disable_session_tags: Option<bool>,
    target_role_arn: Option<&'a str>,
    policy: Option<&'a str>,
    #[serde(borrow)]
    workload_identity_config: Option<WorkloadIdentityConfig<'a>>,
}

fn update(
    call: &Call<'_>,
    input: &UpdatePodIdentityAssociation<'_>,
) -> Result<Response, ServiceError> {
    let (cluster, association) = association(call, &call.read()?)?;
    let old = &association.settings;
    let instead = |given: Option<&str>, old: &Option<String>| match given {
        None => old.clone(),
        Some("") => None,
        Some(new) => Some(new.to_owned()),
    };
    let settings = AssociationSettings {
        role: input.role_arn.unwrap_or(&old.role).to_owned(),
        target_role: instead(input.target_role_arn, &old.target_role),
        disable_session_tags: input.disable_session_tags.unwrap_or(old.disable_session_tags),
        policy: instead(input.policy, &old.policy),
        workload_identity: match &input.workload_identity_config {
            Some(new) => Some(new.instead_of(old.workload_identity.as_ref())),
            None => old.workload_identity.clone(),
        },
    };
    check(call, &settings)?;
    let updated =
        Association { settings: settings.clone(), modified: call.now, ..association.clone() };
    let result = json!({"association": show::association(call.account.id, cluster, &updated)});
    let what = ClusterChange::AssociationUpdated { id: association.id.clone(), settings };
    Ok(Response::with_change(result, of(cluster, what)))
}
