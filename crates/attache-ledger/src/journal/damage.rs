//! What can be wrong with a journal.

use std::path::PathBuf;

use attache_identifiers::AccountId;

use crate::Event;
use crate::state::ApplyError;

/// What is wrong with a journal, after the last event that can be trusted.
#[derive(Debug, thiserror::Error)]
pub enum Damage {
    /// The database is one of SQLite's, and not one of a journal.
    #[error("it has no table of events")]
    NoEvents,
    /// SQLite's own check of its pages.
    #[error("SQLite's check found: {0}")]
    Pages(String),
    /// What SQLite says when it is asked for something else.
    #[error("SQLite could not read the database")]
    Database(#[source] sqlx::Error),
    /// The row of an event has not the columns of one.
    #[error("the row of the next event cannot be read")]
    Row(#[source] sqlx::Error),
    /// An event is missing.
    #[error("expected event {expected}, found event {found}")]
    Gap {
        /// The number of the event that is missing.
        expected: i64,
        /// The number of the next one that is there.
        found: i64,
    },
    /// An event was changed, or one before it.
    #[error("the hash of event {0} does not match its text and the event before it")]
    Hash(i64),
    /// An event's text is none of an event.
    #[error("event {seq} cannot be read")]
    Text {
        /// The event's number.
        seq: i64,
        /// Why not.
        source: serde_json::Error,
    },
    /// An event's change does not fit the state.
    #[error("event {seq} ({action}{}) cannot be applied", in_account(*account))]
    Event {
        /// The event's number.
        seq: i64,
        /// The action that it records.
        action: String,
        /// The account that it names.
        account: Option<AccountId>,
        /// Why not.
        source: ApplyError,
    },
    /// The file that says which event was the last was written with another master key, or changed.
    #[error("{} was not written with this master.key, or was changed since", .0.display())]
    TailMarker(PathBuf),
    /// Events at the end are missing.
    #[error(
        "it ends there, and events up to {recorded} were written (who put an older journal back \
         on purpose deletes {})", marker.display()
    )]
    Truncated {
        /// The last event that was written.
        recorded: i64,
        /// The file that says so.
        marker: PathBuf,
    },
    /// The last event is another one than was written: the whole chain may have been written anew.
    #[error("event {0} is not the one that was written")]
    Rewritten(i64),
}

impl Damage {
    pub(super) fn of_event(seq: i64, event: &Event, source: ApplyError) -> Self {
        Self::Event { seq, action: event.action.clone(), account: event.account, source }
    }
}

fn in_account(account: Option<AccountId>) -> String {
    account.map(|account| format!(" in account {account}")).unwrap_or_default()
}
