//! Inline policies of roles.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html>

use policy::Kind;
use serde_json::{Value, json};
use wire::ServiceError;

use super::roles::role;
use super::{Call, Done, Operation, Resource, documents, limits, members, page};
use crate::change::Change;
use crate::refusal::{limit_exceeded, no_such_entity};
use crate::shape::{Member, required};

const ROLE: Member = required("RoleName", &members::ROLE_NAME);
const NAME: Member = required("PolicyName", &members::POLICY_NAME);

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "PutRolePolicy",
        members: &[ROLE, NAME, required("PolicyDocument", &members::DOCUMENT)],
        resource: Resource::Role,
        changes: true,
        run: put,
    },
    Operation {
        name: "GetRolePolicy",
        members: &[ROLE, NAME],
        resource: Resource::Role,
        changes: false,
        run: get,
    },
    Operation {
        name: "ListRolePolicies",
        members: &[ROLE, members::AT_MARKER, members::AT_MOST],
        resource: Resource::Role,
        changes: false,
        run: list,
    },
    Operation {
        name: "DeleteRolePolicy",
        members: &[ROLE, NAME],
        resource: Resource::Role,
        changes: true,
        run: delete,
    },
];

fn put(call: &Call<'_>) -> Result<Done, ServiceError> {
    let role = role(call)?;
    let name = call.input.text("PolicyName");
    let document = call.input.text("PolicyDocument");
    documents::read(document, Kind::Identity)?;
    let others = role.inline.iter().filter(|(own, _)| *own != name);
    let taken: usize = others.map(|(_, policy)| documents::size(policy.text())).sum();
    if taken + documents::size(document) > limits::INLINE_POLICIES {
        let message = format!(
            "Maximum policy size of {} bytes exceeded for role {}",
            limits::INLINE_POLICIES,
            role.name
        );
        let code = limit_exceeded("", 0).code;
        return Err(ServiceError::new(409, code, message));
    }
    Ok(Done::changed(Change::InlinePolicySet {
        role: role.name.clone(),
        name: name.to_owned(),
        document: document.to_owned(),
    }))
}

fn get(call: &Call<'_>) -> Result<Done, ServiceError> {
    let role = role(call)?;
    let name = call.input.text("PolicyName");
    let policy = role.inline.get(name).ok_or_else(|| missing(name))?;
    Ok(Done::told(json!({
        "RoleName": role.name,
        "PolicyName": name,
        "PolicyDocument": documents::shown(policy),
    })))
}

fn list(call: &Call<'_>) -> Result<Done, ServiceError> {
    let names = role(call)?.inline.keys().map(|name| (name.as_str(), json!(name)));
    Ok(Done::told(Value::Object(page::page(call.input, "PolicyNames", names)?)))
}

fn delete(call: &Call<'_>) -> Result<Done, ServiceError> {
    let role = role(call)?;
    let name = call.input.text("PolicyName");
    if !role.inline.contains_key(name) {
        return Err(missing(name));
    }
    let (role, name) = (role.name.clone(), name.to_owned());
    Ok(Done::changed(Change::InlinePolicyDeleted { role, name }))
}

fn missing(name: &str) -> ServiceError {
    no_such_entity(format!("The role policy with name {name} cannot be found."))
}
