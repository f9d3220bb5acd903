//! The account itself: its alias, and how much there is in it.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html>

use attache_aws_protocol::ServiceError;
use attache_ledger::change::{Change, IdentityChange};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Call, Operation, Resource, Response, limits, members, page};
use crate::refusal::{already_exists, no_such_entity};
use crate::validation::{Member, Pattern, Shape, required};

const ALIAS: Member =
    required("AccountAlias", &Shape::Text { min: 3, max: 63, pattern: Pattern::AccountAlias });

/// Sessions of STS's global endpoint that are valid in the regions which everybody has.
const GLOBAL_V1: &str = "v1Token";
/// And those that are valid in all.
const GLOBAL_V2: &str = "v2Token";

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "CreateAccountAlias",
        members: &[ALIAS],
        resource: Resource::Any,
        changes: true,
        run: create,
    },
    Operation {
        name: "DeleteAccountAlias",
        members: &[ALIAS],
        resource: Resource::Any,
        changes: true,
        run: delete,
    },
    Operation {
        name: "ListAccountAliases",
        members: &[members::AT_MARKER, members::AT_MOST],
        resource: Resource::Any,
        changes: false,
        run: |call| {
            let aliases = call.account.alias.iter().map(|alias| (alias, alias));
            let shown = page::page(call.input, "AccountAliases", aliases, |alias| json!(alias));
            Ok(Response::read_only(Value::Object(shown?)))
        },
    },
    Operation {
        name: "SetSecurityTokenServicePreferences",
        members: &[required("GlobalEndpointTokenVersion", &Shape::Enum(&[GLOBAL_V1, GLOBAL_V2]))],
        resource: Resource::Any,
        changes: true,
        run: |call| {
            let all_regions =
                call.read::<Preferences<'_>>()?.global_endpoint_token_version == GLOBAL_V2;
            Ok(Response::changed(Change::Identity(IdentityChange::TokensWidened { all_regions })))
        },
    },
    Operation {
        name: "GetAccountSummary",
        members: &[],
        resource: Resource::Any,
        changes: false,
        run: summary,
    },
];

/// The input of `SetSecurityTokenServicePreferences`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Preferences<'a> {
    global_endpoint_token_version: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AliasInput<'a> {
    account_alias: &'a str,
}

/// An alias is one account's; a second one of the same account takes the first one's place.
fn create(call: &Call<'_>) -> Result<Response, ServiceError> {
    let alias = call.read::<AliasInput<'_>>()?.account_alias;
    let mut others = call.state.accounts().filter(|other| other.id != call.account.id);
    if others.any(|other| other.alias.as_deref() == Some(alias)) {
        return Err(already_exists(format!("The account alias {alias} already exists.")));
    }
    let set = IdentityChange::AliasSet { alias: Some(alias.to_owned()) };
    Ok(Response::changed(Change::Identity(set)))
}

fn delete(call: &Call<'_>) -> Result<Response, ServiceError> {
    let alias = call.read::<AliasInput<'_>>()?.account_alias;
    if call.account.alias.as_deref() != Some(alias) {
        return Err(no_such_entity(format!("The account alias {alias} cannot be found.")));
    }
    Ok(Response::changed(Change::Identity(IdentityChange::AliasSet { alias: None })))
}

fn summary(call: &Call<'_>) -> Result<Response, ServiceError> {
    let account = call.account;
    let quota = |name| call.quotas.get(name);
    let in_use = account.policies.values().map(|policy| policy.versions.len()).sum::<usize>();
    let entries = [
        ("Users", account.users.len()),
        ("UsersQuota", quota("UsersPerAccount")),
        ("Groups", account.groups.len()),
        ("GroupsQuota", quota("GroupsPerAccount")),
        ("Roles", account.roles.len()),
        ("RolesQuota", quota("RolesPerAccount")),
        ("Policies", account.policies.len()),
        ("PoliciesQuota", quota("PoliciesPerAccount")),
        ("PolicyVersionsInUse", in_use),
        ("PolicyVersionsInUseQuota", 10_000),
        ("VersionsPerPolicyQuota", limits::VERSIONS),
        ("PolicySizeQuota", limits::MANAGED_POLICY),
        ("InstanceProfiles", account.profiles.len()),
        ("InstanceProfilesQuota", quota("InstanceProfilesPerAccount")),
        ("Providers", account.providers.len()),
        ("AccessKeysPerUserQuota", limits::ACCESS_KEYS),
        ("GroupsPerUserQuota", limits::GROUPS_PER_USER),
        ("AttachedPoliciesPerRoleQuota", quota("PoliciesPerRole")),
        ("AttachedPoliciesPerUserQuota", quota("PoliciesPerUser")),
        ("AttachedPoliciesPerGroupQuota", quota("PoliciesPerGroup")),
        ("AssumeRolePolicySizeQuota", quota("ACLSizePerRole")),
        ("UserPolicySizeQuota", limits::USER_INLINE_POLICIES),
        ("GroupPolicySizeQuota", limits::GROUP_INLINE_POLICIES),
        ("RolePolicySizeQuota", limits::INLINE_POLICIES),
        ("AccountAccessKeysPresent", 0),
        ("AccountPasswordPresent", 0),
        ("AccountSigningCertificatesPresent", 0),
        ("AccountMFAEnabled", 0),
        ("MFADevices", 0),
        ("MFADevicesInUse", 0),
        ("ServerCertificates", 0),
        ("ServerCertificatesQuota", 20),
        ("SigningCertificatesPerUserQuota", 2),
        ("GlobalEndpointTokenVersion", if account.global_token_v2 { 2 } else { 1 }),
    ];
    // A map's entries in awsQuery.
    let map: Vec<Value> =
        entries.into_iter().map(|(key, value)| json!({"key": key, "value": value})).collect();
    Ok(Response::read_only(json!({"SummaryMap": map})))
}
