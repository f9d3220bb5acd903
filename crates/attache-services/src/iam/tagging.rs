//! Tags of roles, users, providers, policies and instance profiles.

use attache_aws_protocol::ServiceError;
use attache_ledger::change::{Change, Tagged};
use attache_ledger::{Tag, TagKeys, Tags};
use serde_json::{Value, json};

use super::inputs::{TagKeysInput, TagsInput};
use super::instance_profiles::profile;
use super::policies::modifiable_policy;
use super::providers::provider;
use super::roles::role;
use super::users::named as user;
use super::{Call, Operation, Resource, Response, limits, members, page};
use crate::refusal::invalid_input;
use crate::tagging::{self, TagError};
use crate::validation::{Member, required};

const ARN: Member = required("OpenIDConnectProviderArn", &members::ARN);
const USER: Member = required("UserName", &members::NAME);
const PROFILE: Member = required("InstanceProfileName", &members::NAME);
const POLICY: Member = required("PolicyArn", &members::ARN);
const ROLE: Member = required("RoleName", &members::ROLE_NAME);
const TAGS: Member = required("Tags", &members::TAGS);
const KEYS: Member = required("TagKeys", &members::TAG_KEYS);

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "TagOpenIDConnectProvider",
        members: &[ARN, TAGS],
        resource: Resource::Provider,
        changes: true,
        run: |call| {
            let existing = provider(call)?;
            tag(call, Tagged::Provider(existing.url.clone()), &existing.tags)
        },
    },
    Operation {
        name: "UntagOpenIDConnectProvider",
        members: &[ARN, KEYS],
        resource: Resource::Provider,
        changes: true,
        run: |call| untag(call, Tagged::Provider(provider(call)?.url.clone())),
    },
    Operation {
        name: "ListOpenIDConnectProviderTags",
        members: &[ARN, members::AT_MARKER, members::AT_MOST],
        resource: Resource::Provider,
        changes: false,
        run: |call| list(call, &provider(call)?.tags),
    },
    Operation {
        name: "TagRole",
        members: &[ROLE, TAGS],
        resource: Resource::Role,
        changes: true,
        run: |call| {
            let existing = role(call)?;
            tag(call, Tagged::Role(existing.name.clone()), &existing.tags)
        },
    },
    Operation {
        name: "UntagRole",
        members: &[ROLE, KEYS],
        resource: Resource::Role,
        changes: true,
        run: |call| untag(call, Tagged::Role(role(call)?.name.clone())),
    },
    Operation {
        name: "ListRoleTags",
        members: &[ROLE, members::AT_MARKER, members::AT_MOST],
        resource: Resource::Role,
        changes: false,
        run: |call| list(call, &role(call)?.tags),
    },
    Operation {
        name: "TagUser",
        members: &[USER, TAGS],
        resource: Resource::User,
        changes: true,
        run: |call| {
            let existing = user(call)?;
            tag(call, Tagged::User(existing.name.clone()), &existing.tags)
        },
    },
    Operation {
        name: "UntagUser",
        members: &[USER, KEYS],
        resource: Resource::User,
        changes: true,
        run: |call| untag(call, Tagged::User(user(call)?.name.clone())),
    },
    Operation {
        name: "ListUserTags",
        members: &[USER, members::AT_MARKER, members::AT_MOST],
        resource: Resource::User,
        changes: false,
        run: |call| list(call, &user(call)?.tags),
    },
    Operation {
        name: "TagInstanceProfile",
        members: &[PROFILE, TAGS],
        resource: Resource::Profile,
        changes: true,
        run: |call| {
            let existing = profile(call)?;
            tag(call, Tagged::Profile(existing.name.clone()), &existing.tags)
        },
    },
    Operation {
        name: "UntagInstanceProfile",
        members: &[PROFILE, KEYS],
        resource: Resource::Profile,
        changes: true,
        run: |call| untag(call, Tagged::Profile(profile(call)?.name.clone())),
    },
    Operation {
        name: "ListInstanceProfileTags",
        members: &[PROFILE, members::AT_MARKER, members::AT_MOST],
        resource: Resource::Profile,
        changes: false,
        run: |call| list(call, &profile(call)?.tags),
    },
    Operation {
        name: "TagPolicy",
        members: &[POLICY, TAGS],
        resource: Resource::Policy,
        changes: true,
        run: |call| {
            let existing = modifiable_policy(call)?;
            tag(call, Tagged::Policy(existing.arn.clone()), &existing.tags)
        },
    },
    Operation {
        name: "UntagPolicy",
        members: &[POLICY, KEYS],
        resource: Resource::Policy,
        changes: true,
        run: |call| untag(call, Tagged::Policy(modifiable_policy(call)?.arn.clone())),
    },
    Operation {
        name: "ListPolicyTags",
        members: &[POLICY, members::AT_MARKER, members::AT_MOST],
        resource: Resource::Policy,
        changes: false,
        run: |call| list(call, &modifiable_policy(call)?.tags),
    },
];

/// The tags that a call brings.
pub(super) fn checked(tags: Vec<Tag>, keys: TagKeys) -> Result<Vec<Tag>, ServiceError> {
    match tagging::check(&tags, keys) {
        Ok(()) => Ok(tags),
        Err(TagError::Duplicate) => Err(invalid_input(
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
        )),
        Err(_) => Err(invalid_input("Tag keys beginning with aws: are reserved for system use.")),
    }
}

/// Which keys are one key on it: AWS counts their case on all but users and roles.
fn keys_of(on: &Tagged) -> TagKeys {
    match on {
        Tagged::Role(_) | Tagged::User(_) => TagKeys::AnyCase,
        Tagged::Provider(_) | Tagged::Profile(_) | Tagged::Policy(_) => TagKeys::Exact,
    }
}

fn tag(call: &Call<'_>, on: Tagged, existing: &Tags) -> Result<Response, ServiceError> {
    let compared = keys_of(&on);
    let tags = checked(call.read::<TagsInput>()?.tags, compared)?;
    if tags.is_empty() {
        // AWS's code; its sentence is not known.
        return Err(invalid_input("Tags must have at least one tag."));
    }
    let is_there = |key: &str| existing.get(key, compared).is_some();
    let new = tags.iter().map(|tag| &tag.key);
    if tagging::check_room(existing.len(), new, is_there, limits::TAGS).is_err() {
        let message = "The number of tags has reached the maximum limit.";
        return Err(ServiceError::new(409, "LimitExceeded", message));
    }
    Ok(Response::changed(Change::Tagged { on, tags, compared }))
}

fn untag(call: &Call<'_>, on: Tagged) -> Result<Response, ServiceError> {
    let keys = call.read::<TagKeysInput>()?.tag_keys;
    let compared = keys_of(&on);
    Ok(Response::changed(Change::Untagged { on, keys, compared }))
}

fn list(call: &Call<'_>, existing: &Tags) -> Result<Response, ServiceError> {
    let mut sorted: Vec<_> = existing.iter().collect();
    sorted.sort_by(|a, b| a.key.cmp(&b.key));
    let items = sorted.iter().map(|tag| (&tag.key, tag));
    Ok(Response::read_only(Value::Object(page::page(call.input, "Tags", items, |tag| json!(tag))?)))
}
