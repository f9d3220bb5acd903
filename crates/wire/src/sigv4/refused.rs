//! Why a signature does not count, and how each protocol says so.

use crate::{Protocol, ServiceError};

/// Why a request's signature was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The signature is not the one that the key makes.
    #[error("the signature does not match")]
    Mismatch,
}

impl SignatureError {
    /// The refusal in the protocol's own code, status and wording.
    #[must_use]
    pub fn service_error(&self, _protocol: Protocol) -> ServiceError {
        ServiceError::new(403, "SignatureDoesNotMatch", self.to_string())
    }
}
