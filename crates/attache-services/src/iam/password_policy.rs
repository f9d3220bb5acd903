//! The account's password policy. It binds nobody here: there are no passwords.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccountPasswordPolicy.html>

use attache_aws_protocol::ServiceError;
use attache_ledger::change::{Change, IdentityChange, PasswordPolicy};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Call, Operation, Resource, Response, members};
use crate::refusal::no_such_entity;
use crate::validation::{Member, Shape, optional};

/// AWS's: the length of a password where none is given.
const SHORTEST: i64 = 6;

const MEMBERS: &[Member] = &[
    optional("MinimumPasswordLength", &Shape::Integer { min: 6, max: 128 }),
    optional("RequireSymbols", &members::FLAG),
    optional("RequireNumbers", &members::FLAG),
    optional("RequireUppercaseCharacters", &members::FLAG),
    optional("RequireLowercaseCharacters", &members::FLAG),
    optional("AllowUsersToChangePassword", &members::FLAG),
    optional("MaxPasswordAge", &Shape::Integer { min: 1, max: 1095 }),
    optional("PasswordReusePrevention", &Shape::Integer { min: 1, max: 24 }),
    optional("HardExpiry", &members::FLAG),
];

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "GetAccountPasswordPolicy",
        members: &[],
        resource: Resource::Any,
        changes: false,
        run: get,
    },
    Operation {
        name: "UpdateAccountPasswordPolicy",
        members: MEMBERS,
        resource: Resource::Any,
        changes: true,
        run: |call| Ok(set(Some(call.read::<PasswordPolicyInput>()?.into()))),
    },
    Operation {
        name: "DeleteAccountPasswordPolicy",
        members: &[],
        resource: Resource::Any,
        changes: true,
        run: delete,
    },
];

/// What is not given has its default: an update keeps nothing of the policy before.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PasswordPolicyInput {
    minimum_password_length: Option<i64>,
    require_symbols: Option<bool>,
    require_numbers: Option<bool>,
    require_uppercase_characters: Option<bool>,
    require_lowercase_characters: Option<bool>,
    allow_users_to_change_password: Option<bool>,
    max_password_age: Option<i64>,
    password_reuse_prevention: Option<i64>,
    hard_expiry: Option<bool>,
}

impl From<PasswordPolicyInput> for PasswordPolicy {
    fn from(input: PasswordPolicyInput) -> Self {
        Self {
            minimum_length: input.minimum_password_length.unwrap_or(SHORTEST),
            symbols: input.require_symbols.unwrap_or_default(),
            numbers: input.require_numbers.unwrap_or_default(),
            uppercase: input.require_uppercase_characters.unwrap_or_default(),
            lowercase: input.require_lowercase_characters.unwrap_or_default(),
            users_may_change: input.allow_users_to_change_password.unwrap_or_default(),
            max_age: input.max_password_age,
            reuse_prevention: input.password_reuse_prevention,
            hard_expiry: input.hard_expiry.unwrap_or_default(),
        }
    }
}

fn set(policy: Option<PasswordPolicy>) -> Response {
    Response::changed(Change::Identity(IdentityChange::PasswordPolicySet { policy }))
}

fn get(call: &Call<'_>) -> Result<Response, ServiceError> {
    let Some(policy) = &call.account.password_policy else {
        let account = call.account.id;
        let message = format!("The Password Policy with domain name {account} cannot be found.");
        return Err(no_such_entity(message));
    };
    let mut shown = json!({
        "MinimumPasswordLength": policy.minimum_length,
        "RequireSymbols": policy.symbols,
        "RequireNumbers": policy.numbers,
        "RequireUppercaseCharacters": policy.uppercase,
        "RequireLowercaseCharacters": policy.lowercase,
        "AllowUsersToChangePassword": policy.users_may_change,
        "ExpirePasswords": policy.max_age.is_some(),
        "HardExpiry": policy.hard_expiry,
    });
    let optional =
        [("MaxPasswordAge", policy.max_age), ("PasswordReusePrevention", policy.reuse_prevention)];
    if let Value::Object(members) = &mut shown {
        let given = optional.into_iter().filter_map(|(name, value)| Some((name, value?)));
        members.extend(given.map(|(name, value)| (name.to_owned(), json!(value))));
    }
    Ok(Response::read_only(json!({"PasswordPolicy": shown})))
}

/// The sentence is that of
/// <https://docs.aws.amazon.com/powershell/latest/reference/items/Remove-IAMAccountPasswordPolicy.html>.
fn delete(call: &Call<'_>) -> Result<Response, ServiceError> {
    match call.account.password_policy {
        Some(_) => Ok(set(None)),
        None => Err(no_such_entity("The account policy with name PasswordPolicy cannot be found.")),
    }
}
