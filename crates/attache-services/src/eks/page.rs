//! Lists in pages, in EKS's shape.

use attache_aws_protocol::ServiceError;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{limits, refusal};
use crate::pagination::{PageRequest, Pagination, Shown};
use crate::validation::Input;

/// An empty token is that of the first page.
const PAGES: Pagination<ServiceError> = Pagination {
    default: limits::PAGE,
    most_bytes: usize::MAX,
    invalid: |_| refusal::parameter("The nextToken is not one that was given."),
};

/// The members of each list's input.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Paging<'a> {
    next_token: Option<&'a str>,
    max_results: Option<i64>,
}

/// One page of a list, as `{nextToken?, name: [...]}`. The items come sorted by their key.
///
/// # Errors
/// When the token is not one of ours.
pub(super) fn page<'k>(
    input: Input<'_>,
    name: &'static str,
    items: impl Iterator<Item = (&'k str, Value)>,
) -> Result<Value, ServiceError> {
    let Paging { next_token: token, max_results: limit } = input.read()?;
    let page = PAGES
        .cut(PageRequest { token, limit }, items, |_| name, |item| Ok(Shown::Item(item)))?
        .with_list(name);
    let mut answer = Map::new();
    if let Some(token) = page.next {
        answer.insert("nextToken".to_owned(), json!(token));
    }
    answer.extend(page.lists);
    Ok(Value::Object(answer))
}
