//! Who calls, and may they.
//!
//! [`authenticate`] proves a signature and gives a [`Caller`]; [`authorize`] asks the policies that
//! have a say and gives the refusal in AWS's words.

pub(crate) mod authenticate;
pub(crate) mod authorize;
pub(crate) mod caller;
pub(crate) mod context;
pub(crate) mod message;
pub(crate) mod org_policies;
mod regions;
mod session;
mod user_session;

pub(crate) use caller::{Caller, Identity};
pub(crate) use session::Session;
pub(crate) use user_session::{FederatedUser, UserSession};
