//! One account's session: assumed with the projected token or the container's credentials, renewed before it
//! ends.
//!
//! Knows STS, and what its refusals mean and how to fix them. Does not know what the session is
//! used for.

mod assume;
mod evidence;
mod renewal;
mod session_error;
mod token_file;

use attache_identifiers::{AccountId, Partition};
use aws_credential_types::Credentials;
use time::OffsetDateTime;

pub(crate) use assume::Assumer;
pub use assume::SessionSource;
pub(crate) use evidence::Evidence;
pub(crate) use renewal::{jitter, renewal_time, still_usable};
pub use session_error::SessionError;
pub use token_file::TokenFileError;

/// A session of a role, with the identity that `GetCallerIdentity` names.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) credentials: Credentials,
    /// As `GetCallerIdentity` names it.
    pub(crate) identity_arn: String,
    /// As `GetCallerIdentity` names it: what is scraped is filed under it.
    pub(crate) account: AccountId,
    pub(crate) partition: Partition,
    /// The OIDC provider that the token was accepted for, as STS names it.
    pub(crate) provider: Option<String>,
    /// What the token said, which is no secret.
    pub(crate) evidence: Evidence,
    pub(crate) expires_at: OffsetDateTime,
    /// When to renew: drawn once, so that it does not change.
    pub(crate) renew_at: OffsetDateTime,
}
