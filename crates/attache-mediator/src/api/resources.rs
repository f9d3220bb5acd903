//! `GET /api/v1/resources?type=&account=&region=&limit=&cursor=&raw=`.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::refusal::Refusal;
use crate::{Filter, Mediator};

/// Ours: resources in one answer, by default and at most.
const DEFAULT_LIMIT: usize = 1_000;
const LARGEST_LIMIT: usize = 10_000;

/// The query string. Unknown names are refused: a misspelt filter would show everything.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ResourceQuery {
    r#type: Option<String>,
    account: Option<String>,
    region: Option<String>,
    limit: Option<usize>,
    cursor: Option<String>,
    raw: Option<bool>,
}

pub(super) async fn resources(
    State(mediator): State<Mediator>,
    query: Result<Query<ResourceQuery>, QueryRejection>,
) -> Result<Response, Refusal> {
    let Query(query) = query.map_err(|e| Refusal::bad_request(e.body_text()))?;
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
    if limit == 0 || limit > LARGEST_LIMIT {
        return Err(Refusal::bad_request(format!("limit must be 1 to {LARGEST_LIMIT}")));
    }
    // A form's empty field means that one does not care.
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let filter = Filter {
        kind: given(query.r#type),
        account: given(query.account),
        region: given(query.region),
        limit,
        cursor: given(query.cursor),
        raw: query.raw.unwrap_or(false),
    };
    Ok(Json(mediator.resources(&filter).await?).into_response())
}
