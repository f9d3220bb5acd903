//! Why an authority could not be opened or go on.

use std::path::PathBuf;

use attache_identifiers::{AccountId, Issuer};
use attache_ledger::LedgerError;

/// Why an authority could not be opened, or had to stop.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// Neither the settings nor the journal name an account.
    #[error("there is no account to serve; give at least one 12-digit account id")]
    NoAccounts,
    /// One account given twice.
    #[error("the account {0} is given twice; give each once")]
    DuplicateAccount(AccountId),
    /// A cluster in an account that does not exist.
    #[error(
        "the cluster {name} is in the account {account}, which does not exist here; give it with --account"
    )]
    ClusterOfNoAccount {
        /// The account.
        account: AccountId,
        /// The cluster.
        name: String,
    },
    /// An issuer's key set could not be read at the start.
    #[error("could not read the keys of the issuer {issuer} from {}: {why}", path.display())]
    IssuerKeys {
        /// The issuer.
        issuer: Issuer,
        /// Its file.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// A file of a certificate authority is not one.
    #[error("could not read the certificate authority {}: {why}; give a PEM file", path.display())]
    IssuerAuthority {
        /// The file.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// The ledger could not be opened, or had to stop.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}
