//! A cluster's API server: its service accounts and their tokens, its Secrets, its issuer.
//!
//! Knows: what `attache` asks of it, each call with the right that RBAC wants for it ([`Access`]) and within a
//! bounded time. Does not know: kubeconfigs, which the caller makes a [`kube::Client`] of, and what a Secret or a
//! role means. No answer that can hold a token or a Secret reaches a log or an error.

mod access;
mod error;
mod issuer;
mod objects;
mod provision;
mod token;

pub use access::Access;
pub use error::{ApiError, client_failure};
pub use provision::Provisioned;

use std::time::Duration;

use http::{Method, Request};
use serde_json::Value;

/// Ours: how long one call may take, its retries included. An API server answers these in milliseconds.
const LIMIT: Duration = Duration::from_secs(10);

/// The API server of one cluster, as the kubeconfig's user.
#[derive(Clone)]
pub struct ApiServer {
    client: kube::Client,
    url: String,
    limit: Duration,
}

impl ApiServer {
    /// The API server that a client calls; `url` is how it is shown.
    pub fn new(client: kube::Client, url: impl Into<String>) -> Self {
        Self { client, url: url.into(), limit: LIMIT }
    }

    /// With another limit on each call.
    #[must_use]
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Where it is, for a person.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What it answers to one request, as text.
    async fn text(&self, access: Access, call: Call<'_>) -> Result<String, ApiError> {
        let mut request = Request::builder().method(call.method).uri(call.path);
        if let Some(kind) = call.content_type {
            request = request.header(http::header::CONTENT_TYPE, kind);
        }
        let body = call.body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
        let request = request.body(body).map_err(|error| self.invalid(&access, &error))?;
        match tokio::time::timeout(self.limit, self.client.request_text(request)).await {
            Ok(answer) => answer.map_err(|error| error::of_kube(self, access, error)),
            Err(_) => Err(ApiError::Timeout {
                url: self.url.clone(),
                limit: self.limit,
                access: Box::new(access),
            }),
        }
    }

    /// The same as JSON. The client's own way of reading it would log an answer that it cannot read.
    async fn json(&self, access: Access, call: Call<'_>) -> Result<Value, ApiError> {
        let text = self.text(access.clone(), call).await?;
        serde_json::from_str(&text).map_err(|error| {
            // Not serde's own sentence: it can repeat a part of the text.
            let what = format!("it is no JSON at line {}, column {}", error.line(), error.column());
            ApiError::Answer { url: self.url.clone(), access: Box::new(access), what }
        })
    }

    /// An answer without something that it must have.
    fn lacks(&self, access: Access, member: &str) -> ApiError {
        ApiError::Answer {
            url: self.url.clone(),
            access: Box::new(access),
            what: format!("it has no {member}"),
        }
    }

    fn invalid(&self, access: &Access, error: &http::Error) -> ApiError {
        let what = format!("no request can be made for it: {error}");
        ApiError::Answer { url: self.url.clone(), access: Box::new(access.clone()), what }
    }
}

/// Without the client, which has the credentials.
impl std::fmt::Debug for ApiServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ApiServer").field("url", &self.url).finish_non_exhaustive()
    }
}

/// One request.
struct Call<'c> {
    method: Method,
    path: &'c str,
    content_type: Option<&'static str>,
    body: Option<Value>,
}

impl<'c> Call<'c> {
    fn get(path: &'c str) -> Self {
        Self { method: Method::GET, path, content_type: None, body: None }
    }

    fn with_json(method: Method, path: &'c str, body: Value) -> Self {
        Self { method, path, content_type: Some("application/json"), body: Some(body) }
    }
}

/// None where the API server has no such object.
fn found<T>(answer: Result<T, ApiError>) -> Result<Option<T>, ApiError> {
    match answer {
        Ok(object) => Ok(Some(object)),
        Err(ApiError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
