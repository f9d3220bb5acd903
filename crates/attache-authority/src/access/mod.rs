//! Who calls, and may they.
//!
//! [`authenticate`] proves a signature and gives a caller, [`fixed_key`] one of a key that the authority was
//! started with; [`authorize`] asks the policies that have a say and gives the refusal in AWS's words.

pub(crate) mod authenticate;
pub(crate) mod authorize;
pub(crate) mod fixed_key;
mod session_token;
