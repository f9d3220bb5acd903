//! Who calls, and may they.
//!
//! [`authenticate`] proves a signature and gives a caller; [`authorize`] asks the policies that have a
//! say and gives the refusal in AWS's words.

pub(crate) mod authenticate;
pub(crate) mod authorize;
mod regions;
mod session_token;
