//! Tags of roots, units, accounts and policies.

use serde_json::json;

use super::refusal::{constraint, invalid, no_target};
use super::{Call, Done, Operation, Refused, Who, limits, members, page};
use crate::shape::required;
use attache_ledger::change::OrganizationChange;
use attache_ledger::{Tag, Tags, has_duplicates};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "TagResource",
        members: &[members::RESOURCE, required("Tags", &members::TAGS)],
        about: &["ResourceId"],
        who: Who::Management,
        changes: true,
        run: tag,
    },
    Operation {
        name: "UntagResource",
        members: &[members::RESOURCE, required("TagKeys", &members::TAG_KEYS)],
        about: &["ResourceId"],
        who: Who::Management,
        changes: true,
        run: |call| {
            let (resource, _) = tagged(call)?;
            let keys = call.input.texts("TagKeys");
            Ok(Done::changed(OrganizationChange::Untagged { resource, keys }))
        },
    },
    Operation {
        name: "ListTagsForResource",
        members: &[members::RESOURCE, members::NEXT_TOKEN],
        about: &["ResourceId"],
        who: Who::Delegate,
        changes: false,
        run: |call| {
            let (_, own) = tagged(call)?;
            let tags = own.into_iter().flat_map(Tags::iter);
            page::page(call, "Tags", tags.map(|tag| (tag.key.clone(), tag)), |tag| json!(tag))
        },
    },
];

fn tag(call: &Call<'_>) -> Result<Done, Refused> {
    let (resource, own) = tagged(call)?;
    let tags = checked(call)?;
    let new = tags.iter().filter(|tag| own.is_none_or(|own| own.get(&tag.key).is_none())).count();
    few_enough(own.map_or(0, Tags::len) + new)?;
    Ok(Done::changed(OrganizationChange::Tagged { resource, tags }))
}

/// The id of what a call names, and its tags.
fn tagged<'s>(call: &Call<'s>) -> Result<(String, Option<&'s Tags>), Refused> {
    let organization = call.organization()?;
    let id = call.input.text("ResourceId");
    let policy = organization.policies.get(id).filter(|policy| !policy.aws_managed);
    if policy.is_none() && organization.place(id).is_none() {
        return Err(no_target());
    }
    Ok((id.to_owned(), organization.tags.get(id)))
}

/// The tags of something new.
pub(super) fn new_tags(call: &Call<'_>) -> Result<Vec<Tag>, Refused> {
    let tags = checked(call)?;
    few_enough(tags.len())?;
    Ok(tags)
}

fn checked(call: &Call<'_>) -> Result<Vec<Tag>, Refused> {
    let tags = call.input.tags("Tags");
    if has_duplicates(&tags) {
        let message = "Tag keys must be unique among the tags attached to the same entity.";
        return Err(invalid("DUPLICATE_TAG_KEY", message));
    }
    if tags.iter().any(|tag| tag.key.to_ascii_lowercase().starts_with("aws:")) {
        let message = "You cannot add, edit, or delete system tag keys.";
        return Err(invalid("INVALID_SYSTEM_TAGS_PARAMETER", message));
    }
    Ok(tags)
}

fn few_enough(tags: usize) -> Result<(), Refused> {
    if tags <= limits::TAGS {
        return Ok(());
    }
    let message = "You have exceeded the number of tags allowed on this resource.";
    Err(constraint("MAX_TAG_LIMIT_EXCEEDED", message))
}
