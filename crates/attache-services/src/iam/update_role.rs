//! Roles: what can be changed once they exist.

use attache_aws_protocol::ServiceError;
use attache_ledger::change::Change;
use serde::Deserialize;
use serde_json::json;

use super::roles::{modifiable_role, role, unmodifiable};
use super::{Call, Operation, Resource, Response, members, policy_documents, service_linked, show};
use crate::validation::{optional, required};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "UpdateAssumeRolePolicy",
        members: &[
            required("RoleName", &members::ROLE_NAME),
            required("PolicyDocument", &members::DOCUMENT),
        ],
        resource: Resource::Role,
        changes: true,
        run: |call| update_trust(call, &call.read()?),
    },
    Operation {
        name: "UpdateRole",
        members: &[
            required("RoleName", &members::ROLE_NAME),
            optional("Description", &members::DESCRIPTION),
            optional("MaxSessionDuration", &members::MAX_SESSION),
        ],
        resource: Resource::Role,
        changes: true,
        run: |call| update(call, call.read()?),
    },
    Operation {
        name: "UpdateRoleDescription",
        members: &[
            required("RoleName", &members::ROLE_NAME),
            required("Description", &members::DESCRIPTION),
        ],
        resource: Resource::Role,
        changes: true,
        run: |call| update_description(call, call.read()?),
    },
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UpdateAssumeRolePolicy<'a> {
    policy_document: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UpdateRole {
    description: Option<String>,
    max_session_duration: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UpdateRoleDescription {
    description: String,
}

fn update_trust(
    call: &Call<'_>,
    input: &UpdateAssumeRolePolicy<'_>,
) -> Result<Response, ServiceError> {
    let role = modifiable_role(call)?.name.clone();
    let document = input.policy_document;
    policy_documents::within(document, "ACLSizePerRole", call.quotas.get("ACLSizePerRole"))?;
    policy_documents::read_trust(document, call.state)?;
    Ok(Response::changed(Change::TrustSet { role, document: document.to_owned() }))
}

/// Of a service's own role the description can be changed, and nothing else.
fn update(call: &Call<'_>, input: UpdateRole) -> Result<Response, ServiceError> {
    let longest = input.max_session_duration;
    let role = role(call)?;
    if longest.is_some() && service_linked::is_path(&role.path) {
        let message = format!(
            "{} is an AWS service linked role, max session duration cannot be changed.",
            role.name
        );
        return Err(unmodifiable(message));
    }
    let change = Change::RoleUpdated {
        role: role.name.clone(),
        description: input.description,
        max_session: longest,
    };
    // An empty result, which has an element of its own.
    Ok(Response::with_change(json!({}), change))
}

fn update_description(
    call: &Call<'_>,
    input: UpdateRoleDescription,
) -> Result<Response, ServiceError> {
    let role = role(call)?;
    let UpdateRoleDescription { description } = input;
    let mut shown = show::role(role);
    shown.remove("MaxSessionDuration");
    shown.insert("Description".to_owned(), json!(description));
    let change = Change::RoleUpdated {
        role: role.name.clone(),
        description: Some(description),
        max_session: None,
    };
    Ok(Response::with_change(json!({"Role": shown}), change))
}
