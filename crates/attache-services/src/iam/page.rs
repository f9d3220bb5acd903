//! Lists in pages, in IAM's shape.

use attache_aws_protocol::ServiceError;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::pagination::{Page, PageRequest, Pagination, Shown};
use crate::refusal::validation;
use crate::validation::Input;

/// IAM's pages. A page ends early rather than that a thousand roles with all their policies are written
/// down at once: IAM says of `MaxItems` that it "might return fewer".
const PAGES: Pagination<ServiceError> = Pagination {
    default: 100,
    most_bytes: 2 * 1024 * 1024,
    invalid: |marker| validation(format!("Invalid Marker: {marker}")),
};

/// The members of each list's input.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Paging<'a> {
    marker: Option<&'a str>,
    max_items: Option<i64>,
}

fn request(input: Input<'_>) -> Result<PageRequest<'_>, ServiceError> {
    let Paging { marker: token, max_items: limit } = input.read()?;
    Ok(PageRequest { token, limit })
}

/// One page of a list, as `{name: [...], IsTruncated, Marker?}`.
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

/// As [`page`], where an item can fail, or be left to the next page. An empty list comes
/// after the other members.
///
/// # Errors
/// When the marker is not one of ours; those of `show`.
pub(super) fn try_page<K: AsRef<str>, T>(
    input: Input<'_>,
    name: &'static str,
    items: impl Iterator<Item = (K, T)>,
    show: impl FnMut(T) -> Result<Shown, ServiceError>,
) -> Result<Map<String, Value>, ServiceError> {
    let page = PAGES.cut(request(input)?, items, |_| name, show)?;
    let empty = page.lists.is_empty();
    let mut answer = members(page);
    if empty {
        answer.insert(name.to_owned(), json!([]));
    }
    Ok(answer)
}

/// One page of several lists that are paged together: `list` says which one an item's key is in. A
/// list without an item is not there.
///
/// # Errors
/// When the marker is not one of ours.
pub(super) fn several_lists<K: AsRef<str>, T>(
    input: Input<'_>,
    items: impl Iterator<Item = (K, T)>,
    list: impl Fn(&str) -> &'static str,
    mut show: impl FnMut(T) -> Value,
) -> Result<Map<String, Value>, ServiceError> {
    Ok(members(PAGES.cut(request(input)?, items, list, |item| Ok(Shown::Item(show(item))))?))
}

fn members(page: Page) -> Map<String, Value> {
    let mut members = page.lists;
    members.insert("IsTruncated".to_owned(), json!(page.next.is_some()));
    if let Some(marker) = page.next {
        members.insert("Marker".to_owned(), json!(marker));
    }
    members
}
