//! Managed policies on roles, users and groups.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachRolePolicy.html>

use attache_aws_protocol::ServiceError;
use attache_ledger::change::OwnPolicyChange;
use attache_ledger::state::OwnPolicies;
use serde::Deserialize;
use serde_json::{Value, json};

use super::inputs::{PathPrefixInput, PolicyInput};
use super::owner::Kind;
use super::policies::{policy, well_formed};
use super::{Call, Operation, Resource, Response, members, page, service_linked};
use crate::refusal::no_such_entity;
use crate::validation::{Member, Shape, optional, required};

const ROLE: Member = required("RoleName", &members::ROLE_NAME);
const USER: Member = required("UserName", &members::NAME);
const GROUP: Member = required("GroupName", &members::NAME);
const POLICY: Member = required("PolicyArn", &members::ARN);
const PREFIX: Member = optional("PathPrefix", &members::POLICY_PATH);
const AT: Member = members::AT_MARKER;
const MOST: Member = members::AT_MOST;

pub(super) const OPERATIONS: &[Operation] = &[
    on("AttachRolePolicy", &[ROLE, POLICY], Resource::Role, |call| attach(call, Kind::Role)),
    on("AttachUserPolicy", &[USER, POLICY], Resource::User, |call| attach(call, Kind::User)),
    on("AttachGroupPolicy", &[GROUP, POLICY], Resource::Group, |call| attach(call, Kind::Group)),
    on("DetachRolePolicy", &[ROLE, POLICY], Resource::Role, |call| detach(call, Kind::Role)),
    on("DetachUserPolicy", &[USER, POLICY], Resource::User, |call| detach(call, Kind::User)),
    on("DetachGroupPolicy", &[GROUP, POLICY], Resource::Group, |call| detach(call, Kind::Group)),
    Operation {
        name: "ListAttachedRolePolicies",
        members: &[ROLE, PREFIX, AT, MOST],
        resource: Resource::Role,
        changes: false,
        run: |call| list(call, Kind::Role),
    },
    Operation {
        name: "ListAttachedUserPolicies",
        members: &[USER, PREFIX, AT, MOST],
        resource: Resource::User,
        changes: false,
        run: |call| list(call, Kind::User),
    },
    Operation {
        name: "ListAttachedGroupPolicies",
        members: &[GROUP, PREFIX, AT, MOST],
        resource: Resource::Group,
        changes: false,
        run: |call| list(call, Kind::Group),
    },
    Operation {
        name: "ListEntitiesForPolicy",
        members: &[
            POLICY,
            optional(
                "EntityFilter",
                &Shape::Enum(&["User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"]),
            ),
            optional("PathPrefix", &members::PATH),
            optional(
                "PolicyUsageFilter",
                &Shape::Enum(&["PermissionsPolicy", "PermissionsBoundary"]),
            ),
            AT,
            MOST,
        ],
        resource: Resource::Policy,
        changes: false,
        run: |call| entities(call, &call.read()?),
    },
];

