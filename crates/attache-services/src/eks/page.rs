//! Lists in pages, as EKS tells them.

use attache_aws_protocol::ServiceError;
use serde_json::{Map, Value, json};

use super::{limits, refusal};
use crate::pagination::{Pagination, Shown};
use crate::validation::Input;

/// A token that is empty asks for the first page.
const PAGES: Pagination<ServiceError> = Pagination {
    token: "nextToken",
    limit: "maxResults",
    default: limits::PAGE,
    most_bytes: usize::MAX,
    invalid: |_| refusal::parameter("The nextToken is not one that was given."),
};

/// One page of a list, as `{nextToken?, name: [...]}`. The items come sorted by their key.
///
/// # Errors
/// When the token is not one of ours.
pub(super) fn page<'k>(
    input: Input<'_>,
    name: &'static str,
    items: impl Iterator<Item = (&'k str, Value)>,
) -> Result<Value, ServiceError> {
    let page = PAGES.cut(input, items, |_| name, |item| Ok(Shown::Item(item)))?.with_list(name);
    let mut told = Map::new();
    if let Some(token) = page.next {
        told.insert("nextToken".to_owned(), json!(token));
    }
    told.extend(page.lists);
    Ok(Value::Object(told))
}
