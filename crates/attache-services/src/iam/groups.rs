//! Groups and their members.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateGroup.html>

use attache_aws_protocol::ServiceError;
use attache_identifiers::Arn;
use attache_ledger::change::{Change, IdentityChange, NewNamed};
use attache_ledger::state::Group;
use serde::Deserialize;
use serde_json::{Value, json};

use super::inputs::{GroupInput, PathPrefixInput};
use super::owner::Kind;
use super::{
    Call, Operation, Resource, Response, identity_names, limits, members, page, show, users,
};
use crate::ids::{Prefix, unique};
use crate::refusal::{delete_conflict, failure, limit_exceeded, no_such_entity};
use crate::validation::{Member, optional, required};

const NAME: Member = required("GroupName", &members::NAME);
const USER: Member = required("UserName", &members::NAME);

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "CreateGroup",
        members: &[optional("Path", &members::PATH), NAME],
        resource: Resource::Group,
        changes: true,
        run: |call| create(call, &call.read()?),
    },
    Operation {
        name: "GetGroup",
        members: &[NAME, members::AT_MARKER, members::AT_MOST],
        resource: Resource::Group,
        changes: false,
        run: get,
    },
    Operation {
        name: "ListGroups",
        members: &[
            optional("PathPrefix", &members::PATH_PREFIX),
            members::AT_MARKER,
            members::AT_MOST,
        ],
        resource: Resource::Listed(Arn::group),
        changes: false,
        run: list,
    },
    Operation {
        name: "UpdateGroup",
        members: &[
            NAME,
            optional("NewPath", &members::PATH),
            optional("NewGroupName", &members::NAME),
        ],
        resource: Resource::Group,
        changes: true,
        run: |call| update(call, &call.read()?),
    },
    Operation {
        name: "DeleteGroup",
        members: &[NAME],
        resource: Resource::Group,
        changes: true,
        run: delete,
    },
    Operation {
        name: "AddUserToGroup",
        members: &[NAME, USER],
        resource: Resource::Group,
        changes: true,
        run: add,
    },
    Operation {
        name: "RemoveUserFromGroup",
        members: &[NAME, USER],
        resource: Resource::Group,
        changes: true,
        run: remove,
    },
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateGroup<'a> {
    path: Option<&'a str>,
    group_name: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UpdateGroup<'a> {
    new_path: Option<&'a str>,
    new_group_name: Option<&'a str>,
}

fn create(call: &Call<'_>, input: &CreateGroup<'_>) -> Result<Response, ServiceError> {
    let account = call.account;
    let name = input.group_name;
    identity_names::free(account.group_named(name).is_some(), name, "Group")?;
    call.check_quota("GroupsPerAccount", account.groups.len())?;
    let path = input.path.unwrap_or("/").to_owned();
    let id = unique(Prefix::Group).map_err(|_| failure())?;
    let new = NewNamed { name: name.to_owned(), path, id, boundary: None, tags: Vec::new() };
    let mut shown = show::named(&new.path, &new.id, &account.arn_of(Arn::group, &new.path, name));
    shown.insert("GroupName".to_owned(), json!(name));
    shown.insert("CreateDate".to_owned(), show::time(call.now));
    Ok(Response::with_change(
        json!({"Group": shown}),
        Change::Identity(IdentityChange::GroupCreated(new)),
    ))
}

fn get(call: &Call<'_>) -> Result<Response, ServiceError> {
    let group = group(call)?;
    let users = call.account.users.values().filter(|user| user.groups.contains(&group.name));
    let items = users.map(|user| (&user.name, user));
    let shown = page::page(call.input, "Users", items, |user| Value::Object(show::user(user)));
    let mut shown = shown?;
    shown.insert("Group".to_owned(), Value::Object(show::group(group)));
    Ok(Response::read_only(Value::Object(shown)))
}

fn list(call: &Call<'_>) -> Result<Response, ServiceError> {
    let prefix = call.read::<PathPrefixInput<'_>>()?.prefix();
    let groups = call.account.groups.values().filter(|group| group.path.starts_with(prefix));
    let items = groups.map(|group| (&group.name, group));
    let shown = page::page(call.input, "Groups", items, |group| Value::Object(show::group(group)));
    Ok(Response::read_only(Value::Object(shown?)))
}

fn update(call: &Call<'_>, input: &UpdateGroup<'_>) -> Result<Response, ServiceError> {
    let Group { name, path, .. } = group(call)?;
    let renamed = identity_names::renamed(name, path, input.new_group_name, input.new_path);
    if !renamed.name.eq_ignore_ascii_case(name) {
        let is_taken = call.account.group_named(&renamed.name).is_some();
        identity_names::free(is_taken, &renamed.name, "Group")?;
    }
    Ok(Response::changed(Change::Identity(IdentityChange::GroupRenamed(renamed))))
}

fn delete(call: &Call<'_>) -> Result<Response, ServiceError> {
    let group = group(call)?;
    if call.account.users.values().any(|user| user.groups.contains(&group.name)) {
        return Err(delete_conflict("Cannot delete entity, must remove users from group first."));
    }
    Kind::Group.of(call)?.without_policies()?;
    let deleted = IdentityChange::GroupDeleted { group: group.name.clone() };
    Ok(Response::changed(Change::Identity(deleted)))
}

/// Adding who is in it is no error, and no change.
fn add(call: &Call<'_>) -> Result<Response, ServiceError> {
    let (user, group) = (users::named(call)?, group(call)?);
    if user.groups.contains(&group.name) {
        return Ok(Response::read_only(Value::Null));
    }
    if user.groups.len() >= limits::GROUPS_PER_USER {
        return Err(limit_exceeded("GroupsPerUser", limits::GROUPS_PER_USER));
    }
    let (group, user) = (group.name.clone(), user.name.clone());
    Ok(Response::changed(Change::Identity(IdentityChange::MemberAdded { group, user })))
}

/// Removing who is not in it is no error, and no change.
fn remove(call: &Call<'_>) -> Result<Response, ServiceError> {
    let (user, group) = (users::named(call)?, group(call)?);
    if !user.groups.contains(&group.name) {
        return Ok(Response::read_only(Value::Null));
    }
    let (group, user) = (group.name.clone(), user.name.clone());
    Ok(Response::changed(Change::Identity(IdentityChange::MemberRemoved { group, user })))
}

/// The group that a call names.
pub(super) fn group<'s>(call: &Call<'s>) -> Result<&'s Group, ServiceError> {
    let name = call.read::<GroupInput<'_>>()?.group_name;
    let found = call.account.group_named(name);
    found.ok_or_else(|| no_such_entity(format!("The group with name {name} cannot be found.")))
}
