//! Tags of roots, units, accounts and policies.

use attache_ledger::change::OrganizationChange;
use attache_ledger::{Tag, TagKeys, Tags};
use serde::Deserialize;
use serde_json::json;

use super::refusal::{constraint, invalid, no_target, required as required_parameter};
use super::{
    AllowedCaller, Call, Operation, Refusal, ResourceMember, Response, limits, members, page,
};
use crate::tagging::{self, TagError};
use crate::validation::required;

/// Which keys are one on what an organization has.
const KEYS: TagKeys = TagKeys::AnyCase;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "TagResource",
        members: &[members::RESOURCE, required("Tags", &members::TAGS)],
        resources: &[ResourceMember::Resource],
        callers: AllowedCaller::Management,
        changes: true,
        run: |call| tag(call, call.read()?),
    },
    Operation {
        name: "UntagResource",
        members: &[members::RESOURCE, required("TagKeys", &members::TAG_KEYS)],
        resources: &[ResourceMember::Resource],
        callers: AllowedCaller::Management,
        changes: true,
        run: |call| {
            let UntagResource { resource_id, tag_keys: keys } = call.read()?;
            if keys.is_empty() {
                return Err(required_parameter("TAG_KEYS"));
            }
            let (resource, _) = tagged(call, resource_id)?;
            Ok(Response::changed(OrganizationChange::Untagged { resource, keys }))
        },
    },
    Operation {
        name: "ListTagsForResource",
        members: &[members::RESOURCE, members::NEXT_TOKEN, members::MAX_RESULTS],
        resources: &[ResourceMember::Resource],
        callers: AllowedCaller::Delegate,
        changes: false,
        run: |call| {
            let (_, found) = tagged(call, call.read::<ResourceInput<'_>>()?.resource_id)?;
            let tags = found.into_iter().flat_map(Tags::iter);
            page::page(call, "Tags", tags.map(|tag| (tag.key.clone(), tag)), |tag| json!(tag))
        },
    },
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TagResource<'a> {
    resource_id: &'a str,
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UntagResource<'a> {
    resource_id: &'a str,
    tag_keys: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ResourceInput<'a> {
    resource_id: &'a str,
}

fn tag(call: &Call<'_>, input: TagResource<'_>) -> Result<Response, Refusal> {
    if input.tags.is_empty() {
        return Err(required_parameter("TAGS"));
    }
    let (resource, found) = tagged(call, input.resource_id)?;
    let tags = checked(input.tags)?;
    let new = tags.iter().map(|tag| &tag.key);
    let is_there = |key: &str| found.is_some_and(|found| found.get(key, KEYS).is_some());
    tagging::check_room(found.map_or(0, Tags::len), new, is_there, limits::TAGS)
        .map_err(refused)?;
    Ok(Response::changed(OrganizationChange::Tagged { resource, tags }))
}

/// What has that id, and its tags.
fn tagged<'s>(call: &Call<'s>, id: &str) -> Result<(String, Option<&'s Tags>), Refusal> {
    let organization = call.organization()?;
    let policy = organization.policies.get(id).filter(|policy| !policy.aws_managed);
    if policy.is_none() && organization.place(id).is_none() {
        return Err(no_target());
    }
    Ok((id.to_owned(), organization.tags.get(id)))
}

/// The tags of something new.
pub(super) fn new_tags(tags: Vec<Tag>) -> Result<Vec<Tag>, Refusal> {
    let tags = checked(tags)?;
    let new = tags.iter().map(|tag| &tag.key);
    tagging::check_room(0, new, |_| false, limits::TAGS).map_err(refused)?;
    Ok(tags)
}

fn checked(tags: Vec<Tag>) -> Result<Vec<Tag>, Refusal> {
    tagging::check(&tags, KEYS).map_err(refused)?;
    Ok(tags)
}

fn refused(error: TagError) -> Refusal {
    match error {
        TagError::Duplicate => {
            let message = "Tag keys must be unique among the tags attached to the same entity.";
            invalid("DUPLICATE_TAG_KEY", message)
        }
        TagError::Reserved => {
            let message = "You cannot add, edit, or delete system tag keys.";
            invalid("INVALID_SYSTEM_TAGS_PARAMETER", message)
        }
        TagError::TooMany => {
            let message = "You have exceeded the number of tags allowed on this resource.";
            constraint("MAX_TAG_LIMIT_EXCEEDED", message)
        }
    }
}
