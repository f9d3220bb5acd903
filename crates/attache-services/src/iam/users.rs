//! Users: create, get, list, rename, delete.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html>

use attache_aws_protocol::ServiceError;
use attache_identifiers::Arn;
use attache_ledger::change::{Change, IdentityChange, NewNamed};
use attache_ledger::state::User;
use attache_ledger::{Tag, TagKeys};
use serde::Deserialize;
use serde_json::{Value, json};

use super::boundaries::BoundaryInput;
use super::inputs::{OptionalUserInput, PathPrefixInput, UserInput};
use super::owner::Kind;
use super::{Call, Operation, Resource, Response, identity_names, members, page, show, tagging};
use crate::ids::{Prefix, unique};
use crate::refusal::{delete_conflict, failure, no_such_entity};
use crate::validation::{Member, optional, required};

const NAME: Member = required("UserName", &members::NAME);

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "CreateUser",
        members: &[
            optional("Path", &members::PATH),
            required("UserName", &members::USER_NAME),
            optional("PermissionsBoundary", &members::ARN),
            optional("Tags", &members::TAGS),
        ],
        resource: Resource::User,
        changes: true,
        run: |call| create(call, call.read()?),
    },
    Operation {
        name: "GetUser",
        members: &[optional("UserName", &members::NAME)],
        resource: Resource::User,
        changes: false,
        run: |call| Ok(Response::read_only(json!({"User": show::whole_user(user(call)?)}))),
    },
    Operation {
        name: "ListUsers",
        members: &[
            optional("PathPrefix", &members::PATH_PREFIX),
            members::AT_MARKER,
            members::AT_MOST,
        ],
        resource: Resource::Listed(Arn::user),
        changes: false,
        run: list,
    },
    Operation {
        name: "UpdateUser",
        members: &[
            NAME,
            optional("NewPath", &members::PATH),
            optional("NewUserName", &members::USER_NAME),
        ],
        resource: Resource::User,
        changes: true,
        run: |call| update(call, &call.read()?),
    },
    Operation {
        name: "DeleteUser",
        members: &[NAME],
        resource: Resource::User,
        changes: true,
        run: delete,
    },
    Operation {
        name: "ListGroupsForUser",
        members: &[NAME, members::AT_MARKER, members::AT_MOST],
        resource: Resource::User,
        changes: false,
        run: groups_of,
    },
    Operation {
        name: "PutUserPermissionsBoundary",
        members: &[NAME, required("PermissionsBoundary", &members::ARN)],
        resource: Resource::User,
        changes: true,
        run: put_boundary,
    },
    Operation {
        name: "DeleteUserPermissionsBoundary",
        members: &[NAME],
        resource: Resource::User,
        changes: true,
        run: delete_boundary,
    },
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateUser<'a> {
    path: Option<&'a str>,
    user_name: &'a str,
    permissions_boundary: Option<&'a str>,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UpdateUser<'a> {
    new_path: Option<&'a str>,
    new_user_name: Option<&'a str>,
}

fn create(call: &Call<'_>, input: CreateUser<'_>) -> Result<Response, ServiceError> {
    let account = call.account;
    let name = input.user_name;
    identity_names::free(account.user_named(name).is_some(), name, "User")?;
    call.check_quota("UsersPerAccount", account.users.len())?;
    let boundary = input.permissions_boundary;
    let boundary = boundary.map(|arn| super::boundaries::attachable(call, arn)).transpose()?;
    let tags = tagging::checked(input.tags, TagKeys::AnyCase)?;
    let path = input.path.unwrap_or("/").to_owned();
    let id = unique(Prefix::User).map_err(|_| failure())?;
    let new = NewNamed { name: name.to_owned(), path, id, boundary, tags };
    let mut shown = show::named(&new.path, &new.id, &account.arn_of(Arn::user, &new.path, name));
    shown.insert("UserName".to_owned(), json!(name));
    shown.insert("CreateDate".to_owned(), show::time(call.now));
    shown.insert("PermissionsBoundary".to_owned(), show::boundary(new.boundary.as_deref()));
    shown.insert("Tags".to_owned(), show::tag_list(&new.tags));
    Ok(Response::with_change(
        json!({"User": shown}),
        Change::Identity(IdentityChange::UserCreated(new)),
    ))
}

