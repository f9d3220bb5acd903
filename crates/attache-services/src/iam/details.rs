//! Everything about who may do what in the account, in one list.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html>

use std::collections::HashMap;

use attache_aws_protocol::ServiceError;
use attache_ledger::state::{
    Account, Group, InstanceProfile, ManagedPolicy, OwnPolicies, Role, User,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    Call, Operation, Resource, Response, instance_profiles, members, page, policy_documents, show,
};
use crate::validation::{Shape, UNLIMITED, optional};

pub(super) const OPERATIONS: &[Operation] = &[Operation {
    name: "GetAccountAuthorizationDetails",
    members: &[
        optional(
            "Filter",
            &Shape::List {
                min: 0,
                max: UNLIMITED,
                of: &Shape::Enum(&[
                    "User",
                    "Role",
                    "Group",
                    "LocalManagedPolicy",
                    "AWSManagedPolicy",
                ]),
            },
        ),
        members::AT_MOST,
        members::AT_MARKER,
    ],
    resource: Resource::Any,
    changes: false,
    run: |call| details(call, &call.read()?),
}];

/// What the list has of one thing.
#[derive(Clone, Copy)]
enum Item<'s> {
    Group(&'s Group),
    Policy(&'s ManagedPolicy),
    Role(&'s Role),
    User(&'s User),
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetAccountAuthorizationDetails<'a> {
    #[serde(default, borrow)]
    filter: Vec<&'a str>,
}

/// The four lists are paged as one: each key begins with its list.
fn details(
    call: &Call<'_>,
    input: &GetAccountAuthorizationDetails<'_>,
) -> Result<Response, ServiceError> {
    let includes = |kind: &str| input.filter.is_empty() || input.filter.contains(&kind);
    let account = call.account;
    let mut all: Vec<(String, Item<'_>)> = Vec::new();
    if includes("Group") {
        let groups = account.groups.values();
        all.extend(groups.map(|entity| (format!("group/{}", entity.name), Item::Group(entity))));
    }
    let local = account.policies.values().filter(|_| includes("LocalManagedPolicy"));
    // Of AWS's own policies, those that the account uses.
    let usages = account.usages();
    let aws = call.state.aws_managed().iter();
    let aws = aws
        .filter(|entity| includes("AWSManagedPolicy") && usages.contains_key(entity.arn.as_str()));
    all.extend(
        local.chain(aws).map(|entity| (format!("policy/{}", entity.arn), Item::Policy(entity))),
    );
    if includes("Role") {
        let roles = account.roles.values();
        all.extend(roles.map(|entity| (format!("role/{}", entity.name), Item::Role(entity))));
    }
    if includes("User") {
        let users = account.users.values();
        all.extend(users.map(|entity| (format!("user/{}", entity.name), Item::User(entity))));
    }
    all.sort_by(|(a, _), (b, _)| a.cmp(b));
    let list = |key: &str| match key.split_once('/') {
        Some(("group", _)) => "GroupDetailList",
        Some(("policy", _)) => "Policies",
        Some(("role", _)) => "RoleDetailList",
        _ => "UserDetailList",
    };
    let profiles = profiles_by_role(account);
    let show = |item| shown(call, item, &usages, &profiles);
    let mut answer = page::several_lists(call.input, all.into_iter(), list, show)?;
    for list in ["UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"] {
        answer.entry(list).or_insert_with(|| json!([]));
    }
    Ok(Response::read_only(Value::Object(answer)))
}

/// How many have a managed policy, and have it as their boundary, by its ARN.
type Usages<'s> = HashMap<&'s str, (usize, usize)>;

/// The instance profiles that a role is in, by its name.
type Profiles<'s> = HashMap<&'s str, Vec<&'s InstanceProfile>>;

fn profiles_by_role(account: &Account) -> Profiles<'_> {
    let mut by_role = Profiles::new();
    for profile in account.profiles.values() {
        if let Some(role) = &profile.role {
            by_role.entry(role).or_default().push(profile);
        }
    }
    by_role
}

fn shown(call: &Call<'_>, item: Item<'_>, usages: &Usages<'_>, profiles: &Profiles<'_>) -> Value {
    let mut shown = match item {
        Item::Group(entity) => show::group(entity),
        Item::Policy(entity) => {
            whole_policy(entity, usages.get(entity.arn.as_str()).copied().unwrap_or_default())
        }
        Item::Role(entity) => role(call, entity, profiles.get(entity.name.as_str())),
        Item::User(entity) => user(entity),
    };
    let (policies, list) = match item {
        Item::Group(entity) => (&entity.policies, "GroupPolicyList"),
        Item::Role(entity) => (&entity.policies, "RolePolicyList"),
        Item::User(entity) => (&entity.policies, "UserPolicyList"),
        Item::Policy(_) => return Value::Object(shown),
    };
    // As AWS does: of a user without inline policies the member is left out.
    if !(policies.inline.is_empty() && matches!(item, Item::User(_))) {
        shown.insert(list.to_owned(), inline(policies));
    }
    shown.insert("AttachedManagedPolicies".to_owned(), attached(call, policies));
    Value::Object(shown)
}

fn inline(policies: &OwnPolicies) -> Value {
    let shown = policies.inline.iter().map(|(name, document)| {
        json!({"PolicyName": name, "PolicyDocument": policy_documents::shown(document)})
    });
    shown.collect()
}

fn attached(call: &Call<'_>, policies: &OwnPolicies) -> Value {
    let found = policies.attached.iter();
    let found = found.filter_map(|arn| call.state.managed_policy(call.account, arn));
    found.map(|entity| json!({"PolicyName": entity.name, "PolicyArn": entity.arn})).collect()
}

fn user(entity: &User) -> Map<String, Value> {
    let mut shown = show::user(entity);
    shown.remove("PasswordLastUsed");
    shown.insert("GroupList".to_owned(), json!(entity.groups));
    shown.insert("PermissionsBoundary".to_owned(), show::boundary(entity.boundary.as_deref()));
    shown.insert("Tags".to_owned(), show::all_tags(&entity.tags));
    shown
}

fn role(
    call: &Call<'_>,
    entity: &Role,
    profiles: Option<&Vec<&InstanceProfile>>,
) -> Map<String, Value> {
    let mut shown = show::role(entity);
    shown.remove("Description");
    shown.remove("MaxSessionDuration");
    let profiles = profiles.into_iter().flatten();
    let profiles: Vec<_> =
        profiles.map(|profile| instance_profiles::shown(profile, call.account)).collect();
    shown.insert("InstanceProfileList".to_owned(), json!(profiles));
    shown.insert("PermissionsBoundary".to_owned(), show::boundary(entity.boundary.as_deref()));
    shown.insert("Tags".to_owned(), show::all_tags(&entity.tags));
    shown.insert("RoleLastUsed".to_owned(), show::last_used(call, entity));
    shown
}

fn whole_policy(entity: &ManagedPolicy, used: (usize, usize)) -> Map<String, Value> {
    let mut shown = show::policy(entity, used);
    shown.insert("Description".to_owned(), json!(entity.description));
    let versions = entity.versions.iter().map(|version| {
        let mut shown = show::version(entity, version);
        shown.insert("Document".to_owned(), json!(policy_documents::shown(&version.document)));
        shown
    });
    shown.insert("PolicyVersionList".to_owned(), json!(versions.collect::<Vec<_>>()));
    shown
}
