//! The condition keys that IAM's own operations bring.
//!
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html#awsidentityandaccessmanagementiam-policy-keys>

use attache_policy::Context;

use super::inputs::Subject;
use super::providers::provider_of;
use super::{Call, Operation, Resource};
use crate::access::context;

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

/// The operations that say how a provider takes part in trusted identity propagation.
const PROPAGATION: &[&str] = &["CreateOpenIDConnectProvider", "UpdateOpenIDConnectProvider"];

/// The service that may be passed the role of an instance profile.
const INSTANCES: &str = "ec2.amazonaws.com";

/// Adds the keys of a call, for one of its permissions.
pub(super) fn add_keys(
    context: &mut Context,
    operation: &Operation,
    action: &str,
    call: &Call<'_>,
    subject: &Subject<'_>,
) {
    let passed = action == "iam:PassRole";
    if passed {
        context.set("iam:PassedToService", INSTANCES);
    }
    context::add_tags(context, &subject.tags);
    context::add_tag_keys(context, &subject.tag_keys);
    if ["Attach", "Detach"].iter().any(|verb| operation.name.starts_with(verb)) {
        context.set("iam:PolicyARN", policy(call, subject.policy_arn.unwrap_or_default()));
    }
    if operation.name == "CreateServiceLinkedRole" {
        context.set("iam:AWSServiceName", subject.aws_service_name.unwrap_or_default());
    }
    if BOUNDED.contains(&operation.name)
        && let Some(arn) = boundary(call, subject)
    {
        context.set("iam:PermissionsBoundary", arn);
    }
    if PROPAGATION.contains(&operation.name) {
        add_identity_center(context, call, subject);
    }
    let about = if passed { Resource::Role } else { operation.resource };
    let tags = about.tags(call, subject);
    let tags = tags.into_iter().flat_map(attache_ledger::Tags::iter);
    context::add_resource_tags(context, Some("iam"), tags);
}

/// The boundary that a call sets, or that the role or the user has.
fn boundary<'s>(call: &Call<'s>, subject: &Subject<'s>) -> Option<&'s str> {
    let role = || call.account.role_named(subject.role_name?)?.boundary.as_deref();
    let user = || call.account.user_named(subject.user_name?)?.boundary.as_deref();
    let set = subject.permissions_boundary.map(|arn| policy(call, arn));
    set.or_else(role).or_else(user)
}

/// The ARN of the managed policy that an ARN means, in its own letters.
fn policy<'s>(call: &Call<'s>, arn: &'s str) -> &'s str {
    call.state.managed_policy_named(call.account, arn).map_or(arn, |found| found.arn.as_str())
}

/// The IAM Identity Center instances that a request names and that the provider has.
fn add_identity_center(context: &mut Context, call: &Call<'_>, subject: &Subject<'_>) {
    if let Some(arn) = subject.identity_center_instance_arn {
        context.set("iam:RequestIdentityCenterInstanceArn", arn);
    }
    let provider = subject.provider_arn.and_then(|arn| provider_of(call.account, arn));
    let instance = provider.and_then(|found| found.propagation.identity_center_instance.as_ref());
    if let Some(arn) = instance {
        context.set("iam:ResourceIdentityCenterInstanceArn", arn.as_str());
    }
}
