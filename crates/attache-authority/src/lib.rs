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
mod budget;
mod cloudtrail;
mod decisions;
mod discovery;
mod eks;
mod error;
mod iam;
mod ids;
mod issuers;
mod json_protocol;
mod organizations;
mod pagination;
mod query_protocol;
mod quotas;
mod refusal;
mod server;
mod service;
mod settings;
mod shared;
mod sts;
mod tagging;
mod validation;

pub use attache_ledger::{Data, Event, Inspected, LedgerError, Outcome, inspect};
pub use authority::{Administrator, Authority};
pub use discovery::DiscoverySettings;
pub use error::AuthorityError;
pub use quotas::Quotas;
pub use settings::{KnownCluster, Settings};
pub use sts::TokenClaims;
