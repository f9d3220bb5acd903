//! Tags of associations. Unlike IAM's, EKS's keys differ by their case.

use std::collections::BTreeMap;

use attache_aws_protocol::ServiceError;
use attache_ledger::change::ClusterChange;
use attache_ledger::state::{Association, Cluster};
use serde_json::json;

use super::associations::of;
use super::{About, Call, Operation, Response, limits, members, refusal};
use crate::tagging::{self, TagError};
use crate::validation::Input;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "ListTagsForResource",
        members: &[members::RESOURCE],
        about: About::Named,
        changes: false,
        run: |call| Ok(Response::read_only(json!({"tags": named(call)?.1.tags}))),
    },
    Operation {
        name: "TagResource",
        members: &[members::RESOURCE],
        about: About::Named,
        changes: true,
        run: tag,
    },
    Operation {
        name: "UntagResource",
        members: &[members::RESOURCE, members::KEYS],
        about: About::Named,
        changes: true,
        run: |call| {
            let (cluster, own) = named(call)?;
            let keys = call.input.texts("tagKeys");
            let what = ClusterChange::Untagged { id: own.id.clone(), keys };
            Ok(Response::changed(of(cluster, what)))
        },
    },
];

/// The association that `resourceArn` names; nothing else here has tags.
fn named<'s>(call: &Call<'s>) -> Result<(&'s Cluster, &'s Association), ServiceError> {
    let arn = call.input.text("resourceArn");
    let begin =
        format!("arn:aws:eks:{}:{}:podidentityassociation/", call.region(), call.account.id);
    let found = arn.strip_prefix(&begin).and_then(|rest| rest.split_once('/'));
    let found = found.and_then(|(name, id)| {
        let cluster = call.account.cluster(call.region(), name)?;
        Some((cluster, cluster.associations.get(id)?))
    });
    found.ok_or_else(|| {
        ServiceError::new(404, "NotFoundException", format!("No resource found for ARN: {arn}"))
    })
}

fn tag(call: &Call<'_>) -> Result<Response, ServiceError> {
    let (cluster, own) = named(call)?;
    let tags = read(call.input)?;
    let is_there = |key: &str| own.tags.contains_key(key);
    tagging::check_room(own.tags.len(), tags.keys(), is_there, limits::TAGS).map_err(too_many)?;
    let what = ClusterChange::Tagged { id: own.id.clone(), tags };
    Ok(Response::changed(of(cluster, what)))
}

/// The member `tags`: an object of texts.
pub(super) fn read(input: Input<'_>) -> Result<BTreeMap<String, String>, ServiceError> {
    let Some(given) = input.0.get("tags").filter(|tags| !tags.is_null()) else {
        return Ok(BTreeMap::new());
    };
    let wrong = || refusal::parameter("tags must be an object whose values are text.");
    let mut tags = BTreeMap::new();
    for (key, value) in given.as_object().ok_or_else(wrong)? {
        let value = value.as_str().ok_or_else(wrong)?;
        if key.is_empty() || key.chars().count() > 128 || value.chars().count() > 256 {
            let message = "A tag's key has 1 to 128 characters, and its value at most 256.";
            return Err(refusal::parameter(message));
        }
        if tagging::is_reserved(key) {
            return Err(refusal::parameter("aws: prefixed tag key names are not allowed."));
        }
        tags.insert(key.clone(), value.to_owned());
    }
    tagging::check_room(0, tags.keys(), |_| false, limits::TAGS).map_err(too_many)?;
    Ok(tags)
}

fn too_many(_: TagError) -> ServiceError {
    let limit = limits::TAGS;
    refusal::parameter(format!("The number of tags exceeds the limit of {limit}."))
}
