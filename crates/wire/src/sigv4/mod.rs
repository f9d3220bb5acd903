//! Signature Version 4, as the side that checks it.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>
//!
//! [`read`] takes the signature out of a request and says which key it claims; the caller finds
//! that key's secret; [`Signed::verify`] recomputes the signature and compares in constant time.
//! This module knows no keys and no accounts.

mod read;
mod refused;
mod verify;

pub use read::{Signed, read};
pub use refused::SignatureError;
