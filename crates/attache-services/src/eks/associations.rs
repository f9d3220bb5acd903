//! Pod identity associations: which role the pods of a service account get.
//!
//! <https://docs.aws.amazon.com/eks/latest/APIReference/API_CreatePodIdentityAssociation.html>

use attache_aws_protocol::ServiceError;
use attache_identifiers::RoleArn;
use attache_ledger::change::{
    AssociationSettings, ClusterChange, EksChange, NewAssociation, WorkloadIdentity,
};
use attache_ledger::state::{Association, Cluster};
use attache_policy::{Kind, Policy};
use serde::Deserialize;
use serde_json::json;

use super::{
    Call, Operation, ResourceKind, Response, limits, members, page, refusal, show, tagging,
};
use crate::ids::lower;
use crate::refusal::failure;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "CreatePodIdentityAssociation",
        members: &[
            members::CLUSTER,
            members::NAMESPACE,
            members::SERVICE_ACCOUNT,
            members::ROLE,
            members::REQUEST_TOKEN,
            members::NO_TAGS,
            members::TARGET_ROLE,
            members::POLICY,
            members::WORKLOAD_IDENTITY_CONFIG,
        ],
        resource_kind: ResourceKind::Cluster,
        changes: true,
        run: |call| create(call, &call.read()?),
    },
    Operation {
        name: "DescribePodIdentityAssociation",
        members: &[members::CLUSTER, members::ASSOCIATION],
        resource_kind: ResourceKind::Association,
        changes: false,
        run: |call| {
            let (cluster, association) = association(call, &call.read()?)?;
            Ok(Response::read_only(described(call, cluster, association)))
        },
    },
    Operation {
        name: "ListPodIdentityAssociations",
        members: &[
            members::CLUSTER,
            members::OF_NAMESPACE,
            members::OF_SERVICE_ACCOUNT,
            members::AT_MOST,
            members::AFTER,
        ],
        resource_kind: ResourceKind::Cluster,
        changes: false,
        run: |call| list(call, &call.read()?),
    },
    Operation {
        name: "DeletePodIdentityAssociation",
        members: &[members::CLUSTER, members::ASSOCIATION],
        resource_kind: ResourceKind::Association,
        changes: true,
        run: |call| {
            let (cluster, association) = association(call, &call.read()?)?;
            let what = ClusterChange::AssociationDeleted { id: association.id.clone() };
            Ok(Response::with_change(described(call, cluster, association), of(cluster, what)))
        },
    },
];

/// The input of an operation on one association.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AssociationInput<'a> {
    cluster_name: &'a str,
    association_id: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListPodIdentityAssociations<'a> {
    cluster_name: &'a str,
    namespace: Option<&'a str>,
    service_account: Option<&'a str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreatePodIdentityAssociation<'a> {
    cluster_name: &'a str,
    namespace: &'a str,
    service_account: &'a str,
    role_arn: &'a str,
    client_request_token: Option<&'a str>,
    disable_session_tags: Option<bool>,
    target_role_arn: Option<&'a str>,
    policy: Option<&'a str>,
    #[serde(borrow)]
    workload_identity_config: Option<WorkloadIdentityConfig<'a>>,
}

/// Whether the association also gives the pods an identity by SPIFFE. It is kept, and nothing is given.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WorkloadIdentityConfig<'a> {
    enabled: bool,
    provider_arn: Option<&'a str>,
    template_arn: Option<&'a str>,
}

impl WorkloadIdentityConfig<'_> {
    /// In place of an earlier one, whose ARNs stay where no others are given.
    pub(super) fn instead_of(&self, old: Option<&WorkloadIdentity>) -> WorkloadIdentity {
        let kept =
            |given: Option<&str>, old: Option<&String>| given.map(str::to_owned).or(old.cloned());
        WorkloadIdentity {
            enabled: self.enabled,
            provider_arn: kept(self.provider_arn, old.and_then(|old| old.provider_arn.as_ref())),
            template_arn: kept(self.template_arn, old.and_then(|old| old.template_arn.as_ref())),
        }
    }
}

