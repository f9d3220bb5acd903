//! Lists in pages, in the shape of Organizations.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Call, Refusal, Response, limits, refusal};
use crate::pagination::{PageRequest, Pagination, Shown};

const PAGES: Pagination<Refusal> = Pagination {
    default: limits::PAGE,
    most_bytes: usize::MAX,
    invalid: |_| refusal::invalid_token(),
};

/// The members of each list's input.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Paging<'a> {
    next_token: Option<&'a str>,
    max_results: Option<i64>,
}

/// One page of a list, as `{name: [...], NextToken?}`. The items come with keys that sort them.
pub(super) fn page<T>(
    call: &Call<'_>,
    name: &'static str,
    items: impl Iterator<Item = (String, T)>,
    show: impl Fn(T) -> Value,
) -> Result<Response, Refusal> {
    let mut items: Vec<(String, T)> = items.collect();
    items.sort_by(|(a, _), (b, _)| a.cmp(b));
    let shown = |item| Ok(Shown::Item(show(item)));
    let Paging { next_token: token, max_results: limit } = call.read()?;
    if token == Some("") {
        return Err(refusal::invalid_token());
    }
    let request = PageRequest { token, limit };
    let page = PAGES.cut(request, items.into_iter(), |_| name, shown)?.with_list(name);
    let mut answer = page.lists;
    if let Some(token) = page.next {
        answer.insert("NextToken".to_owned(), json!(token));
    }
    Ok(Response::read_only(Value::Object(answer)))
}
