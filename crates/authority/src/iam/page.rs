//! Lists in pages.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use wire::ServiceError;

use crate::refusal::validation;
use crate::shape::Input;

/// AWS's: the items of a page when the caller does not say.
const DEFAULT_ITEMS: i64 = 100;

/// One page of a list, as `{name: [...], IsTruncated, Marker?}`.
///
/// The items come sorted by their key, and the marker is the last key that was told: a list that
/// changes between two pages neither repeats nor skips what stays.
///
/// # Errors
/// When the marker is not one of ours.
pub(super) fn page<'k>(
    input: Input<'_>,
    name: &'static str,
    items: impl Iterator<Item = (&'k str, Value)>,
) -> Result<Map<String, Value>, ServiceError> {
    let mut page = sorted_out(input, items, |_| name)?;
    page.entry(name).or_insert_with(|| json!([]));
    Ok(page)
}

/// One page of several lists that are told together: `list` says which one an item's key is in. A
/// list without an item is not there.
///
/// # Errors
/// When the marker is not one of ours.
pub(super) fn sorted_out<'k>(
    input: Input<'_>,
    items: impl Iterator<Item = (&'k str, Value)>,
    list: impl Fn(&str) -> &'static str,
) -> Result<Map<String, Value>, ServiceError> {
    let after = input.optional("Marker").map(read_marker).transpose()?;
    let most = usize::try_from(input.whole("MaxItems").unwrap_or(DEFAULT_ITEMS)).unwrap_or(1);
    let mut rest = items.filter(|(key, _)| after.as_deref().is_none_or(|after| *key > after));
    let mut page = Map::new();
    let mut last = "";
    for (key, item) in rest.by_ref().take(most) {
        let own = page.entry(list(key)).or_insert_with(|| json!([]));
        own.as_array_mut().into_iter().for_each(|own| own.push(item.clone()));
        last = key;
    }
    let truncated = rest.next().is_some();
    page.insert("IsTruncated".to_owned(), json!(truncated));
    if truncated {
        page.insert("Marker".to_owned(), json!(URL_SAFE_NO_PAD.encode(last)));
    }
    Ok(page)
}

fn read_marker(marker: &str) -> Result<String, ServiceError> {
    let decoded = URL_SAFE_NO_PAD.decode(marker).ok();
    let text = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
    text.ok_or_else(|| validation(format!("Invalid Marker: {marker}")))
}
