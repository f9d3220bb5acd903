//! The HTTP API: accounts, resources, coverage, metrics, health, and the page.
//!
//! Knows HTTP and the shapes of the answers. Read only: nothing here changes anything.

mod guard;
mod metrics;
mod refusal;
mod resources;

use std::sync::Arc;

use attache_identifiers::Hosts;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;

use crate::{Mediator, MediatorError, page};
use refusal::Refusal;

/// All routes, answered to these hosts alone.
pub(crate) fn router(mediator: Mediator, hosts: Hosts) -> Router {
    Router::new()
        .route("/", get(index))
        .route("/page.css", get(|| asset("text/css; charset=utf-8", page::STYLE)))
        .route("/page.js", get(|| asset("text/javascript; charset=utf-8", page::SCRIPT)))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/metrics", get(metrics::metrics))
        .route("/api/v1/accounts", get(accounts))
        .route("/api/v1/resources", get(resources::resources))
        .route("/api/v1/coverage", get(coverage))
        .fallback(|| async { Refusal::not_found() })
        .with_state(mediator)
        .layer(axum::middleware::from_fn_with_state(Arc::new(hosts), guard::guard))
}

async fn asset(content_type: &'static str, text: &'static str) -> impl IntoResponse {
    ([(CONTENT_TYPE, content_type)], text)
}

async fn index(State(mediator): State<Mediator>) -> Result<Response, Refusal> {
    let view = mediator.view().await?;
    let html = page::render(&view).map_err(|source| MediatorError::Page { source })?;
    Ok(Html(html).into_response())
}

async fn accounts(State(mediator): State<Mediator>) -> Result<Response, Refusal> {
    let accounts = mediator.accounts().await?;
    Ok(Json(json!({ "accounts": accounts })).into_response())
}

/// The scrapes, and beside them what is wrong with an account as a whole.
async fn coverage(State(mediator): State<Mediator>) -> Result<Response, Refusal> {
    let coverage = mediator.coverage().await?;
    let mut warnings = Vec::new();
    for account in mediator.accounts().await? {
        for warning in account.warnings.iter().chain(&account.error) {
            warnings.push(json!({
                "account": account.id,
                "secret": account.secret,
                "message": warning.message,
                "remedy": warning.remedy,
            }));
        }
    }
    Ok(Json(json!({ "coverage": coverage, "warnings": warnings })).into_response())
}