/// The association that an input names.
pub(super) fn association<'s>(
    call: &Call<'s>,
    input: &AssociationInput<'_>,
) -> Result<(&'s Cluster, &'s Association), ServiceError> {
    let cluster = call.cluster(input.cluster_name)?;
    let id = input.association_id;
    let found = cluster.associations.get(id).map(|association| (cluster, association));
    found.ok_or_else(|| refusal::no_association(id))
}

/// A change of a cluster.
pub(super) fn of(cluster: &Cluster, what: ClusterChange) -> EksChange {
    EksChange { region: cluster.region.clone(), cluster: cluster.name.clone(), what }
}

fn described(call: &Call<'_>, cluster: &Cluster, association: &Association) -> serde_json::Value {
    json!({"association": show::association(call.account.id, cluster, association)})
}

fn list(
    call: &Call<'_>,
    input: &ListPodIdentityAssociations<'_>,
) -> Result<Response, ServiceError> {
    let cluster = call.cluster(input.cluster_name)?;
    let is_selected =
        |given: Option<&str>, value: &str| given.is_none_or(|g| g.is_empty() || g == value);
    let selected = cluster.associations.values().filter(|association| {
        is_selected(input.namespace, &association.namespace)
            && is_selected(input.service_account, &association.service_account)
    });
    let shown = selected.map(|association| {
        (association.id.as_str(), show::summary(call.account.id, cluster, association))
    });
    page::page(call.input, "associations", shown).map(Response::read_only)
}

fn create(
    call: &Call<'_>,
    input: &CreatePodIdentityAssociation<'_>,
) -> Result<Response, ServiceError> {
    let cluster = call.cluster(input.cluster_name)?;
    let (namespace, service_account) = (input.namespace, input.service_account);
    for (member, value) in [("namespace", namespace), ("serviceAccount", service_account)] {
        if value.is_empty() {
            return Err(refusal::parameter(format!("{member} must not be empty.")));
        }
    }
    let settings = AssociationSettings {
        role: input.role_arn.to_owned(),
        target_role: given(input.target_role_arn),
        disable_session_tags: input.disable_session_tags.unwrap_or_default(),
        policy: given(input.policy),
        workload_identity: input.workload_identity_config.as_ref().map(|new| new.instead_of(None)),
    };
    check(call, &settings)?;
    let tags = tagging::read(call.input)?;
    let request_token = given(input.client_request_token);
    if let Some(association) = cluster.association_of(namespace, service_account) {
        let repeated = request_token.is_some() && association.request_token == request_token;
        return match repeated && association.settings == settings {
            true => Ok(Response::read_only(described(call, cluster, association))),
            false => Err(refusal::in_use(&association.id)),
        };
    }
    if cluster.associations.len() >= limits::ASSOCIATIONS {
        return Err(refusal::too_many(limits::ASSOCIATIONS));
    }
    let new = NewAssociation {
        id: format!("a-{}", lower::<17>().map_err(|_| failure())?),
        namespace: namespace.to_owned(),
        service_account: service_account.to_owned(),
        settings,
        tags,
        request_token,
    };
    let result = described(call, cluster, &Association::new(&new, call.now));
    Ok(Response::with_change(result, of(cluster, ClusterChange::AssociationCreated(new))))
}

/// A text that is there and says something.
fn given(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Refuses settings that do not go together, and a role that is not the account's.
pub(super) fn check(call: &Call<'_>, settings: &AssociationSettings) -> Result<(), ServiceError> {
    let read = |arn: &str| {
        RoleArn::parse(arn).map_err(|_| refusal::parameter(format!("Invalid role ARN: {arn}")))
    };
    let role = read(&settings.role)?;
    if role.account() != call.account.id {
        return Err(refusal::cross_account());
    }
    let found = call.account.roles.get(role.name().as_str());
    if found.is_none_or(|found| found.arn != settings.role) {
        return Err(refusal::no_role());
    }
    if let Some(target) = &settings.target_role {
        read(target)?;
    }
    let Some(text) = &settings.policy else { return Ok(()) };
    if !settings.disable_session_tags {
        let message = "A policy can be used only when disableSessionTags is true.";
        return Err(refusal::parameter(message));
    }
    match Policy::parse(text, Kind::Session) {
        Ok(_) => Ok(()),
        Err(invalid) => Err(refusal::parameter(invalid.aws_message())),
    }
}
