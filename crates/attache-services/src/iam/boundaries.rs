//! Permissions boundaries of roles.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html>

use attache_aws_protocol::ServiceError;
use attache_ledger::change::Change;
use serde::Deserialize;

use super::policies::well_formed;
use super::roles::modifiable_role;
use super::{Call, Operation, Resource, Response, members};
use crate::refusal::no_such_entity;
use crate::validation::required;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "PutRolePermissionsBoundary",
        members: &[
            required("RoleName", &members::ROLE_NAME),
            required("PermissionsBoundary", &members::ARN),
        ],
        resource: Resource::Role,
        changes: true,
        run: put,
    },
    Operation {
        name: "DeleteRolePermissionsBoundary",
        members: &[required("RoleName", &members::ROLE_NAME)],
        resource: Resource::Role,
        changes: true,
        run: delete,
    },
];

/// The input of setting a boundary.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct BoundaryInput<'a> {
    pub(super) permissions_boundary: &'a str,
}

fn put(call: &Call<'_>) -> Result<Response, ServiceError> {
    let role = modifiable_role(call)?.name.clone();
    let arn = call.read::<BoundaryInput<'_>>()?.permissions_boundary;
    let arn = attachable(call, arn)?;
    Ok(Response::changed(Change::BoundarySet { role, arn }))
}

fn delete(call: &Call<'_>) -> Result<Response, ServiceError> {
    let role = modifiable_role(call)?;
    if role.boundary.is_none() {
        let message = format!("Role {} does not have a permissions boundary.", role.name);
        return Err(no_such_entity(message));
    }
    Ok(Response::changed(Change::BoundaryRemoved { role: role.name.clone() }))
}

/// The ARN of a boundary, which must be a managed policy of AWS's or the account's.
pub(super) fn attachable(call: &Call<'_>, arn: &str) -> Result<String, ServiceError> {
    well_formed(arn)?;
    match call.state.managed_policy_named(call.account, arn) {
        Some(policy) => Ok(policy.arn.clone()),
        None => Err(no_such_entity(format!("Policy {arn} does not exist or is not attachable."))),
    }
}
