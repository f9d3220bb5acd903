//! Picking values out of an answer by path.

use serde_json::Value;

/// All values at a dotted path, in order. Lists on the way are walked through, so the same path
/// reads one item or many: XML decodes a list of one as the item itself.
///
/// A path that leads nowhere selects nothing; an empty path selects the value itself, or the items
/// of a list.
///
/// ```
/// # use serde_json::json;
/// let page = json!({"reservationSet": {"item": [
///     {"instancesSet": {"item": {"instanceId": "i-1"}}},
///     {"instancesSet": {"item": [{"instanceId": "i-2"}, {"instanceId": "i-3"}]}},
/// ]}});
/// let ids = attache_aws_protocol::select(&page, "reservationSet.item.instancesSet.item.instanceId");
/// assert_eq!(ids, [&json!("i-1"), &json!("i-2"), &json!("i-3")]);
/// ```
#[must_use]
pub fn select<'v>(value: &'v Value, path: &str) -> Vec<&'v Value> {
    let mut found = Vec::new();
    spread(value, &mut found);
    for step in path.split('.').filter(|step| !step.is_empty()) {
        let mut next = Vec::new();
        for child in found.into_iter().filter_map(|value| value.get(step)) {
            spread(child, &mut next);
        }
        found = next;
    }
    found
}

/// A list's items, lists of lists included; anything else as it is.
fn spread<'v>(value: &'v Value, into: &mut Vec<&'v Value>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| spread(item, into)),
        other => into.push(other),
    }
}
