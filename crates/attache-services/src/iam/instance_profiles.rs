//! Instance profiles.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateInstanceProfile.html>

use attache_aws_protocol::ServiceError;
use attache_identifiers::Arn;
use attache_ledger::change::{Change, IdentityChange, NewNamed};
use attache_ledger::state::{Account, InstanceProfile};
use attache_ledger::{Tag, TagKeys};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::inputs::{InstanceProfileInput, PathPrefixInput, RoleInput};
use super::roles::{modifiable_role, role};
use super::{Call, Operation, Resource, Response, members, page, show, tagging};
use crate::ids::{Prefix, unique};
use crate::refusal::{already_exists, delete_conflict, failure, limit_exceeded, no_such_entity};
use crate::validation::{Member, optional, required};

const NAME: Member = required("InstanceProfileName", &members::NAME);
const ROLE: Member = required("RoleName", &members::ROLE_NAME);

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "CreateInstanceProfile",
        members: &[NAME, optional("Path", &members::PATH), optional("Tags", &members::TAGS)],
        resource: Resource::Profile,
        changes: true,
        run: |call| create(call, call.read()?),
    },
    Operation {
        name: "GetInstanceProfile",
        members: &[NAME],
        resource: Resource::Profile,
        changes: false,
        run: |call| {
            let profile = profile(call)?;
            let mut shown = shown(profile, call.account);
            shown.insert("Tags".to_owned(), show::all_tags(&profile.tags));
            Ok(Response::read_only(json!({"InstanceProfile": shown})))
        },
    },
    Operation {
        name: "ListInstanceProfiles",
        members: &[
            optional("PathPrefix", &members::PATH_PREFIX),
            members::AT_MARKER,
            members::AT_MOST,
        ],
        resource: Resource::Listed(Arn::instance_profile),
        changes: false,
        run: list,
    },
    Operation {
        name: "ListInstanceProfilesForRole",
        members: &[ROLE, members::AT_MARKER, members::AT_MOST],
        resource: Resource::Role,
        changes: false,
        run: of_role,
    },
    Operation {
        name: "AddRoleToInstanceProfile",
        members: &[NAME, ROLE],
        resource: Resource::Profile,
        changes: true,
        run: add,
    },
    Operation {
        name: "RemoveRoleFromInstanceProfile",
        members: &[NAME, ROLE],
        resource: Resource::Profile,
        changes: true,
        run: remove,
    },
    Operation {
        name: "DeleteInstanceProfile",
        members: &[NAME],
        resource: Resource::Profile,
        changes: true,
        run: delete,
    },
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateInstanceProfile<'a> {
    instance_profile_name: &'a str,
    path: Option<&'a str>,
    #[serde(default)]
    tags: Vec<Tag>,
}

fn create(call: &Call<'_>, input: CreateInstanceProfile<'_>) -> Result<Response, ServiceError> {
    let account = call.account;
    let name = input.instance_profile_name;
    if account.profile_named(name).is_some() {
        return Err(already_exists(format!("Instance Profile {name} already exists.")));
    }
    call.check_quota("InstanceProfilesPerAccount", account.profiles.len())?;
    let tags = tagging::checked(input.tags, TagKeys::Exact)?;
    let path = input.path.unwrap_or("/").to_owned();
    let id = unique(Prefix::InstanceProfile).map_err(|_| failure())?;
    let new = NewNamed { name: name.to_owned(), path, id, boundary: None, tags };
    let arn = account.arn_of(Arn::instance_profile, &new.path, name);
    let mut shown = show::named(&new.path, &new.id, &arn);
    shown.insert("InstanceProfileName".to_owned(), json!(name));
    shown.insert("CreateDate".to_owned(), show::time(call.now));
    shown.insert("Roles".to_owned(), json!([]));
    shown.insert("Tags".to_owned(), show::tag_list(&new.tags));
    Ok(Response::with_change(
        json!({"InstanceProfile": shown}),
        Change::Identity(IdentityChange::ProfileCreated(new)),
    ))
}

/// A profile as lists have it: without its tags.
pub(super) fn shown(profile: &InstanceProfile, account: &Account) -> Map<String, Value> {
    let mut shown = show::named(&profile.path, &profile.id, &profile.arn);
    shown.insert("InstanceProfileName".to_owned(), json!(profile.name));
    shown.insert("CreateDate".to_owned(), show::time(profile.created));
    let role = profile.role.as_ref().and_then(|name| account.roles.get(name));
    let roles: Vec<_> = role.into_iter().map(|role| show::role_in_profile(role)).collect();
    shown.insert("Roles".to_owned(), json!(roles));
    shown
}

fn list(call: &Call<'_>) -> Result<Response, ServiceError> {
    let prefix = call.read::<PathPrefixInput<'_>>()?.prefix();
    profiles_where(call, |profile| profile.path.starts_with(prefix))
}

fn of_role(call: &Call<'_>) -> Result<Response, ServiceError> {
    let role = role(call)?;
    profiles_where(call, |profile| profile.role.as_ref() == Some(&role.name))
}

fn profiles_where(
    call: &Call<'_>,
    is_selected: impl Fn(&InstanceProfile) -> bool,
) -> Result<Response, ServiceError> {
    let profiles = call.account.profiles.values().filter(|profile| is_selected(profile));
    let items = profiles.map(|found| (&found.name, found));
    let answer = page::page(call.input, "InstanceProfiles", items, |found| {
        Value::Object(shown(found, call.account))
    });
    Ok(Response::read_only(Value::Object(answer?)))
}

fn add(call: &Call<'_>) -> Result<Response, ServiceError> {
    let (profile, role) = (profile(call)?, modifiable_role(call)?);
    if profile.role.is_some() {
        return Err(limit_exceeded("InstanceSessionsPerInstanceProfile", 1));
    }
    Ok(set(profile, Some(role.name.clone())))
}

fn remove(call: &Call<'_>) -> Result<Response, ServiceError> {
    let (profile, name) = (profile(call)?, call.read::<RoleInput<'_>>()?.role_name);
    if !profile.role.as_ref().is_some_and(|role| role.eq_ignore_ascii_case(name)) {
        return Err(no_such_entity(format!(
            "Role {name} in instance profile {} cannot be found.",
            profile.name
        )));
    }
    Ok(set(profile, None))
}

fn set(profile: &InstanceProfile, role: Option<String>) -> Response {
    let profile = profile.name.clone();
    Response::changed(Change::Identity(IdentityChange::ProfileRoleSet { profile, role }))
}

fn delete(call: &Call<'_>) -> Result<Response, ServiceError> {
    let profile = profile(call)?;
    if profile.role.is_some() {
        let message = "Cannot delete entity, must remove roles from instance profile first.";
        return Err(delete_conflict(message));
    }
    let deleted = IdentityChange::ProfileDeleted { profile: profile.name.clone() };
    Ok(Response::changed(Change::Identity(deleted)))
}

/// The profile that a call names.
pub(super) fn profile<'s>(call: &Call<'s>) -> Result<&'s InstanceProfile, ServiceError> {
    let name = call.read::<InstanceProfileInput<'_>>()?.instance_profile_name;
    let found = call.account.profile_named(name);
    found.ok_or_else(|| no_such_entity(format!("Instance Profile {name} cannot be found.")))
}
