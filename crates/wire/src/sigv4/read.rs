//! Taking the signature out of a request.

use names::Secret;
use time::OffsetDateTime;

use super::SignatureError;
use crate::call::Inbound;

/// A request's signature as it claims to be; nothing of it is proved until [`Signed::verify`].
#[derive(Debug, Clone)]
pub struct Signed {
    /// The access key id.
    pub access_key: String,
    /// The region of the credential's scope.
    pub region: String,
    /// The service of the credential's scope: its signing name.
    pub service: String,
    /// When it was signed.
    pub signed_at: OffsetDateTime,
    /// The session token that belongs to temporary keys.
    pub session_token: Option<Secret>,
}

/// Reads a request's signature, from its `Authorization` header or its query string. `None` means
/// that the request is not signed at all.
///
/// # Errors
/// When there is a signature but it cannot be one that we check.
pub fn read(_inbound: &Inbound) -> Result<Option<Signed>, SignatureError> {
    Err(SignatureError::Mismatch)
}
