//! Who issues the tokens of a projection.

use std::pin::Pin;

use attache_identifiers::Secret;
use time::OffsetDateTime;

use crate::{ClusterError, Issuer, TokenRequest};

/// A token on its way.
pub type Issuing<'i> = Pin<Box<dyn Future<Output = Result<Secret, ClusterError>> + Send + 'i>>;

/// Who issues a projected token: an [`Issuer`] in this process, or a cluster's API server.
pub trait TokenIssuer: Send + Sync {
    /// A new token. `now` is for an issuer without a clock of its own.
    ///
    /// # Errors
    /// When the token cannot be signed, or is refused.
    fn issue<'i>(&'i self, request: &'i TokenRequest, now: OffsetDateTime) -> Issuing<'i>;
}

impl TokenIssuer for Issuer {
    fn issue<'i>(&'i self, request: &'i TokenRequest, now: OffsetDateTime) -> Issuing<'i> {
        Box::pin(async move { self.mint(request, now) })
    }
}
