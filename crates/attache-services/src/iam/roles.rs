//! Roles: create, get, list, delete.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>

use attache_aws_protocol::ServiceError;
use attache_identifiers::Arn;
use attache_ledger::change::{Change, NewRole};
use attache_ledger::state::{OwnPolicies, Role};
use attache_ledger::{PARTITION, Tag, TagKeys, Tags};
use serde::Deserialize;
use serde_json::{Value, json};

use super::inputs::{PathPrefixInput, RoleInput};
use super::owner::Kind;
use super::{
    Call, Operation, Resource, Response, identity_names, members, page, policy_documents,
    service_linked, show, tagging,
};
use crate::ids::{Prefix, unique};
use crate::refusal::{delete_conflict, failure, no_such_entity};
use crate::validation::{optional, required};

/// AWS's: a role's longest session in seconds, when its creator does not say.
pub(super) const DEFAULT_MAX_SESSION: i64 = 3600;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "CreateRole",
        members: &[
            optional("Path", &members::PATH),
            required("RoleName", &members::ROLE_NAME),
            required("AssumeRolePolicyDocument", &members::DOCUMENT),
            optional("Description", &members::DESCRIPTION),
            optional("MaxSessionDuration", &members::MAX_SESSION),
            optional("PermissionsBoundary", &members::ARN),
            optional("Tags", &members::TAGS),
        ],
        resource: Resource::Role,
        changes: true,
        run: |call| create(call, call.read()?),
    },
    Operation {
        name: "GetRole",
        members: &[required("RoleName", &members::ROLE_NAME)],
        resource: Resource::Role,
        changes: false,
        run: |call| Ok(Response::read_only(json!({"Role": show::whole_role(call, role(call)?)}))),
    },
    Operation {
        name: "ListRoles",
        members: &[
            optional("PathPrefix", &members::PATH_PREFIX),
            members::AT_MARKER,
            members::AT_MOST,
        ],
        resource: Resource::Listed(Arn::role),
        changes: false,
        run: list,
    },
    Operation {
        name: "DeleteRole",
        members: &[required("RoleName", &members::ROLE_NAME)],
        resource: Resource::Role,
        changes: true,
        run: delete,
    },
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateRole<'a> {
    path: Option<&'a str>,
    role_name: &'a str,
    assume_role_policy_document: &'a str,
    description: Option<String>,
    max_session_duration: Option<i64>,
    permissions_boundary: Option<&'a str>,
    #[serde(default)]
    tags: Vec<Tag>,
}

fn create(call: &Call<'_>, input: CreateRole<'_>) -> Result<Response, ServiceError> {
    let account = call.account;
    let (name, path) = (input.role_name, input.path.unwrap_or("/"));
    identity_names::free(account.role_named(name).is_some(), name, "Role")?;
    service_linked::refuse_path(path)?;
    call.check_quota("RolesPerAccount", account.roles.len())?;
    let document = input.assume_role_policy_document;
    policy_documents::within(document, "ACLSizePerRole", call.quotas.get("ACLSizePerRole"))?;
    let trust = policy_documents::read_trust(document, call.state)?;
    let boundary = input.permissions_boundary;
    let boundary = boundary.map(|arn| super::boundaries::attachable(call, arn)).transpose()?;
    let tags = tagging::checked(input.tags, TagKeys::AnyCase)?;
    let new = NewRole {
        name: name.to_owned(),
        path: path.to_owned(),
        id: unique(Prefix::Role).map_err(|_| failure())?,
        document: document.to_owned(),
        description: input.description,
        max_session: input.max_session_duration.unwrap_or(DEFAULT_MAX_SESSION),
        boundary,
        tags,
        attached: Vec::new(),
    };
    let role = Role {
        name: new.name.clone(),
        path: new.path.clone(),
        id: new.id.clone(),
        arn: Arn::role(PARTITION, account.id, &new.path, &new.name).to_string(),
        created: call.now,
        description: new.description.clone(),
        max_session: new.max_session,
        trust,
        policies: OwnPolicies::default(),
        boundary: new.boundary.clone(),
        tags: Tags::from(new.tags.clone()),
    };
    let mut shown = show::role(&role);
    // CreateRole repeats neither the description nor the longest session.
    shown.remove("Description");
    shown.remove("MaxSessionDuration");
    shown.insert("PermissionsBoundary".to_owned(), show::boundary(role.boundary.as_deref()));
    shown.insert("Tags".to_owned(), show::tags(&role.tags));
    Ok(Response::with_change(json!({"Role": shown}), Change::RoleCreated(new)))
}

fn list(call: &Call<'_>) -> Result<Response, ServiceError> {
    let prefix = call.read::<PathPrefixInput<'_>>()?.prefix();
    let roles = call.account.roles.values().filter(|role| role.path.starts_with(prefix));
    let items = roles.map(|role| (&role.name, role));
    let shown = page::page(call.input, "Roles", items, |role| Value::Object(show::role(role)));
    Ok(Response::read_only(Value::Object(shown?)))
}

fn delete(call: &Call<'_>) -> Result<Response, ServiceError> {
    let role = modifiable_role(call)?;
    if call.account.profiles.values().any(|found| found.role.as_ref() == Some(&role.name)) {
        let message = "Cannot delete entity, must remove roles from instance profile first.";
        return Err(delete_conflict(message));
    }
    Kind::Role.of(call)?.without_policies()?;
    Ok(Response::changed(Change::RoleDeleted { role: role.name.clone(), task: None }))
}

/// The role that a call names.
pub(super) fn role<'s>(call: &Call<'s>) -> Result<&'s Role, ServiceError> {
    let name = call.read::<RoleInput<'_>>()?.role_name;
    let found = call.account.role_named(name);
    found.ok_or_else(|| no_such_entity(format!("The role with name {name} cannot be found.")))
}

/// The role that a call names, which must not be a service's own to be changed. Such roles are not
/// bound by service control policies, so whoever could change one would have a way around them.
pub(super) fn modifiable_role<'s>(call: &Call<'s>) -> Result<&'s Role, ServiceError> {
    let role = role(call)?;
    if service_linked::is_path(&role.path) {
        let message = format!(
            "Cannot perform the operation on the protected role '{}' - this role is only modifiable by AWS",
            role.name
        );
        return Err(unmodifiable(message));
    }
    Ok(role)
}

/// The refusal of a change that a service's own role cannot have.
pub(super) fn unmodifiable(message: String) -> ServiceError {
    ServiceError::new(400, "UnmodifiableEntity", message)
}
