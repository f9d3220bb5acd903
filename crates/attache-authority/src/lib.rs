//! The embedded AWS identity plane: IAM, STS, Organizations, EKS and EKS Auth of many accounts in
//! one process.
//!
//! Knows: who exists in each account, who may assume what, and whether a call is allowed; every
//! decision is one event of the journal, and the state is the fold of the journal's changes.
//!
//! Does not know: what a resource is. Calls to other services are authenticated and authorised
//! here and then handed to a [`attache_aws_protocol::serve::Backend`].
//!
//! Start at [`Authority`], then `server::handle`, which is one call from its bytes to its answer.

mod access;
mod authority;
mod decisions;
mod discovery;
mod error;
mod jwks_cache;
mod server;
mod settings;
mod shared;

pub use attache_ledger::{Data, Event, Inspected, LedgerError, Outcome, inspect};
pub use attache_services::Quotas;
pub use attache_services::sts::TokenClaims;
pub use authority::{Administrator, Authority};
pub use discovery::DiscoverySettings;
pub use error::AuthorityError;
pub use settings::{KnownCluster, Settings};
