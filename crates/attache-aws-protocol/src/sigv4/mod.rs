//! Signature Version 4, as the side that checks it.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>
//!
//! [`read()`] takes the signature out of a request and says which key it claims; the caller finds
//! that key's secret; [`Signed::verify`] recomputes the signature and compares in constant time.
//! The caller also compares [`Signed::session_token`] with the key's own, and the scope with where
//! the request arrived ([`Signed::require_scope`]).
//!
//! This module knows no keys and no accounts. All that it reads is hostile.

mod authorization;
mod canonical;
mod error_response;
mod parse;
mod presigned;
mod scope;
mod signature_error;
mod verify;

pub use parse::{MAX_SIGNED_HEADERS, Signed, read};
pub use presigned::{LIFETIME, MAX_EXPIRY};
pub use scope::{Scope, claimed_scope};
pub use signature_error::SignatureError;
pub use verify::MAX_SKEW;

/// The one algorithm that is checked. AWS's other, asymmetric one is for multi-region access
/// points alone.
const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// The text in place of the body's hash where the body is not signed. S3 alone takes it.
const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";
