//! Service-linked roles: a service's own roles in an account.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceLinkedRole.html>

use attache_aws_protocol::ServiceError;
use attache_ledger::Tags;
use attache_ledger::change::{Change, NewRole};
use attache_ledger::state::{OwnPolicies, Role};
use attache_policy::Kind;
use serde::Deserialize;
use serde_json::json;

use super::{Call, Operation, Resource, Response, members, policy_documents, roles, show};
use crate::ids::{Prefix, unique};
use crate::refusal::{failure, invalid_input, no_such_entity};
use crate::validation::{Member, Pattern, Shape, optional, required};

/// The path of these roles, which other roles cannot have.
pub(super) const PATH: &str = "/aws-service-role/";

/// The services that we know such roles of: the service and the role's name, as AWS has them.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html>
const KNOWN: &[(&str, &str)] = &[
    ("autoscaling.amazonaws.com", "AWSServiceRoleForAutoScaling"),
    ("cloudtrail.amazonaws.com", "AWSServiceRoleForCloudTrail"),
    ("config.amazonaws.com", "AWSServiceRoleForConfig"),
    ("ecs.amazonaws.com", "AWSServiceRoleForECS"),
    ("eks.amazonaws.com", "AWSServiceRoleForAmazonEKS"),
    ("eks-nodegroup.amazonaws.com", "AWSServiceRoleForAmazonEKSNodegroup"),
    ("elasticache.amazonaws.com", "AWSServiceRoleForElastiCache"),
    ("elasticloadbalancing.amazonaws.com", "AWSServiceRoleForElasticLoadBalancing"),
    ("es.amazonaws.com", "AWSServiceRoleForAmazonElasticsearchService"),
    ("guardduty.amazonaws.com", "AWSServiceRoleForAmazonGuardDuty"),
    ("kafka.amazonaws.com", "AWSServiceRoleForKafka"),
    ("organizations.amazonaws.com", "AWSServiceRoleForOrganizations"),
    ("rds.amazonaws.com", "AWSServiceRoleForRDS"),
    ("redshift.amazonaws.com", "AWSServiceRoleForRedshift"),
    ("spot.amazonaws.com", "AWSServiceRoleForEC2Spot"),
    ("sso.amazonaws.com", "AWSServiceRoleForSSO"),
    ("support.amazonaws.com", "AWSServiceRoleForSupport"),
    ("trustedadvisor.amazonaws.com", "AWSServiceRoleForTrustedAdvisor"),
];

/// Those whose roles can have a suffix.
const SUFFIXED: &[&str] = &["autoscaling.amazonaws.com"];

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
        resource: Resource::Any,
        changes: false,
        run: status,
    },
];

/// Refuses the path of these roles to all others.
pub(super) fn refuse_path(path: &str) -> Result<(), ServiceError> {
    if path.starts_with(PATH) {
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
    let Some((_, base)) = KNOWN.iter().find(|(found, _)| *found == service) else {
        let message = format!("Service-linked roles cannot be created for {service} here.");
        return Err(invalid_input(message));
    };
    let suffix = input.custom_suffix;
    if suffix.is_some() && !SUFFIXED.contains(&service) {
        return Err(invalid_input(format!("Custom suffix is not allowed for {service}")));
    }
    let name = suffix.map_or_else(|| (*base).to_owned(), |suffix| format!("{base}_{suffix}"));
    if call.account.roles.keys().any(|found| found.eq_ignore_ascii_case(&name)) {
        let message = format!(
            "Service role name {name} has been taken in this account, please try a different suffix."
        );
        return Err(invalid_input(message));
    }
    let document = json!({"Version": "2012-10-17", "Statement": [{
        "Action": ["sts:AssumeRole"], "Effect": "Allow", "Principal": {"Service": [service]},
    }]});
    let new = NewRole {
        name,
        path: format!("{PATH}{service}/"),
        id: unique(Prefix::Role).map_err(|_| failure())?,
        document: document.to_string(),
        description: input.description,
        max_session: roles::DEFAULT_MAX_SESSION,
        boundary: None,
        tags: Vec::new(),
    };
    let role = Role {
        name: new.name.clone(),
        path: new.path.clone(),
        id: new.id.clone(),
        arn: call.account.arn_of("role", &new.path, &new.name),
        created: call.now,
        description: None,
        max_session: new.max_session,
        trust: policy_documents::read(&new.document, Kind::Trust)?,
        policies: OwnPolicies::default(),
        boundary: None,
        tags: Tags::default(),
    };
    let mut shown = show::role(&role);
    shown.remove("MaxSessionDuration");
    Ok(Response::with_change(json!({"Role": shown}), Change::RoleCreated(new)))
}

/// The role is gone at once; AWS asks the service first.
fn delete(call: &Call<'_>) -> Result<Response, ServiceError> {
    let role = roles::role(call)?;
    let service = role.path.strip_prefix(PATH).and_then(|rest| rest.strip_suffix('/'));
    let Some(service) = service else {
        return Err(invalid_input(format!("{} is not a service-linked role.", role.name)));
    };
    let task = format!("task{PATH}{service}/{}/{}", role.name, role.id);
    let change = Change::RoleDeleted { role: role.name.clone() };
    Ok(Response::with_change(json!({"DeletionTaskId": task}), change))
}

fn status(call: &Call<'_>) -> Result<Response, ServiceError> {
    let task = call.read::<TaskInput<'_>>()?.deletion_task_id;
    let id = task.strip_prefix("task").filter(|rest| rest.starts_with(PATH));
    let id = id.and_then(|rest| rest.rsplit_once('/')).map(|(_, id)| id);
    match id {
        Some(id) if call.account.roles.values().all(|role| role.id != id) => {
            Ok(Response::read_only(json!({"Status": "SUCCEEDED"})))
        }
        _ => Err(no_such_entity(format!("The deletion task {task} cannot be found."))),
    }
}
