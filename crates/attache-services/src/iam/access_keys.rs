//! Users' access keys.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccessKey.html>

use attache_aws_protocol::ServiceError;
use attache_ledger::change::{Change, IdentityChange};
use attache_ledger::state::AccessKey;
use serde::Deserialize;
use serde_json::{Value, json};

use super::users::user;
use super::{Call, Operation, Resource, Response, limits, members, page, show};
use crate::ids::{KeyKind, access_key};
use crate::refusal::{failure, limit_exceeded, no_such_entity};
use crate::validation::{Member, Shape, optional, required};

const USER: Member = optional("UserName", &members::NAME);
const KEY: Member = required("AccessKeyId", &members::ACCESS_KEY);

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "CreateAccessKey",
        members: &[USER],
        resource: Resource::User,
        changes: true,
        run: create,
    },
    Operation {
        name: "ListAccessKeys",
        members: &[USER, members::AT_MARKER, members::AT_MOST],
        resource: Resource::User,
        changes: false,
        run: list,
    },
    Operation {
        name: "UpdateAccessKey",
        members: &[USER, KEY, required("Status", &Shape::Enum(&["Active", "Inactive", "Expired"]))],
        resource: Resource::User,
        changes: true,
        run: update,
    },
    Operation {
        name: "DeleteAccessKey",
        members: &[USER, KEY],
        resource: Resource::User,
        changes: true,
        run: delete,
    },
    Operation {
        name: "GetAccessKeyLastUsed",
        members: &[KEY],
        resource: Resource::KeyOwner,
        changes: false,
        run: last_used,
    },
];

/// The input of an operation on one key.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AccessKeyInput<'a> {
    access_key_id: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UpdateAccessKey<'a> {
    status: &'a str,
}

/// The one answer that has the secret: it is derived, and no other call answers it.
fn create(call: &Call<'_>) -> Result<Response, ServiceError> {
    let user = user(call)?;
    let count = call.account.access_keys.values().filter(|key| key.user == user.name).count();
    if count >= limits::ACCESS_KEYS {
        return Err(limit_exceeded("AccessKeysPerUser", limits::ACCESS_KEYS));
    }
    let access_key = access_key(KeyKind::LongTerm, call.account.id).map_err(|_| failure())?;
    let result = json!({"AccessKey": {
        "UserName": user.name,
        "AccessKeyId": access_key,
        "Status": "Active",
        "SecretAccessKey": call.key.secret(&access_key, "").expose(),
        "CreateDate": show::time(call.now),
    }});
    let created = IdentityChange::KeyCreated { user: user.name.clone(), access_key };
    Ok(Response::with_change(result, Change::Identity(created)))
}

fn list(call: &Call<'_>) -> Result<Response, ServiceError> {
    let user = user(call)?;
    let keys = call.account.access_keys.iter().filter(|(_, key)| key.user == user.name);
    let items = keys.map(|(id, key)| (id, (id, key)));
    let shown = page::page(call.input, "AccessKeyMetadata", items, |(id, key)| {
        json!({
            "UserName": key.user,
            "AccessKeyId": id,
            "Status": status(key),
            "CreateDate": show::time(key.created),
        })
    });
    Ok(Response::read_only(Value::Object(shown?)))
}

fn status(key: &AccessKey) -> &'static str {
    if key.active { "Active" } else { "Inactive" }
}

fn update(call: &Call<'_>) -> Result<Response, ServiceError> {
    let access_key = key_of_user(call)?.to_owned();
    let active = call.read::<UpdateAccessKey<'_>>()?.status == "Active";
    Ok(Response::changed(Change::Identity(IdentityChange::KeySet { access_key, active })))
}

fn delete(call: &Call<'_>) -> Result<Response, ServiceError> {
    let access_key = key_of_user(call)?.to_owned();
    Ok(Response::changed(Change::Identity(IdentityChange::KeyDeleted { access_key })))
}

/// The user's key that a call names.
fn key_of_user<'s>(call: &Call<'s>) -> Result<&'s str, ServiceError> {
    let (user, id) = (user(call)?, call.read::<AccessKeyInput<'_>>()?.access_key_id);
    match call.account.access_keys.get(id) {
        Some(key) if key.user == user.name => Ok(id),
        _ => Err(missing(id)),
    }
}

fn missing(id: &str) -> ServiceError {
    no_such_entity(format!("The Access Key with id {id} cannot be found."))
}

/// Whether a key that is not the account's exists is not for its callers to know, whatever they may do.
fn not_authorized(call: &Call<'_>, id: &str) -> ServiceError {
    let message = format!(
        "User: {} is not authorized to perform iam:GetAccessKeyLastUsed on resource: access key {id}",
        call.caller.arn
    );
    ServiceError::new(403, "AccessDenied", message)
}

/// A key that was never used has a region and a service that say so.
fn last_used(call: &Call<'_>) -> Result<Response, ServiceError> {
    let id = call.read::<AccessKeyInput<'_>>()?.access_key_id;
    let key = call.account.access_keys.get(id).ok_or_else(|| not_authorized(call, id))?;
    let used = match call.usage().of_key(id) {
        Some(used) => json!({
            "LastUsedDate": show::time(used.at),
            "ServiceName": used.service,
            "Region": used.region,
        }),
        None => json!({"ServiceName": "N/A", "Region": "N/A"}),
    };
    Ok(Response::read_only(json!({"UserName": key.user, "AccessKeyLastUsed": used})))
}
