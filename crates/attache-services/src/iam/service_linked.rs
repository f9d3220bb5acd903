//! Service-linked roles: a service's own roles in an account.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceLinkedRole.html>

use attache_aws_protocol::ServiceError;
use attache_identifiers::Arn;
use attache_ledger::change::{Change, NewRole};
use attache_ledger::state::Account;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::service_linked_roles::ServiceRole;
use super::{Call, Operation, Resource, Response, members, policy_documents, roles, show};
use crate::ids::{Prefix, unique};
use crate::refusal::{failure, invalid_input, no_such_entity};
use crate::validation::{Member, Pattern, Shape, optional, required};

/// The path of these roles, which other roles cannot have.
pub(super) const PATH: &str = "/aws-service-role/";

const SERVICE: Member = required("AWSServiceName", &members::NAME);
const SUFFIX: Shape = Shape::Text { min: 1, max: 64, pattern: Pattern::Name };
const TASK: Shape = Shape::Text { min: 1, max: 1000, pattern: Pattern::Any };

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "CreateServiceLinkedRole",
        members: &[
            SERVICE,
            optional("Description", &members::DESCRIPTION),
            optional("CustomSuffix", &SUFFIX),
        ],
        resource: Resource::ServiceRole,
        changes: true,
        run: |call| create(call, call.read()?),
    },
    Operation {
        name: "DeleteServiceLinkedRole",
        members: &[required("RoleName", &members::ROLE_NAME)],
        resource: Resource::Role,
        changes: true,
        run: delete,
    },
    Operation {
        name: "GetServiceLinkedRoleDeletionStatus",
        members: &[required("DeletionTaskId", &TASK)],
        resource: Resource::DeletionTask,
        changes: false,
        run: status,
    },
];

/// Whether a role of that path is a service's own.
pub(super) fn is_path(path: &str) -> bool {
    path.starts_with(PATH)
}

/// Refuses the path of these roles to all others.
pub(super) fn refuse_path(path: &str) -> Result<(), ServiceError> {
    if is_path(path) {
        let message = format!("Path prefix '{PATH}' can only be used for AWS Service linked Roles");
        return Err(invalid_input(message));
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateServiceLinkedRole<'a> {
    #[serde(rename = "AWSServiceName")]
    service: &'a str,
    description: Option<String>,
    custom_suffix: Option<&'a str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TaskInput<'a> {
    deletion_task_id: &'a str,
}

fn create(call: &Call<'_>, input: CreateServiceLinkedRole<'_>) -> Result<Response, ServiceError> {
    let service = input.service;
    let Some(role) = ServiceRole::of(service) else {
        let message = format!("Service-linked roles cannot be created for {service} here.");
        return Err(invalid_input(message));
    };
    let base = role.name;
    let suffix = input.custom_suffix;
    if suffix.is_some() && !role.takes_suffix {
        return Err(invalid_input(format!("Custom suffix is not allowed for {service}")));
    }
    let name = suffix.map_or_else(|| base.to_owned(), |suffix| format!("{base}_{suffix}"));
    if call.account.role_named(&name).is_some() {
        let message = format!(
            "Service role name {name} has been taken in this account, please try a different suffix."
        );
        return Err(invalid_input(message));
    }
    let new = NewRole {
        name,
        path: format!("{PATH}{service}/"),
        id: unique(Prefix::Role).map_err(|_| failure())?,
        document: trust(&json!(service), &json!("sts:AssumeRole")),
        description: input.description.or_else(|| role.description.map(str::to_owned)),
        max_session: roles::DEFAULT_MAX_SESSION,
        boundary: None,
        tags: Vec::new(),
        attached: vec![role.policy_arn()],
    };
    // The answer has lists where the role itself has texts.
    let document = trust(&json!([service]), &json!(["sts:AssumeRole"]));
    let shown = json!({
        "Path": new.path,
        "RoleName": new.name,
        "RoleId": new.id,
        "Arn": call.account.arn_of(Arn::role, &new.path, &new.name),
        "CreateDate": show::time(call.now),
        "AssumeRolePolicyDocument": policy_documents::encoded(&document),
    });
    Ok(Response::with_change(json!({"Role": shown}), Change::RoleCreated(new)))
}

/// The trust policy of a service's role.
fn trust(service: &Value, action: &Value) -> String {
    let statement = json!({"Effect": "Allow", "Principal": {"Service": service}, "Action": action});
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

/// The role is gone at once; AWS asks the service first.
fn delete(call: &Call<'_>) -> Result<Response, ServiceError> {
    let role = roles::role(call)?;
    let service = role.path.strip_prefix(PATH).and_then(|rest| rest.strip_suffix('/'));
    let Some(service) = service else {
        let message = format!("{} exists but is not a service role.", role.name);
        return Err(no_such_entity(message));
    };
    let task = format!("task{PATH}{service}/{}/{}", role.name, Uuid::new_v4());
    let change = Change::RoleDeleted { role: role.name.clone(), task: Some(task.clone()) };
    Ok(Response::with_change(json!({"DeletionTaskId": task}), change))
}

fn status(call: &Call<'_>) -> Result<Response, ServiceError> {
    let id = call.read::<TaskInput<'_>>()?.deletion_task_id;
    if task_parts(id).is_none() {
        return Err(invalid_input("Invalid task id"));
    }
    if call.account.deletion_tasks.iter().any(|task| task == id) {
        return Ok(Response::read_only(json!({"Status": "SUCCEEDED"})));
    }
    Err(no_such_entity(format!("The deletion task {id} cannot be found.")))
}

/// The ARN of the role that a task deleted, where the id is that of one.
pub(super) fn role_of_task(account: &Account, id: &str) -> Option<String> {
    let (service, role) = task_parts(id)?;
    Some(account.arn_of(Arn::role, &format!("{PATH}{service}/"), role))
}

/// The service and the role of a task's id: `task/aws-service-role/SERVICE/ROLE/UUID`.
fn task_parts(id: &str) -> Option<(&str, &str)> {
    let mut parts = id.strip_prefix("task")?.strip_prefix(PATH)?.split('/');
    let (service, role, uuid) = (parts.next()?, parts.next()?, parts.next()?);
    let named = Pattern::Name.matches(service) && Pattern::Name.matches(role);
    let hyphenated = uuid.len() == 36 && Uuid::try_parse(uuid).is_ok();
    (named && hyphenated && parts.next().is_none()).then_some((service, role))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tasks_id_ends_in_a_uuid() {
        let uuid = "7c3dd1f0-6d45-4b0f-9c2a-5b7d1b1e6f70";
        for (id, wanted) in [
            (format!("task/aws-service-role/a.b.com/R/{uuid}"), Some(("a.b.com", "R"))),
            (format!("task/aws-service-role/a.b.com/R/{}", uuid.replace('-', "")), None),
            (format!("task/aws-service-role/a.b.com/R/x/{uuid}"), None),
            (format!("task/aws-service-role/a.b.com/{uuid}"), None),
            ("task/aws-service-role/a.b.com/R/AROA1".to_owned(), None),
            ("anything".to_owned(), None),
        ] {
            assert_eq!(task_parts(&id), wanted, "{id}");
        }
    }
}
