//! The condition keys that IAM's own operations bring.
//!
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html#awsidentityandaccessmanagementiam-policy-keys>

use attache_ledger::state::Account;
use attache_policy::Context;

use super::inputs::Subject;
use super::{Operation, Resource};
use crate::access::{Caller, context};

/// The operations that `iam:PermissionsBoundary` is for. Nothing else has the key, so that who may do
/// all to those within a boundary may not, for one, delete them.
const BOUNDED: &[&str] = &[
    "AttachRolePolicy",
    "AttachUserPolicy",
    "CreateRole",
    "CreateUser",
    "DeleteRolePermissionsBoundary",
    "DeleteRolePolicy",
    "DeleteUserPermissionsBoundary",
    "DeleteUserPolicy",
    "DetachRolePolicy",
    "DetachUserPolicy",
    "PutRolePermissionsBoundary",
    "PutRolePolicy",
    "PutUserPermissionsBoundary",
    "PutUserPolicy",
];

/// The service that may be passed the role of an instance profile.
const INSTANCES: &str = "ec2.amazonaws.com";

/// Adds the keys of a call, for one of its permissions.
pub(super) fn add_keys(
    context: &mut Context,
    operation: &Operation,
    action: &str,
    account: &Account,
    caller: &Caller,
    subject: &Subject<'_>,
) {
    let passed = action == "iam:PassRole";
    if passed {
        context.set("iam:PassedToService", INSTANCES);
    }
    context::add_tags(context, &subject.tags);
    context::add_tag_keys(context, &subject.tag_keys);
    if ["Attach", "Detach"].iter().any(|verb| operation.name.starts_with(verb)) {
        context.set("iam:PolicyARN", subject.policy_arn.unwrap_or_default());
    }
    if operation.name == "CreateServiceLinkedRole" {
        context.set("iam:AWSServiceName", subject.aws_service_name.unwrap_or_default());
    }
    if BOUNDED.contains(&operation.name)
        && let Some(arn) = boundary(account, subject)
    {
        context.set("iam:PermissionsBoundary", arn);
    }
    let about = if passed { Resource::Role } else { operation.resource };
    let tags = about.tags(account, caller, subject);
    let tags = tags.into_iter().flat_map(attache_ledger::Tags::iter);
    context::add_resource_tags(context, Some("iam"), tags);
}

/// The boundary that a call sets, or that the role or the user has.
fn boundary<'s>(account: &'s Account, subject: &Subject<'s>) -> Option<&'s str> {
    let role = || account.roles.get(subject.role_name?)?.boundary.as_deref();
    let user = || account.users.get(subject.user_name?)?.boundary.as_deref();
    subject.permissions_boundary.or_else(role).or_else(user)
}
