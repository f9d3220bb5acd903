//! How a call of AWS's fails, in words for a person: AWS's code, message and request id, or why no
//! answer came, and the endpoint. The one place where an SDK error becomes text.

use std::error::Error;
use std::sync::Arc;

use attache_identifiers::displayable;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;

use crate::credentials::{NoCredentials, SharedFailure};
use crate::http::{Endpoint, Unreached};

/// Ours: characters of a message that are kept. AWS's own are shorter.
const LONGEST: usize = 1_000;

/// Ours: a request id of AWS's has 36 characters; some services give more.
const LONGEST_REQUEST_ID: usize = 100;

/// Why a call to AWS failed. Nothing of the call itself is in it: neither a token nor a key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallFailure {
    /// AWS answered with an error.
    #[error("{code}: {message}{at}{}", remedy(code))]
    Refused {
        /// AWS's error code.
        code: String,
        /// AWS's message.
        message: String,
        /// The request id and the endpoint, where they are known.
        at: At,
    },
    /// No answer came, or none that could be read.
    #[error("{why}")]
    NoAnswer {
        /// What happened, with the endpoint.
        why: String,
    },
    /// There was nothing to sign the call with.
    #[error("{0}")]
    NoCredentials(#[source] Arc<NoCredentials>),
}

/// Where an answer came from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct At {
    /// Scheme and host of the endpoint.
    pub endpoint: Option<String>,
    /// By which AWS finds the call.
    pub request_id: Option<String>,
}

impl std::fmt::Display for At {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.endpoint, &self.request_id) {
            (None, None) => Ok(()),
            (Some(endpoint), None) => write!(f, " (from {endpoint})"),
            (None, Some(id)) => write!(f, " (request {id})"),
            (Some(endpoint), Some(id)) => write!(f, " (from {endpoint}, request {id})"),
        }
    }
}

impl CallFailure {
    /// What an SDK error says, without what is secret and without the SDK's own words.
    pub fn of<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        Self::hiding(error, &[])
    }

    /// The same where secrets are known that an answer could repeat.
    pub fn hiding<E>(error: &SdkError<E, HttpResponse>, secrets: &[&str]) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        if let Some(failure) = find::<SharedFailure>(error) {
            return Self::NoCredentials(Arc::clone(&failure.0));
        }
        let at = At {
            endpoint: error
                .raw_response()
                .and_then(|r| r.extension::<Endpoint>())
                .map(|e| e.0.clone()),
            request_id: error.request_id().map(|id| displayable(id, secrets, LONGEST_REQUEST_ID)),
        };
        let Some(service) = error.as_service_error() else {
            return Self::NoAnswer { why: unanswered(error, &at, secrets) };
        };
        let Some(code) = service.code() else {
            // An answer without a code is not AWS's: a proxy's page, an emulator's crash.
            let status = error.raw_response().map_or(0, |answer| answer.status().as_u16());
            let why = format!("the endpoint answered HTTP {status} without an AWS error{at}");
            return Self::NoAnswer { why };
        };
        let message = service.message().unwrap_or("AWS gave no message");
        Self::Refused {
            code: displayable(code, secrets, LONGEST_REQUEST_ID),
            message: displayable(message, secrets, LONGEST - 1),
            at,
        }
    }

    /// AWS's code and message, where AWS answered.
    #[must_use]
    pub fn refusal(&self) -> Option<(&str, &str)> {
        match self {
            Self::Refused { code, message, .. } => Some((code, message)),
            _ => None,
        }
    }
}

/// The HTTP status of the answer that an SDK error is about, if there was one.
#[must_use]
pub fn status<E>(error: &SdkError<E, HttpResponse>) -> Option<u16> {
    error.raw_response().map(|answer| answer.status().as_u16())
}

/// Why there is no answer: the network's own reasons.
fn unanswered<E>(error: &SdkError<E, HttpResponse>, at: &At, secrets: &[&str]) -> String
where
    E: Error + 'static,
{
    match error {
        SdkError::TimeoutError(_) => format!("no answer came in time{at}"),
        SdkError::ResponseError(answer) => {
            let status = answer.raw().status().as_u16();
            let source = error.source().map_or_else(String::new, |e| words(e, secrets));
            if source.contains("answer (HTTP") {
                format!("{source}{at}")
            } else {
                format!("the answer (HTTP {status}) could not be read: {source}{at}")
            }
        }
        _ => error.source().map_or_else(String::new, |e| words(e, secrets)),
    }
}

/// An error and its causes in one line, without repetition, and without the words that the SDK and
/// its HTTP library put around the reason.
pub(crate) fn words(error: &(dyn Error + 'static), secrets: &[&str]) -> String {
    const EMPTY: [&str; 11] = [
        "io error",
        "other",
        "user error",
        "dispatch failure",
        "client error (Connect)",
        "client error (SendRequest)",
        "an error occurred while loading credentials",
        "an error occurred while loading an access token",
        "unexpected credentials error",
        "the credential provider was not enabled",
        "the credentials provider was not properly configured",
    ];
    let mut kept: Vec<String> = Vec::new();
    for cause in causes(error) {
        // The SDK's complaint about an endpoint repeats the whole call.
        let text = cause.to_string();
        let text = text.split("Request {").next().unwrap_or_default().trim_end().to_owned();
        let said = kept.last().is_some_and(|last| last.contains(&text));
        if !text.is_empty() && !said && !EMPTY.contains(&text.as_str()) {
            kept.push(text);
        }
    }
    if kept.is_empty() {
        kept.push("no reason was given".to_owned());
    }
    displayable(&kept.join(": "), secrets, LONGEST - 1)
}

/// The error and what caused it, outermost first.
pub(crate) fn causes<'e>(
    error: &'e (dyn Error + 'static),
) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| (**error).source())
}

/// The first of the causes that is of the type.
pub(crate) fn find<'e, T: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e T> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

/// Whether nothing was reached at all.
pub(crate) fn is_unreached(error: &(dyn Error + 'static)) -> bool {
    find::<Unreached>(error).is_some()
}

/// What to do about AWS's commonest refusals.
fn remedy(code: &str) -> &'static str {
    match code {
        "AccessDenied" | "AccessDeniedException" => {
            "; give the credentials that IAM action, or use an administrator's"
        }
        "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "ExpiredToken"
        | "ExpiredTokenException" => "; renew the credentials",
        "SignatureDoesNotMatch" => "; correct the secret access key",
        "LimitExceeded" => "; ask AWS for a higher quota or remove what is unused",
        _ => "",
    }
}
