//! Tags of associations. Unlike IAM's, EKS's keys differ by their case.

use std::collections::BTreeMap;

use attache_aws_protocol::ServiceError;
use attache_identifiers::Arn;
use attache_ledger::change::ClusterChange;
use attache_ledger::state::{Association, Cluster};
use serde::Deserialize;
use serde_json::json;

use super::associations::of;
use super::{Call, Operation, ResourceKind, Response, association_arn, limits, members, refusal};
use crate::tagging::{self, TagError};
use crate::validation::{Input, member};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "ListTagsForResource",
        members: &[members::RESOURCE],
        resource_kind: ResourceKind::Named,
        changes: false,
        run: |call| {
            let (_, association) = named(call, call.read::<ResourceInput<'_>>()?.resource_arn)?;
            Ok(Response::read_only(json!({"tags": association.tags})))
        },
    },
    Operation {
        name: "TagResource",
        members: &[members::RESOURCE],
        resource_kind: ResourceKind::Named,
        changes: true,
        run: |call| tag(call, &call.read()?),
    },
    Operation {
        name: "UntagResource",
        members: &[members::RESOURCE, members::KEYS],
        resource_kind: ResourceKind::Named,
        changes: true,
        run: |call| {
            let UntagResource { resource_arn, tag_keys: keys } = call.read()?;
            let (cluster, association) = named(call, resource_arn)?;
            let what = ClusterChange::Untagged { id: association.id.clone(), keys };
            Ok(Response::changed(of(cluster, what)))
        },
    },
];

/// The input of an operation on one resource.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResourceInput<'a> {
    resource_arn: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UntagResource<'a> {
    resource_arn: &'a str,
    tag_keys: Vec<String>,
}

/// The association of that ARN; nothing else has tags.
fn named<'s>(call: &Call<'s>, arn: &str) -> Result<(&'s Cluster, &'s Association), ServiceError> {
    let found = Arn::parse(arn).ok().and_then(|read| {
        let rest = read.resource().strip_prefix("podidentityassociation/")?;
        let (name, id) = rest.split_once('/')?;
        let cluster = call.account.cluster(call.region(), name)?;
        let association = cluster.associations.get(id)?;
        let is_this = association_arn(call.account.id, call.region(), name, id) == arn;
        is_this.then_some((cluster, association))
    });
    found.ok_or_else(|| {
        ServiceError::new(404, "NotFoundException", format!("No resource found for ARN: {arn}"))
    })
}

fn tag(call: &Call<'_>, input: &ResourceInput<'_>) -> Result<Response, ServiceError> {
    let (cluster, association) = named(call, input.resource_arn)?;
    let tags = read(call.input)?;
    let is_there = |key: &str| association.tags.contains_key(key);
    tagging::check_room(association.tags.len(), tags.keys(), is_there, limits::TAGS)
        .map_err(too_many)?;
    let what = ClusterChange::Tagged { id: association.id.clone(), tags };
    Ok(Response::changed(of(cluster, what)))
}

/// The member `tags`: an object of texts.
pub(super) fn read(input: Input<'_>) -> Result<BTreeMap<String, String>, ServiceError> {
    let Some(given) = member(input.0, "tags").filter(|tags| !tags.is_null()) else {
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
