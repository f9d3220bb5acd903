//! Why the API server did not do what it was asked.

use std::error::Error;
use std::time::Duration;

use crate::{Access, ApiServer};

/// Ours: how much of what an API server says is repeated, in characters.
const LONGEST_MESSAGE: usize = 500;

/// Why a call to the API server failed. No variant holds a token or what a Secret has.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApiError {
    /// RBAC, or another authorizer or admission plugin, refused it (403).
    #[error("{url} forbids to {access}: {message}")]
    Forbidden {
        /// Where the API server is.
        url: String,
        /// The right that is missing.
        access: Box<Access>,
        /// What the API server said.
        message: String,
    },
    /// There is no such object (404).
    #[error("{url} could not {access}: {message}")]
    NotFound {
        /// Where the API server is.
        url: String,
        /// What was asked.
        access: Box<Access>,
        /// What the API server said.
        message: String,
    },
    /// The caller's credentials are not accepted (401).
    #[error("{url} does not accept these credentials (401 Unauthorized)")]
    Unauthorized {
        /// Where the API server is.
        url: String,
    },
    /// Any other refusal.
    #[error("{url} could not {access}: {message} ({code})")]
    Refused {
        /// Where the API server is.
        url: String,
        /// What was asked.
        access: Box<Access>,
        /// The status of HTTP.
        code: u16,
        /// What the API server said.
        message: String,
    },
    /// It did not answer in time.
    #[error("{url} did not answer within {limit:?} (to {access})")]
    Timeout {
        /// Where the API server is.
        url: String,
        /// How long was waited.
        limit: Duration,
        /// What was asked.
        access: Box<Access>,
    },
    /// It could not be reached.
    #[error("{url} could not be reached: {why}")]
    Unreachable {
        /// Where the API server is.
        url: String,
        /// The first cause.
        why: String,
    },
    /// It answered something else than what was asked for.
    #[error("{url} gave an answer that is no answer to {access}: {what}")]
    Answer {
        /// Where the API server is.
        url: String,
        /// What was asked.
        access: Box<Access>,
        /// What is wrong with it.
        what: String,
    },
    /// Its issuer is not one that AWS takes.
    #[error("AWS takes no provider for the issuer {issuer:?} of {url}: {source}")]
    Issuer {
        /// Where the API server is.
        url: String,
        /// The issuer.
        issuer: String,
        /// Why not.
        source: attache_identifiers::NameError,
    },
    /// Its key set is none, or has no usable key.
    #[error("the keys of {url} (/openid/v1/jwks) cannot be used: {why}")]
    Keys {
        /// Where the API server is.
        url: String,
        /// Why not.
        why: String,
    },
}

impl ApiError {
    /// Whether nothing at all can be learned from this API server.
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Self::Timeout { .. } | Self::Unreachable { .. } | Self::Unauthorized { .. })
    }

    /// The right that is missing, where that is the cause.
    #[must_use]
    pub fn forbidden(&self) -> Option<&Access> {
        match self {
            Self::Forbidden { access, .. } => Some(access),
            _ => None,
        }
    }
}

pub(crate) fn of_kube(server: &ApiServer, access: Access, error: kube::Error) -> ApiError {
    let (url, access) = (server.url.clone(), Box::new(access));
    let kube::Error::Api(status) = error else {
        return ApiError::Unreachable { url, why: client_failure(&error) };
    };
    let message: String = status.message.trim().chars().take(LONGEST_MESSAGE).collect();
    match status.code {
        401 => ApiError::Unauthorized { url },
        403 => ApiError::Forbidden { url, access, message },
        404 => ApiError::NotFound { url, access, message },
        code => ApiError::Refused { url, access, code, message },
    }
}

/// Why a client of the API server failed: the first cause alone, for what stands around it names layers of the
/// client. A program that gives credentials may have printed them: nothing of what it printed is shown.
#[must_use]
pub fn client_failure(error: &kube::Error) -> String {
    use kube::client::AuthError;
    match error {
        kube::Error::Auth(AuthError::AuthExecRun { out, .. }) => {
            let status = out.status;
            return format!(
                "the program that the kubeconfig names for credentials ended with {status}"
            );
        }
        kube::Error::Auth(AuthError::AuthExecParse(_)) => {
            return "the program that the kubeconfig names for credentials printed no ExecCredential"
                .to_owned();
        }
        _ => {}
    }
    let mut cause: &dyn Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string().chars().take(LONGEST_MESSAGE).collect()
}