fn list(call: &Call<'_>) -> Result<Response, ServiceError> {
    let prefix = call.read::<PathPrefixInput<'_>>()?.prefix();
    let users = call.account.users.values().filter(|user| user.path.starts_with(prefix));
    let items = users.map(|user| (&user.name, user));
    let shown = page::page(call.input, "Users", items, |user| Value::Object(show::user(user)));
    Ok(Response::read_only(Value::Object(shown?)))
}

fn update(call: &Call<'_>, input: &UpdateUser<'_>) -> Result<Response, ServiceError> {
    let User { name, path, .. } = named(call)?;
    let renamed = identity_names::renamed(name, path, input.new_user_name, input.new_path);
    if !renamed.name.eq_ignore_ascii_case(name) {
        let is_taken = call.account.user_named(&renamed.name).is_some();
        identity_names::free(is_taken, &renamed.name, "User")?;
    }
    Ok(Response::changed(Change::Identity(IdentityChange::UserRenamed(renamed))))
}

fn delete(call: &Call<'_>) -> Result<Response, ServiceError> {
    let user = named(call)?;
    if call.account.access_keys.values().any(|key| key.user == user.name) {
        return Err(delete_conflict("Cannot delete entity, must delete access keys first."));
    }
    if !user.groups.is_empty() {
        return Err(delete_conflict("Cannot delete entity, must remove users from group first."));
    }
    Kind::User.of(call)?.without_policies()?;
    let deleted = IdentityChange::UserDeleted { user: user.name.clone() };
    Ok(Response::changed(Change::Identity(deleted)))
}

fn groups_of(call: &Call<'_>) -> Result<Response, ServiceError> {
    let groups = named(call)?.groups.iter().filter_map(|name| call.account.groups.get(name));
    let items = groups.map(|group| (&group.name, group));
    let shown = page::page(call.input, "Groups", items, |group| Value::Object(show::group(group)));
    Ok(Response::read_only(Value::Object(shown?)))
}

fn put_boundary(call: &Call<'_>) -> Result<Response, ServiceError> {
    let user = named(call)?.name.clone();
    let arn = call.read::<BoundaryInput<'_>>()?.permissions_boundary;
    let arn = super::boundaries::attachable(call, arn)?;
    let set = IdentityChange::UserBoundarySet { user, arn };
    Ok(Response::changed(Change::Identity(set)))
}

fn delete_boundary(call: &Call<'_>) -> Result<Response, ServiceError> {
    let user = named(call)?;
    if user.boundary.is_none() {
        let message = format!("User {} does not have a permissions boundary.", user.name);
        return Err(no_such_entity(message));
    }
    let removed = IdentityChange::UserBoundaryRemoved { user: user.name.clone() };
    Ok(Response::changed(Change::Identity(removed)))
}

/// The user that a call names; who names none means itself.
pub(super) fn user<'s>(call: &Call<'s>) -> Result<&'s User, ServiceError> {
    match (call.read::<OptionalUserInput<'_>>()?.user_name, call.caller.user_name()) {
        (Some(_), _) => named(call),
        (None, Some(found)) => {
            call.account.users.get(found).map(Box::as_ref).ok_or_else(|| missing(found))
        }
        (None, None) => {
            let message = "Must specify userName when calling with non-User credentials";
            Err(crate::refusal::validation(message))
        }
    }
}

/// The user that a call names.
pub(super) fn named<'s>(call: &Call<'s>) -> Result<&'s User, ServiceError> {
    let name = call.read::<UserInput<'_>>()?.user_name;
    call.account.user_named(name).ok_or_else(|| missing(name))
}

fn missing(name: &str) -> ServiceError {
    no_such_entity(format!("The user with name {name} cannot be found."))
}
