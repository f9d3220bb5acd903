//! The organization itself, its root and its policy types.

use attache_ledger::change::{OrganizationChange, PolicyType};
use attache_ledger::state::Organization;
use serde::Deserialize;
use serde_json::{Value, json};

use super::refusal::{invalid, no_root, refused};
use super::{
    AllowedCaller, Call, Operation, Refusal, ResourceMember, Response, members, page, refusal, show,
};
use crate::ids::lower;
use crate::validation::{Member, Shape, optional, required};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "CreateOrganization",
        members: &[optional("FeatureSet", &Shape::Enum(&["ALL", "CONSOLIDATED_BILLING"]))],
        resources: &[],
        callers: AllowedCaller::Any,
        changes: true,
        run: |call| create(call, &call.read()?),
    },
    Operation {
        name: "DescribeOrganization",
        members: &[],
        resources: &[],
        callers: AllowedCaller::Member,
        changes: false,
        run: |call| {
            let organization = call.organization()?;
            let manages = organization.management == call.caller.account;
            Ok(Response::read_only(json!({"Organization": describe(organization, manages)})))
        },
    },
    Operation {
        name: "DeleteOrganization",
        members: &[],
        resources: &[],
        callers: AllowedCaller::Management,
        changes: true,
        run: delete,
    },
    Operation {
        name: "ListRoots",
        members: &[members::NEXT_TOKEN, members::MAX_RESULTS],
        resources: &[],
        callers: AllowedCaller::Delegate,
        changes: false,
        run: |call| {
            let organization = call.organization()?;
            let root = std::iter::once((organization.root_id.clone(), organization));
            page::page(call, "Roots", root, show::root)
        },
    },
    Operation {
        name: "ListHandshakesForAccount",
        members: NO_INVITATIONS,
        resources: &[],
        callers: AllowedCaller::Any,
        changes: false,
        run: no_handshakes,
    },
    Operation {
        name: "ListHandshakesForOrganization",
        members: NO_INVITATIONS,
        resources: &[],
        callers: AllowedCaller::Delegate,
        changes: false,
        run: no_handshakes,
    },
    Operation {
        name: "DescribeResourcePolicy",
        members: &[],
        resources: &[],
        callers: AllowedCaller::Delegate,
        changes: false,
        run: |_| {
            let message =
                "We can't find a resource policy request with the parameter that you specified.";
            Err(refused("ResourcePolicyNotFoundException", message))
        },
    },
    Operation {
        name: "EnablePolicyType",
        members: &[members::ROOT, required("PolicyType", &members::POLICY_TYPE)],
        resources: &[ResourceMember::Root],
        callers: AllowedCaller::Management,
        changes: true,
        run: |call| set_type(call, &call.read()?, true),
    },
    Operation {
        name: "DisablePolicyType",
        members: &[members::ROOT, required("PolicyType", &members::POLICY_TYPE)],
        resources: &[ResourceMember::Root],
        callers: AllowedCaller::Management,
        changes: true,
        run: |call| set_type(call, &call.read()?, false),
    },
];

const NO_INVITATIONS: &[Member] = &[members::NEXT_TOKEN, members::MAX_RESULTS];

/// Accounts are not invited: members are created, or given when the authority is started.
fn no_handshakes(_: &Call<'_>) -> Result<Response, Refusal> {
    Ok(Response::read_only(json!({"Handshakes": []})))
}

fn describe(organization: &Organization, to_its_manager: bool) -> Value {
    let management = organization.management;
    let email = organization.members.get(&management).map(|member| member.email(management));
    let mut shown = json!({
        "Id": organization.id,
        "Arn": organization.arn(),
        "FeatureSet": "ALL",
        "MasterAccountArn": organization.account_arn(management),
        "MasterAccountId": management,
        "MasterAccountEmail": email,
    });
    if to_its_manager && let Some(members) = shown.as_object_mut() {
        // AWS's documents: this member says nothing of what is enabled; `ListRoots` does.
        let types = json!([{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}]);
        members.insert("AvailablePolicyTypes".to_owned(), types);
    }
    shown
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateOrganization<'a> {
    feature_set: Option<&'a str>,
}

fn create(call: &Call<'_>, input: &CreateOrganization<'_>) -> Result<Response, Refusal> {
    if call.state.organization_of(call.caller.account).is_some() {
        let message = "The provided account is already a member of an organization.";
        return Err(refused("AlreadyInOrganizationException", message));
    }
    if input.feature_set == Some("CONSOLIDATED_BILLING") {
        // Such an organization has no policies, and would differ in nothing else.
        let message = "Only organizations with all features are served here.";
        return Err(invalid("INVALID_ENUM", message));
    }
    let id = format!("o-{}", lower::<10>().map_err(|_| refusal::failure())?);
    let root_id = format!("r-{}", lower::<4>().map_err(|_| refusal::failure())?);
    let new = Organization::new(call.caller.account, id.clone(), root_id.clone(), call.now);
    let shown = json!({"Organization": describe(&new, true)});
    Ok(Response::with_change(shown, OrganizationChange::Created { id, root_id }))
}

fn delete(call: &Call<'_>) -> Result<Response, Refusal> {
    if call.organization()?.members.len() > 1 {
        let message = "To delete an organization you must first remove all member accounts (except the \
             master).";
        return Err(refused("OrganizationNotEmptyException", message));
    }
    Ok(Response::changed(OrganizationChange::Deleted))
}

/// The input of switching a policy type on and off.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PolicyTypeInput<'a> {
    root_id: &'a str,
    policy_type: &'a str,
}

fn set_type(call: &Call<'_>, input: &PolicyTypeInput<'_>, on: bool) -> Result<Response, Refusal> {
    let organization = call.organization()?;
    if input.root_id != organization.root_id {
        return Err(no_root());
    }
    let kind = policy_type(input.policy_type)?;
    let change = match (on, organization.enabled.contains(&kind)) {
        (true, false) => OrganizationChange::PolicyTypeEnabled { kind },
        (false, true) => OrganizationChange::PolicyTypeDisabled { kind },
        (true, true) => {
            let message = "The specified policy type is already enabled.";
            return Err(refused("PolicyTypeAlreadyEnabledException", message));
        }
        (false, false) => return Err(not_enabled()),
    };
    let mut types = organization.enabled.clone();
    if on {
        types.insert(kind)
    } else {
        types.remove(&kind)
    };
    let types: Vec<Value> =
        types.iter().map(|kind| json!({"Type": kind.name(), "Status": "ENABLED"})).collect();
    let mut root = show::root(organization);
    if let Some(members) = root.as_object_mut() {
        members.insert("PolicyTypes".to_owned(), json!(types));
    }
    Ok(Response::with_change(json!({"Root": root}), change))
}

/// The policy type of that name, which must be one that binds requests.
pub(super) fn policy_type(name: &str) -> Result<PolicyType, Refusal> {
    PolicyType::named(name).ok_or_else(|| {
        let message =
            "Only service control policies and resource control policies are served here.";
        refused("PolicyTypeNotAvailableForOrganizationException", message)
    })
}

pub(super) fn not_enabled() -> Refusal {
    let message = "This operation can be performed only for enabled policy types.";
    refused("PolicyTypeNotEnabledException", message)
}
