//! The embedded AWS identity plane: many accounts and their services in one process.
//!
//! Knows: who calls (SigV4 and session tokens), whether they may (identity policies, boundaries,
//! session policies, SCPs and RCPs), which service and operation is meant, where issuers' keys are
//! fetched, HTTP, the calls under `/_attache/`, and the laboratory, which spoils calls on purpose. Every
//! decision is one event of the journal.
//!
//! Does not know: what an operation does, which is [`attache_services`]'; what the accounts hold and
//! how it is kept, which is [`attache_ledger`]'s; what a resource is. Other services, such as those of
//! the sample resources, are added as [`attache_services::service::Service`]s.
//!
//! Start at [`Authority`], then `server::handle`, which is one call from its bytes to its answer, and
//! `server::dispatch`, which is the one loop that all services share.

mod access;
mod authority;
mod decisions;
mod discovery;
mod error;
mod fixed_keys;
mod jwks_cache;
mod laboratory;
mod server;
mod settings;
mod shared;

pub use attache_ledger::journal::Damage;
pub use attache_ledger::{Data, Event, Inspected, LedgerError, Outcome, inspect};
pub use attache_services::Quotas;
pub use attache_services::issuer_keys::Failure as IssuerFailure;
pub use authority::{Administrator, Authority};
pub use discovery::{DiscoverySettings, issuer_failure};
pub use error::{AuthorityError, JwksFileError};
pub use fixed_keys::{FixedKey, FixedKeyError};
pub use laboratory::{
    Fault, FaultKind, LaboratoryError, LaboratorySettings, Latency, Rates, SignedDuration,
};
pub use settings::{HOME_REGION, KnownCluster, Settings};
