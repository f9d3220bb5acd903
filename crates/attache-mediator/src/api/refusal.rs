//! The API's errors.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::MediatorError;

/// A status and a sentence, as `{"error": "…"}`.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    message: String,
}

impl Refusal {
    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, message: message.into() }
    }

    /// The request is for another host.
    pub(super) fn misdirected(message: impl Into<String>) -> Self {
        Self { status: StatusCode::MISDIRECTED_REQUEST, message: message.into() }
    }

    pub(super) fn not_found() -> Self {
        let message = "there are: /, /healthz, /metrics, /api/v1/accounts, /api/v1/resources, \
                       /api/v1/coverage";
        Self { status: StatusCode::NOT_FOUND, message: message.to_owned() }
    }
}

impl From<MediatorError> for Refusal {
    fn from(error: MediatorError) -> Self {
        if let MediatorError::Cursor { .. } = error {
            return Self::bad_request(error.to_string());
        }
        tracing::error!(%error, "the API");
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, message: error.to_string() }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, Json(json!({ "error": self.message }))).into_response()
    }
}
