//! What is attached where.

use attache_ledger::change::{OrganizationChange, PolicyType};
use attache_ledger::state::{Organization, Place, RCP_FULL_ACCESS};
use serde::Deserialize;
use serde_json::{Value, json};

use super::organization::not_enabled;
use super::policies::{PolicyInput, policy};
use super::refusal::{constraint, invalid, no_target, refused};
use super::{
    AllowedCaller, Call, Operation, Refusal, ResourceMember, Response, limits, members, page, show,
};
use crate::validation::required;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "AttachPolicy",
        members: &[members::POLICY, members::TARGET],
        resources: &[ResourceMember::Policy, ResourceMember::Target],
        callers: AllowedCaller::Management,
        changes: true,
        run: |call| attach(call, &call.read()?),
    },
    Operation {
        name: "DetachPolicy",
        members: &[members::POLICY, members::TARGET],
        resources: &[ResourceMember::Policy, ResourceMember::Target],
        callers: AllowedCaller::Management,
        changes: true,
        run: |call| detach(call, &call.read()?),
    },
    Operation {
        name: "ListPoliciesForTarget",
        members: &[
            members::TARGET,
            required("Filter", &members::POLICY_TYPE),
            members::NEXT_TOKEN,
            members::MAX_RESULTS,
        ],
        resources: &[ResourceMember::Target],
        callers: AllowedCaller::Delegate,
        changes: false,
        run: |call| policies_for_target(call, &call.read()?),
    },
    Operation {
        name: "ListTargetsForPolicy",
        members: &[members::POLICY, members::NEXT_TOKEN, members::MAX_RESULTS],
        resources: &[ResourceMember::Policy],
        callers: AllowedCaller::Delegate,
        changes: false,
        run: |call| {
            let organization = call.organization()?;
            let targets =
                organization.targets(policy(call, call.read::<PolicyInput<'_>>()?.policy_id)?);
            let items = targets.map(|place| (id_of(organization, place), place));
            page::page(call, "Targets", items, |place| show_target(organization, place))
        },
    },
];

/// The input of attaching and detaching.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attachment<'a> {
    policy_id: &'a str,
    target_id: &'a str,
}

fn attach(call: &Call<'_>, input: &Attachment<'_>) -> Result<Response, Refusal> {
    let (organization, policy) = (call.organization()?, policy(call, input.policy_id)?);
    let attached = organization.attached(target(call, input.target_id)?);
    if !organization.enabled.contains(&policy.kind) {
        return Err(not_enabled());
    }
    if attached.has(policy) {
        // AWS's words for this, too, as its users report them.
        let message = "A policy with the specified name and type already exists.";
        return Err(refused("DuplicatePolicyAttachmentException", message));
    }
    if attached.ids(policy.kind).len() >= limits::ATTACHED {
        let message = "You have attached the maximum number of policies to the specified target.";
        return Err(constraint("MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED", message));
    }
    let (policy, target) = (policy.id.clone(), input.target_id.to_owned());
    Ok(Response::changed(OrganizationChange::PolicyAttached { policy, target }))
}

fn detach(call: &Call<'_>, input: &Attachment<'_>) -> Result<Response, Refusal> {
    let (organization, policy) = (call.organization()?, policy(call, input.policy_id)?);
    let attached = organization.attached(target(call, input.target_id)?);
    if policy.id == RCP_FULL_ACCESS {
        let message = "You can't detach this AWS managed policy.";
        return Err(invalid("NON_DETACHABLE_POLICY", message));
    }
    if !attached.has(policy) {
        let message = "The policy isn't attached to the specified target in the specified root.";
        return Err(refused("PolicyNotAttachedException", message));
    }
    if attached.ids(policy.kind).len() == 1 {
        let message = "You cannot remove the last policy attached to the specified target. You \
                       must have at least one attached at all times.";
        return Err(constraint("MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED", message));
    }
    let (policy, target) = (policy.id.clone(), input.target_id.to_owned());
    Ok(Response::changed(OrganizationChange::PolicyDetached { policy, target }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListPoliciesForTarget<'a> {
    target_id: &'a str,
    filter: &'a str,
}

fn policies_for_target(
    call: &Call<'_>,
    input: &ListPoliciesForTarget<'_>,
) -> Result<Response, Refusal> {
    let organization = call.organization()?;
    let attached = organization.attached(target(call, input.target_id)?);
    let kind = PolicyType::named(input.filter);
    let ids = kind.map(|kind| attached.ids(kind)).unwrap_or_default();
    let found = ids.iter().filter_map(|id| organization.policies.get(id));
    let items = found.map(|policy| (policy.id.clone(), policy));
    page::page(call, "Policies", items, |policy| show::summary(organization, policy))
}

/// The place of that id.
fn target<'s>(call: &Call<'s>, id: &str) -> Result<Place<'s>, Refusal> {
    call.organization()?.place(id).ok_or_else(no_target)
}

fn id_of(organization: &Organization, place: Place<'_>) -> String {
    match place {
        Place::Root => organization.root_id.clone(),
        Place::Unit(unit) => unit.id.clone(),
        Place::Account(id, _) => id.to_string(),
    }
}

fn show_target(organization: &Organization, place: Place<'_>) -> Value {
    let (arn, name, kind) = match place {
        Place::Root => (organization.root_arn(), "Root".to_owned(), "ROOT"),
        Place::Unit(unit) => {
            (organization.unit_arn(&unit.id), unit.name.clone(), "ORGANIZATIONAL_UNIT")
        }
        Place::Account(id, member) => (organization.account_arn(id), member.name(id), "ACCOUNT"),
    };
    json!({"TargetId": id_of(organization, place), "Arn": arn, "Name": name, "Type": kind})
}
