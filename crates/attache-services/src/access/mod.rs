//! The caller of an operation, and the policies and condition keys that decide what it may do.
//!
//! Knows: callers and their sessions, the condition keys of a call, and which policies have a say.
//! Does not know: how a caller is proved, and when it is refused; that is the authority's.
//!
//! Start at [`Caller`], then [`policies`].

mod caller;
pub mod context;
pub mod message;
pub mod org_policies;
pub mod policies;
mod scope;
pub mod sentence;
mod session;
mod user_session;

pub use caller::{Caller, Identity};
pub use scope::SessionToken;
pub use session::Session;
pub use user_session::{FederatedUser, UserSession};
