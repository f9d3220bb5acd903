//! Why a part of an account's history could not be read.

use attache_aws_accounts::{AccountError, CallFailure, IncompleteList};

/// What was not read, and why.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuditError {
    /// There are no credentials for the account, or those of another one.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// A call failed.
    #[error("could not {attempt}: {source}")]
    Call {
        /// What was attempted, as a verb phrase.
        attempt: String,
        /// Why it failed.
        source: CallFailure,
    },
    /// A list has no end.
    #[error("could not {attempt}: {source}")]
    List {
        /// What was attempted, as a verb phrase.
        attempt: String,
        /// Why it is not a list.
        source: IncompleteList,
    },
    /// IAM did not finish its report in time.
    #[error("IAM's report of the services that were used was not finished within {seconds} s")]
    Unfinished {
        /// How long it was waited for.
        seconds: u64,
    },
}

impl AuditError {
    /// Whether AWS or the network failed, and not a file or an option.
    #[must_use]
    pub fn is_remote(&self) -> bool {
        match self {
            Self::Account(error) => error.is_remote(),
            Self::Call { .. } | Self::List { .. } | Self::Unfinished { .. } => true,
        }
    }
}
