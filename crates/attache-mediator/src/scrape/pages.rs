//! All pages of a listing, each of them understood or the whole of it refused.

use std::collections::HashSet;

use attache_catalog::Entry;
use serde_json::Value;

use super::client::Target;
use super::{Client, Fault, Limit, Place, Resource};

/// A complete listing, and the calls that it took.
#[derive(Debug)]
pub(crate) struct CountedListing {
    pub(crate) result: Result<Vec<Resource>, Fault>,
    pub(crate) calls: u64,
}

/// Lists one resource type to its end.
pub(crate) async fn list_all(client: &Client, entry: &Entry, target: &Target) -> CountedListing {
    let mut calls = 0;
    let time = client.limits.time;
    let listed = tokio::time::timeout(time, every_page(client, entry, target, &mut calls)).await;
    let result = listed.unwrap_or(Err(Fault::Limit(Limit::Time(time))));
    CountedListing { result, calls }
}

async fn every_page(
    client: &Client,
    entry: &Entry,
    target: &Target,
    calls: &mut u64,
) -> Result<Vec<Resource>, Fault> {
    let place = Place {
        account: target.account,
        partition: target.partition.clone(),
        region: target.region.clone(),
    };
    let limits = client.limits;
    let mut held = client.memory.reserve();
    let mut bytes = 0;
    let mut resources = Vec::new();
    let mut seen: HashSet<String> = HashSet::new();
    let mut token: Option<Value> = None;
    for page in 1..=limits.pages {
        let answer = client.call(entry, target, &place, token.as_ref(), calls).await?;
        bytes += answer.resources.iter().map(Resource::bytes).sum::<usize>();
        resources.extend(answer.resources);
        if resources.len() > limits.resources {
            return Err(Fault::Limit(Limit::Resources(limits.resources)));
        }
        let next = answer.next.as_ref().map(ToString::to_string);
        bytes += next.as_ref().map_or(0, String::len);
        if bytes > limits.listing_bytes {
            return Err(Fault::Limit(Limit::ListingBytes(limits.listing_bytes)));
        }
        held.grow(bytes).await.map_err(Fault::Limit)?;
        let Some(next) = next else { return Ok(resources) };
        if !seen.insert(next) {
            return Err(Fault::Loop { page });
        }
        token = answer.next;
    }
    Err(Fault::Limit(Limit::Pages(limits.pages)))
}
