//! Managed policies on roles.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachRolePolicy.html>

use serde_json::{Value, json};
use wire::ServiceError;

use super::policies::{policy, well_formed};
use super::roles::role;
use super::{Call, Done, Operation, Resource, limits, members, page};
use crate::change::Change;
use crate::refusal::{limit_exceeded, no_such_entity};
use crate::shape::{Member, Shape, optional, required};

const ROLE: Member = required("RoleName", &members::ROLE_NAME);
const POLICY: Member = required("PolicyArn", &members::ARN);

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "AttachRolePolicy",
        members: &[ROLE, POLICY],
        resource: Resource::Role,
        changes: true,
        run: attach,
    },
    Operation {
        name: "DetachRolePolicy",
        members: &[ROLE, POLICY],
        resource: Resource::Role,
        changes: true,
        run: detach,
    },
    Operation {
        name: "ListAttachedRolePolicies",
        members: &[
            ROLE,
            optional("PathPrefix", &members::POLICY_PATH),
            members::AT_MARKER,
            members::AT_MOST,
        ],
        resource: Resource::Role,
        changes: false,
        run: list,
    },
    Operation {
        name: "ListEntitiesForPolicy",
        members: &[
            POLICY,
            optional(
                "EntityFilter",
                &Shape::OneOf(&["User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"]),
            ),
            optional("PathPrefix", &members::PATH),
            optional(
                "PolicyUsageFilter",
                &Shape::OneOf(&["PermissionsPolicy", "PermissionsBoundary"]),
            ),
            members::AT_MARKER,
            members::AT_MOST,
        ],
        resource: Resource::Policy,
        changes: false,
        run: entities,
    },
    Operation {
        name: "ListInstanceProfilesForRole",
        members: &[ROLE, members::AT_MARKER, members::AT_MOST],
        resource: Resource::Role,
        changes: false,
        run: instance_profiles,
    },
];

/// Attaching what is attached is no error, and no change.
fn attach(call: &Call<'_>) -> Result<Done, ServiceError> {
    let role = role(call)?;
    let arn = call.input.text("PolicyArn");
    well_formed(arn)?;
    if call.state.managed_policy(call.account, arn).is_none() {
        let message = format!("Policy {arn} does not exist or is not attachable.");
        return Err(no_such_entity(message));
    }
    if role.attached.iter().any(|own| own == arn) {
        return Ok(Done::told(Value::Null));
    }
    if role.attached.len() >= limits::ATTACHED {
        return Err(limit_exceeded("PoliciesPerRole", limits::ATTACHED));
    }
    Ok(Done::changed(Change::PolicyAttached { role: role.name.clone(), arn: arn.to_owned() }))
}

fn detach(call: &Call<'_>) -> Result<Done, ServiceError> {
    let role = role(call)?;
    let arn = call.input.text("PolicyArn");
    well_formed(arn)?;
    if !role.attached.iter().any(|own| own == arn) {
        return Err(no_such_entity(format!("Policy {arn} was not found.")));
    }
    Ok(Done::changed(Change::PolicyDetached { role: role.name.clone(), arn: arn.to_owned() }))
}

fn list(call: &Call<'_>) -> Result<Done, ServiceError> {
    let prefix = call.input.optional("PathPrefix").unwrap_or("/");
    let found = role(call)?
        .attached
        .iter()
        .filter_map(|arn| call.state.managed_policy(call.account, arn))
        .filter(|policy| policy.path.starts_with(prefix));
    let mut attached: Vec<_> = found.collect();
    attached.sort_by(|a, b| a.arn.cmp(&b.arn));
    let items = attached.iter().map(|policy| {
        (policy.arn.as_str(), json!({"PolicyName": policy.name, "PolicyArn": policy.arn}))
    });
    Ok(Done::told(Value::Object(page::page(call.input, "AttachedPolicies", items)?)))
}

fn entities(call: &Call<'_>) -> Result<Done, ServiceError> {
    let input = call.input;
    let arn = policy(call)?.arn.as_str();
    let wanted = input.optional("EntityFilter").is_none_or(|filter| filter == "Role");
    let prefix = input.optional("PathPrefix").unwrap_or("/");
    let usage = input.optional("PolicyUsageFilter");
    let roles = call.account.roles.values().filter(|role| {
        let attached = role.attached.iter().any(|own| own == arn);
        let bounded = role.boundary.as_deref() == Some(arn);
        let used = match usage {
            Some("PermissionsPolicy") => attached,
            Some(_) => bounded,
            None => attached || bounded,
        };
        wanted && used && role.path.starts_with(prefix)
    });
    let items = roles.map(|r| (r.name.as_str(), json!({"RoleName": r.name, "RoleId": r.id})));
    let mut shown = page::page(input, "PolicyRoles", items)?;
    shown.insert("PolicyGroups".to_owned(), json!([]));
    shown.insert("PolicyUsers".to_owned(), json!([]));
    Ok(Done::told(Value::Object(shown)))
}

/// No role here is in an instance profile: those cannot be made. Clients ask before they delete.
fn instance_profiles(call: &Call<'_>) -> Result<Done, ServiceError> {
    role(call)?;
    let none = page::page(call.input, "InstanceProfiles", std::iter::empty())?;
    Ok(Done::told(Value::Object(none)))
}
