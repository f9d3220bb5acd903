//! From one item of an answer to a resource.

use std::collections::BTreeMap;

use attache_aws_protocol::select;
use attache_catalog::{Entry, Pick, Scope};
use attache_identifiers::{AccountId, Partition, Region};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::answer_error::ItemError;

/// Where an item was found.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) account: AccountId,
    pub(crate) partition: Partition,
    pub(crate) region: Region,
}

/// One resource, as the inventory keeps it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Resource {
    pub(crate) region: String,
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) name: String,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) relations: Vec<Relation>,
    /// The item as JSON: as text it takes a tenth of what it takes as a tree.
    pub(crate) raw: String,
}

impl Resource {
    /// About how much memory it takes.
    pub(super) fn bytes(&self) -> usize {
        let Self { region, id, arn, name, tags, relations, raw } = self;
        let texts = [region, id, arn, name, raw].map(String::len).iter().sum::<usize>();
        let tags = tags.iter().map(|(key, value)| key.len() + value.len() + PAIR).sum::<usize>();
        let relations = relations.iter().map(|r| r.target.len() + size_of::<Relation>());
        size_of::<Self>() + texts + tags + relations.sum::<usize>()
    }
}

/// Two strings in a tree's node.
const PAIR: usize = 2 * size_of::<String>();

/// One resource's relation to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Relation {
    /// How: `in`.
    pub(crate) kind: String,
    /// The other's type.
    #[serde(rename = "type")]
    pub(crate) to: String,
    /// The other's id or ARN, as the item has it.
    pub(crate) target: String,
}

/// Reads an item. One without an id is not the entry's, and the listing with it.
pub(super) fn read(entry: &Entry, place: &Place, item: &Value) -> Result<Resource, ItemError> {
    let shape = &entry.item;
    let id = picked(&shape.id, item, place, "");
    let id = id.ok_or_else(|| ItemError::NoId { kind: entry.kind.clone() })?;
    let arn = picked(&shape.arn, item, place, &id);
    let arn = arn.ok_or_else(|| ItemError::NoArn { kind: entry.kind.clone(), id: id.clone() })?;
    let tags = tags(entry, item);
    let name = shape.name.as_ref().and_then(|pick| picked(pick, item, place, &id));
    let name = name.or_else(|| tags.get("Name").cloned()).unwrap_or_default();
    let region = shape.region.as_ref().and_then(|pick| picked(pick, item, place, &id));
    let region = region.unwrap_or_else(|| match entry.call.scope {
        Scope::Regional => place.region.to_string(),
        Scope::Global => "global".to_owned(),
    });
    let relations = entry.relations.iter().flat_map(|relation| {
        select(item, &relation.path).into_iter().filter_map(text).map(|target| Relation {
            kind: relation.kind.clone(),
            to: relation.to.clone(),
            target,
        })
    });
    Ok(Resource {
        region,
        arn,
        name,
        tags,
        relations: relations.collect(),
        raw: kept(entry, item),
        id,
    })
}

fn picked(pick: &Pick, item: &Value, place: &Place, id: &str) -> Option<String> {
    let at = |path: &str| select(item, path).into_iter().find_map(text);
    match pick {
        Pick::Path(path) => at(path),
        Pick::Tail(tail) => {
            let text = at(&tail.path)?;
            let tail = text.rsplit(tail.after_last.as_str()).next().unwrap_or(&text);
            (!tail.is_empty()).then(|| tail.to_owned())
        }
        Pick::Template(pick) => Some(
            pick.template
                .replace("{partition}", place.partition.as_str())
                .replace("{region}", place.region.as_str())
                .replace("{account}", &place.account.to_string())
                .replace("{id}", id),
        ),
    }
}

/// A value as text; empty text is none.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn tags(entry: &Entry, item: &Value) -> BTreeMap<String, String> {
    let Some(shape) = &entry.item.tags else { return BTreeMap::new() };
    let pair = |tag: &Value| {
        let key = tag.get(&shape.key).and_then(text)?;
        let value = tag.get(&shape.value).and_then(text).unwrap_or_default();
        Some((key, value))
    };
    select(item, &shape.path).into_iter().filter_map(pair).collect()
}

/// The item without what is never stored. It is held until the listing ends: without the room that
/// a writer leaves behind it, which can be as much again.
fn kept(entry: &Entry, item: &Value) -> String {
    let mut text = match item {
        Value::Object(members) if !entry.item.omit.is_empty() => {
            let mut kept = members.clone();
            kept.retain(|name, _| !entry.item.omit.contains(name));
            Value::Object(kept).to_string()
        }
        other => other.to_string(),
    };
    text.shrink_to_fit();
    text
}
