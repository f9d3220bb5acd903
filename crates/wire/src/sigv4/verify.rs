//! Recomputing the signature.

use names::Secret;
use time::OffsetDateTime;

use super::{SignatureError, Signed};
use crate::call::Inbound;

impl Signed {
    /// Proves that the request was signed with this secret, and recently.
    ///
    /// # Errors
    /// When the signature is another, or its time is over or has not come.
    pub fn verify(
        &self,
        _inbound: &Inbound,
        _secret: &Secret,
        _now: OffsetDateTime,
    ) -> Result<(), SignatureError> {
        Err(SignatureError::Mismatch)
    }
}
