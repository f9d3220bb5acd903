//! One account's session: assumed with the projected token, renewed before it ends.
//!
//! Knows STS, and what its refusals mean and how to mend them. Does not know what the session is
//! used for.

mod assume;
mod evidence;
mod refused;
mod renewal;
mod token_file;

use attache_identifiers::{AccountId, Partition};
use aws_credential_types::Credentials;
use time::OffsetDateTime;

pub(crate) use assume::Assumer;
pub(crate) use evidence::Evidence;
pub use refused::Refused;
pub(crate) use renewal::{jitter, renewal_time, still_usable};
pub use token_file::TokenFileError;

/// A session that was assumed, and whose identity was asked for.
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
    /// When to renew: drawn once, so that asking twice gives one answer.
    pub(crate) renew_at: OffsetDateTime,
}
