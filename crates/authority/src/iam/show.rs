//! How IAM's answers describe roles, policies and tags.

use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use wire::timestamp::seconds;

use super::documents;
use crate::state::{Account, ManagedPolicy, Role, Version};
use crate::tags::Tags;

/// A time as awsQuery writes it.
pub(super) fn time(at: OffsetDateTime) -> Value {
    json!(seconds::format(at))
}

/// Tags; nothing where there are none, as IAM leaves the member out.
pub(super) fn tags(tags: &Tags) -> Value {
    if tags.len() == 0 { Value::Null } else { json!(tags.as_slice()) }
}

/// A role as `ListRoles` tells it: without tags and boundary.
pub(super) fn role(role: &Role) -> Map<String, Value> {
    let mut shown = Map::new();
    shown.insert("Path".to_owned(), json!(role.path));
    shown.insert("RoleName".to_owned(), json!(role.name));
    shown.insert("RoleId".to_owned(), json!(role.id));
    shown.insert("Arn".to_owned(), json!(role.arn));
    shown.insert("CreateDate".to_owned(), time(role.created));
    shown.insert("AssumeRolePolicyDocument".to_owned(), json!(documents::shown(&role.trust)));
    shown.insert("Description".to_owned(), json!(role.description));
    shown.insert("MaxSessionDuration".to_owned(), json!(role.max_session));
    shown
}

/// A role as `GetRole` tells it.
pub(super) fn whole_role(of: &Role) -> Value {
    let mut shown = role(of);
    shown.insert("PermissionsBoundary".to_owned(), boundary(of.boundary.as_deref()));
    shown.insert("Tags".to_owned(), tags(&of.tags));
    shown.insert("RoleLastUsed".to_owned(), json!({}));
    Value::Object(shown)
}

/// A permissions boundary, if there is one.
pub(super) fn boundary(arn: Option<&str>) -> Value {
    arn.map_or(
        Value::Null,
        |arn| json!({"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}),
    )
}

/// A managed policy as `ListPolicies` tells it: without description and tags.
pub(super) fn policy(of: &ManagedPolicy, account: &Account) -> Map<String, Value> {
    let (attached, bounded) = account.usage(&of.arn);
    let mut shown = Map::new();
    shown.insert("PolicyName".to_owned(), json!(of.name));
    shown.insert("PolicyId".to_owned(), json!(of.id));
    shown.insert("Arn".to_owned(), json!(of.arn));
    shown.insert("Path".to_owned(), json!(of.path));
    shown.insert("DefaultVersionId".to_owned(), json!(format!("v{}", of.default)));
    shown.insert("AttachmentCount".to_owned(), json!(attached));
    shown.insert("PermissionsBoundaryUsageCount".to_owned(), json!(bounded));
    shown.insert("IsAttachable".to_owned(), json!(true));
    shown.insert("CreateDate".to_owned(), time(of.created));
    shown.insert("UpdateDate".to_owned(), time(of.updated));
    shown
}

/// A managed policy as `GetPolicy` tells it.
pub(super) fn whole_policy(of: &ManagedPolicy, account: &Account) -> Value {
    let mut shown = policy(of, account);
    shown.insert("Description".to_owned(), json!(of.description));
    shown.insert("Tags".to_owned(), tags(&of.tags));
    Value::Object(shown)
}

/// A version of a managed policy, without its document.
pub(super) fn version(of: &ManagedPolicy, version: &Version) -> Map<String, Value> {
    let mut shown = Map::new();
    shown.insert("VersionId".to_owned(), json!(format!("v{}", version.number)));
    shown.insert("IsDefaultVersion".to_owned(), json!(version.number == of.default));
    shown.insert("CreateDate".to_owned(), time(version.created));
    shown
}
