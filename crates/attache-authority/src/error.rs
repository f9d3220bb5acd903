//! Why an authority could not be opened or go on.

use std::path::PathBuf;

use attache_files::FileError;
use attache_identifiers::{AccountId, Issuer};
use attache_ledger::LedgerError;

use crate::{FixedKeyError, LaboratoryError};

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
        "the cluster {name} is in the account {account}, which does not exist; give it with --account {account}"
    )]
    ClusterOfNoAccount {
        /// The account.
        account: AccountId,
        /// The cluster.
        name: String,
    },
    /// An issuer's key set could not be read at the start.
    #[error("could not read the keys of the issuer {issuer} from {}", path.display())]
    IssuerKeys {
        /// The issuer.
        issuer: Issuer,
        /// Its file.
        path: PathBuf,
        /// Why not.
        source: JwksFileError,
    },
    /// A file of a certificate authority is not one.
    #[error(transparent)]
    IssuerAuthority(#[from] attache_oidc_discovery::SettingsError),
    /// A fixed key cannot be one.
    #[error(transparent)]
    FixedKey(#[from] FixedKeyError),
    /// The laboratory's settings are refused.
    #[error("the laboratory's settings are not valid: {0}")]
    Laboratory(#[from] LaboratoryError),
    /// The ledger could not be opened, or had to stop.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// Why a file is not one of an issuer's keys.
#[derive(Debug, thiserror::Error)]
pub enum JwksFileError {
    /// It could not be read, or is too large.
    #[error(transparent)]
    File(#[from] FileError),
    /// It is no key set.
    #[error(transparent)]
    Jwks(#[from] attache_oidc::OidcError),
}
