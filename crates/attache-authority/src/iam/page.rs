//! Lists in pages.
//!
//! Only what is on the page is made: what comes before it is passed over by its key alone.

use attache_aws_protocol::ServiceError;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use crate::refusal::validation;
use crate::shape::{Input, size};

/// AWS's: the items of a page when the caller does not say.
const DEFAULT_ITEMS: i64 = 100;

/// The most bytes of a page, about. Ours: a page ends early rather than that a thousand roles with all
/// their policies are written down at once. IAM says of `MaxItems` that it "might return fewer".
const MOST_BYTES: usize = 2 * 1024 * 1024;

/// What came of an item.
pub(super) enum Shown {
    /// It is on the page.
    Item(Value),
    /// The page ends before it.
    NextPage,
}

/// One page of a list, as `{name: [...], IsTruncated, Marker?}`.
///
/// The items come sorted by their key, and the marker is the last key that was told: a list that
/// changes between two pages neither repeats nor skips what stays.
///
/// # Errors
/// When the marker is not one of ours.
pub(super) fn page<K: AsRef<str>, T>(
    input: Input<'_>,
    name: &'static str,
    items: impl Iterator<Item = (K, T)>,
    mut show: impl FnMut(T) -> Value,
) -> Result<Map<String, Value>, ServiceError> {
    try_page(input, name, items, |item| Ok(Shown::Item(show(item))))
}

/// As [`page`], where an item can fail, or be left to the next page.
///
/// # Errors
/// When the marker is not one of ours; those of `show`.
pub(super) fn try_page<K: AsRef<str>, T>(
    input: Input<'_>,
    name: &'static str,
    items: impl Iterator<Item = (K, T)>,
    show: impl FnMut(T) -> Result<Shown, ServiceError>,
) -> Result<Map<String, Value>, ServiceError> {
    let mut page = cut(input, items, |_| name, show)?;
    page.entry(name).or_insert_with(|| json!([]));
    Ok(page)
}

/// One page of several lists that are told together: `list` says which one an item's key is in. A
/// list without an item is not there.
///
/// # Errors
/// When the marker is not one of ours.
pub(super) fn sorted_out<K: AsRef<str>, T>(
    input: Input<'_>,
    items: impl Iterator<Item = (K, T)>,
    list: impl Fn(&str) -> &'static str,
    mut show: impl FnMut(T) -> Value,
) -> Result<Map<String, Value>, ServiceError> {
    cut(input, items, list, |item| Ok(Shown::Item(show(item))))
}

fn cut<K: AsRef<str>, T>(
    input: Input<'_>,
    items: impl Iterator<Item = (K, T)>,
    list: impl Fn(&str) -> &'static str,
    mut show: impl FnMut(T) -> Result<Shown, ServiceError>,
) -> Result<Map<String, Value>, ServiceError> {
    let after = input.optional("Marker").map(read_marker).transpose()?;
    let most = usize::try_from(input.whole("MaxItems").unwrap_or(DEFAULT_ITEMS)).unwrap_or(1);
    let mut page = Map::new();
    let (mut told, mut bytes, mut last, mut truncated) = (0, 0, None, false);
    let rest = items.filter(|(key, _)| after.as_deref().is_none_or(|after| key.as_ref() > after));
    for (key, item) in rest {
        if told >= most || bytes >= MOST_BYTES {
            truncated = true;
            break;
        }
        let Shown::Item(item) = show(item)? else {
            truncated = true;
            break;
        };
        bytes += size(&item);
        told += 1;
        let own = page.entry(list(key.as_ref())).or_insert_with(|| json!([]));
        if let Some(own) = own.as_array_mut() {
            own.push(item);
        }
        last = Some(key);
    }
    page.insert("IsTruncated".to_owned(), json!(truncated));
    if truncated {
        let last = last.as_ref().map_or("", AsRef::as_ref);
        page.insert("Marker".to_owned(), json!(URL_SAFE_NO_PAD.encode(last)));
    }
    Ok(page)
}

fn read_marker(marker: &str) -> Result<String, ServiceError> {
    let decoded = URL_SAFE_NO_PAD.decode(marker).ok();
    let text = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
    text.ok_or_else(|| validation(format!("Invalid Marker: {marker}")))
}