const fn on(
    name: &'static str,
    members: &'static [Member],
    resource: Resource,
    run: fn(&Call<'_>) -> Result<Response, ServiceError>,
) -> Operation {
    Operation { name, members, resource, changes: true, run }
}

/// Attaching what is attached is no error, and no change.
fn attach(call: &Call<'_>, to: Kind) -> Result<Response, ServiceError> {
    let owner = to.to_change(call)?;
    let arn = call.read::<PolicyInput<'_>>()?.policy_arn;
    well_formed(arn)?;
    let Some(policy) = call.state.managed_policy_named(call.account, arn) else {
        let message = format!("Policy {arn} does not exist or is not attachable.");
        return Err(no_such_entity(message));
    };
    if matches!(to, Kind::Role) && policy.path == service_linked::PATH {
        let message = "Cannot attach a Service Role Policy to a Customer Role.";
        return Err(ServiceError::new(400, "PolicyNotAttachable", message));
    }
    if owner.policies.has(&policy.arn) {
        return Ok(Response::read_only(Value::Null));
    }
    call.check_quota(to.attached_quota(), owner.policies.attached.len())?;
    Ok(Response::changed(owner.change(OwnPolicyChange::Attached { arn: policy.arn.clone() })))
}

fn detach(call: &Call<'_>, from: Kind) -> Result<Response, ServiceError> {
    let owner = from.to_change(call)?;
    let arn = call.read::<PolicyInput<'_>>()?.policy_arn;
    well_formed(arn)?;
    let mut attached = owner.policies.attached.iter();
    match attached.find(|found| found.eq_ignore_ascii_case(arn)) {
        Some(arn) => {
            Ok(Response::changed(owner.change(OwnPolicyChange::Detached { arn: arn.clone() })))
        }
        None => Err(no_such_entity(format!("Policy {arn} was not found."))),
    }
}

fn list(call: &Call<'_>, of: Kind) -> Result<Response, ServiceError> {
    let prefix = call.read::<PathPrefixInput<'_>>()?.prefix();
    let owner = of.of(call)?;
    let found = owner.policies.attached.iter();
    let found = found.filter_map(|arn| call.state.managed_policy(call.account, arn));
    let mut attached: Vec<_> = found.filter(|policy| policy.path.starts_with(prefix)).collect();
    attached.sort_by(|a, b| a.arn.cmp(&b.arn));
    let items = attached.into_iter().map(|policy| (&policy.arn, policy));
    let shown = page::page(
        call.input,
        "AttachedPolicies",
        items,
        |policy| json!({"PolicyName": policy.name, "PolicyArn": policy.arn}),
    );
    Ok(Response::read_only(Value::Object(shown?)))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListEntitiesForPolicy<'a> {
    entity_filter: Option<&'a str>,
    path_prefix: Option<&'a str>,
    policy_usage_filter: Option<&'a str>,
}

/// One list in pages for the three kinds: each item's key begins with its kind's name.
fn entities(call: &Call<'_>, input: &ListEntitiesForPolicy<'_>) -> Result<Response, ServiceError> {
    let account = call.account;
    let arn = policy(call)?.arn.as_str();
    let is_selected = |kind: &str| input.entity_filter.is_none_or(|filter| filter == kind);
    let prefix = input.path_prefix.unwrap_or("/");
    let usage = input.policy_usage_filter;
    let uses = |policies: &OwnPolicies, boundary: Option<&str>| match usage {
        Some("PermissionsPolicy") => policies.has(arn),
        Some(_) => boundary == Some(arn),
        None => policies.has(arn) || boundary == Some(arn),
    };
    let groups = account.groups.values().filter(|entity| {
        is_selected("Group") && entity.path.starts_with(prefix) && uses(&entity.policies, None)
    });
    let roles = account.roles.values().filter(|entity| {
        let used = uses(&entity.policies, entity.boundary.as_deref());
        is_selected("Role") && entity.path.starts_with(prefix) && used
    });
    let users = account.users.values().filter(|entity| {
        let used = uses(&entity.policies, entity.boundary.as_deref());
        is_selected("User") && entity.path.starts_with(prefix) && used
    });
    let item = |kind: &str, name: &str, id: &str| {
        let id_of = format!("{kind}Id");
        json!({format!("{kind}Name"): name, id_of: id})
    };
    let groups = groups
        .map(|entity| (format!("group/{}", entity.name), ("Group", &entity.name, &entity.id)));
    let roles =
        roles.map(|entity| (format!("role/{}", entity.name), ("Role", &entity.name, &entity.id)));
    let users =
        users.map(|entity| (format!("user/{}", entity.name), ("User", &entity.name, &entity.id)));
    let list = |key: &str| match key.split_once('/') {
        Some(("group", _)) => "PolicyGroups",
        Some(("role", _)) => "PolicyRoles",
        _ => "PolicyUsers",
    };
    let all = groups.chain(roles).chain(users);
    let shown = page::several_lists(call.input, all, list, |(kind, name, id)| item(kind, name, id));
    let mut shown = shown?;
    for list in ["PolicyGroups", "PolicyRoles", "PolicyUsers"] {
        shown.entry(list).or_insert_with(|| json!([]));
    }
    Ok(Response::read_only(Value::Object(shown)))
}
