//! How IAM's answers describe roles, users, groups, policies and tags.

use attache_aws_protocol::timestamp::seconds;
use attache_ledger::state::{Account, Group, ManagedPolicy, Role, User, Version};
use attache_ledger::usage::Kind;
use attache_ledger::{Tag, Tags};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use super::{Call, policy_documents};

/// A time as awsQuery writes it.
pub(super) fn time(at: OffsetDateTime) -> Value {
    json!(seconds::format(at))
}

/// Tags; nothing where there are none, as IAM leaves the member out.
pub(super) fn tags(tags: &Tags) -> Value {
    tag_list(tags.as_slice())
}

/// Tags where IAM shows the member in any case.
pub(super) fn all_tags(tags: &Tags) -> Value {
    json!(tags.as_slice())
}

/// Tags that are being made; nothing where there are none.
pub(super) fn tag_list(tags: &[Tag]) -> Value {
    if tags.is_empty() { Value::Null } else { json!(tags) }
}

/// What users, groups and instance profiles have in common, the id under the name `Id`'s kind has.
pub(super) fn named(path: &str, id: &str, arn: &str) -> Map<String, Value> {
    let member = match id.get(..4) {
        Some("AIDA") => "UserId",
        Some("AGPA") => "GroupId",
        _ => "InstanceProfileId",
    };
    let mut shown = Map::new();
    shown.insert("Path".to_owned(), json!(path));
    shown.insert(member.to_owned(), json!(id));
    shown.insert("Arn".to_owned(), json!(arn));
    shown
}

/// A user in `ListUsers`: without tags and boundary.
pub(super) fn user(user: &User) -> Map<String, Value> {
    let mut shown = named(&user.path, &user.id, &user.arn);
    shown.insert("UserName".to_owned(), json!(user.name));
    shown.insert("CreateDate".to_owned(), time(user.created));
    shown
}

/// A user in `GetUser`.
pub(super) fn whole_user(of: &User) -> Value {
    let mut shown = user(of);
    shown.insert("PermissionsBoundary".to_owned(), boundary(of.boundary.as_deref()));
    shown.insert("Tags".to_owned(), tags(&of.tags));
    Value::Object(shown)
}

/// A group, which every answer has whole.
pub(super) fn group(group: &Group) -> Map<String, Value> {
    let mut shown = named(&group.path, &group.id, &group.arn);
    shown.insert("GroupName".to_owned(), json!(group.name));
    shown.insert("CreateDate".to_owned(), time(group.created));
    shown
}

/// When a role's sessions last did anything; empty where they never did.
pub(super) fn last_used(call: &Call<'_>, role: &Role) -> Value {
    let used = call.usage().of(call.account.id, Kind::Role, &role.name, role.created);
    match used.max_by_key(|(_, used)| used.at) {
        Some((_, used)) => json!({"LastUsedDate": time(used.at), "Region": used.region}),
        None => json!({}),
    }
}

/// A role in `ListRoles`: without tags and boundary.
pub(super) fn role(role: &Role) -> Map<String, Value> {
    let mut shown = Map::new();
    shown.insert("Path".to_owned(), json!(role.path));
    shown.insert("RoleName".to_owned(), json!(role.name));
    shown.insert("RoleId".to_owned(), json!(role.id));
    shown.insert("Arn".to_owned(), json!(role.arn));
    shown.insert("CreateDate".to_owned(), time(role.created));
    shown
        .insert("AssumeRolePolicyDocument".to_owned(), json!(policy_documents::shown(&role.trust)));
    shown.insert("Description".to_owned(), json!(role.description));
    shown.insert("MaxSessionDuration".to_owned(), json!(role.max_session));
    shown
}

/// A role in an instance profile: without what can be changed of it.
pub(super) fn role_in_profile(of: &Role) -> Map<String, Value> {
    let mut shown = role(of);
    shown.remove("Description");
    shown.remove("MaxSessionDuration");
    shown
}

/// A role in `GetRole`.
pub(super) fn whole_role(call: &Call<'_>, of: &Role) -> Value {
    let mut shown = role(of);
    shown.insert("PermissionsBoundary".to_owned(), boundary(of.boundary.as_deref()));
    shown.insert("Tags".to_owned(), tags(&of.tags));
    shown.insert("RoleLastUsed".to_owned(), last_used(call, of));
    Value::Object(shown)
}

/// A permissions boundary, if there is one.
pub(super) fn boundary(arn: Option<&str>) -> Value {
    arn.map_or(
        Value::Null,
        |arn| json!({"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}),
    )
}

/// A managed policy in `ListPolicies`, without description and tags: on how many it is, and of
/// how many it is the boundary.
pub(super) fn policy(of: &ManagedPolicy, used: (usize, usize)) -> Map<String, Value> {
    let (attached, bounded) = used;
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

/// A managed policy in `GetPolicy`.
pub(super) fn whole_policy(of: &ManagedPolicy, account: &Account) -> Value {
    let mut shown = policy(of, account.usage(&of.arn));
    shown.insert("Description".to_owned(), json!(of.description));
    shown.insert("Tags".to_owned(), all_tags(&of.tags));
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
