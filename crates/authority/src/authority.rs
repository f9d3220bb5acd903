//! The authority as its user holds it: open it, serve it, ask for an account's administrator.

use std::path::Path;

use names::{AccountId, Secret};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{AuthorityError, Settings};

/// An account's administrator: a user who may do everything in it.
#[derive(Debug, Clone)]
pub struct Administrator {
    /// The account.
    pub account: AccountId,
    /// The access key's id: `AKIA…`.
    pub access_key: String,
    /// The access key's secret.
    pub secret: Secret,
}

/// An identity plane that is open. Clones are the same one.
#[derive(Debug, Clone)]
pub struct Authority {}

impl Authority {
    /// Opens the journal, replays it, and opens the accounts that are new in the settings.
    ///
    /// # Errors
    /// Every [`AuthorityError`] but those of a server that runs.
    pub async fn open(_settings: Settings) -> Result<Self, AuthorityError> {
        Err(AuthorityError::NoAccounts)
    }

    /// Serves AWS's protocols over plain HTTP until `stop`, then lets the calls that are under way
    /// end and the journal be written.
    ///
    /// # Errors
    /// [`AuthorityError::JournalStopped`] when events could no longer be kept.
    pub async fn serve(
        &self,
        _listener: TcpListener,
        _stop: CancellationToken,
    ) -> Result<(), AuthorityError> {
        Ok(())
    }

    /// The administrator of an account; none if the account does not exist here.
    #[must_use]
    pub fn administrator(&self, _account: AccountId) -> Option<Administrator> {
        None
    }

    /// Writes the administrators' keys in the format of AWS's shared credentials file, one profile
    /// an account, named by its 12 digits. Only the owner may read it.
    ///
    /// # Errors
    /// [`AuthorityError::File`].
    pub fn write_credentials(&self, _path: &Path) -> Result<(), AuthorityError> {
        Ok(())
    }
}
