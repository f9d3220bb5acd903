//! Why a ledger could not be opened or go on.

use std::path::PathBuf;

use attache_identifiers::NameError;
use attache_policy::Invalid;

use crate::journal::Damage;
use crate::state::{ApplyError, SnapshotError};

/// Why a ledger could not be opened, or had to stop.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The data directory, or a file in it, could not be used.
    #[error("could not {attempt} {}", path.display())]
    File {
        /// What was attempted: `create the data directory`.
        attempt: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A file of the data directory that is not safe to use, or could not be used.
    #[error(transparent)]
    UnsafeFile(#[from] attache_files::FileError),
    /// Another process has the directory open.
    #[error(
        "the data directory {} is in use by another authority; stop that one, or give another directory",
        .0.display()
    )]
    Locked(PathBuf),
    /// A directory in which no authority was ever opened.
    #[error("there is no journal in {}; name the directory of --data", .0.display())]
    NoJournal(PathBuf),
    /// The journal could not be read or written.
    #[error("could not {attempt} the journal {}", path.display())]
    Journal {
        /// What was attempted.
        attempt: &'static str,
        /// The database.
        path: PathBuf,
        /// Why not.
        source: sqlx::Error,
    },
    /// The journal is not what was written.
    #[error(
        "the journal {} is corrupt after event {last_good}; restore the directory from a backup, \
         or start in an empty one", path.display()
    )]
    Corrupt {
        /// The database.
        path: PathBuf,
        /// The last event that can be trusted; 0 if none can.
        last_good: i64,
        /// What is wrong after it.
        source: Box<Damage>,
    },
    /// The journal was written by a newer version of this program.
    #[error(
        "the journal {} has layout {layout}, and this version reads layouts up to {known}; start \
         the version that wrote it, or a newer one", path.display()
    )]
    NewerLayout {
        /// The database.
        path: PathBuf,
        /// Its layout.
        layout: i64,
        /// The newest layout that is known.
        known: i64,
    },
    /// The file of the master key is missing or no key, while there is a journal that needs it.
    #[error(
        "the master key {} {why}; all of the directory's access keys derive from it: restore it from \
         a backup, or begin anew in an empty directory", path.display()
    )]
    MasterKey {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A file of AWS-managed policies is not one.
    #[error("could not read the managed policy {}", path.display())]
    ManagedPolicy {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: Box<ManagedPolicyError>,
    },
    /// The state could not be copied, for the one that follows with a delay.
    #[error("could not copy the state")]
    Copy(#[source] SnapshotError),
    /// The system gave no randomness.
    #[error("the system gave no randomness for keys")]
    Randomness,
    /// The journal's writer ended after a failed write: what was answered is committed, nothing more is.
    #[error("the journal {} can no longer be written; free space on its disk and start again", .0.display())]
    JournalStopped(PathBuf),
}

/// Why a file of AWS-managed policies is not one.
#[derive(Debug, thiserror::Error)]
pub enum ManagedPolicyError {
    /// The file could not be read.
    #[error(transparent)]
    File(#[from] attache_files::FileError),
    /// It is not JSON, or has not the members of a published policy.
    #[error("expected an object with Arn, DefaultVersionId and Document")]
    Json(#[from] serde_json::Error),
    /// Its `Arn` is none.
    #[error(transparent)]
    Arn(#[from] NameError),
    /// Its `Arn` is another one's.
    #[error("{0} is not the ARN of an AWS-managed policy")]
    NotAwsManaged(String),
    /// Its `DefaultVersionId` is not of a version.
    #[error("its DefaultVersionId is {0:?}, expected one like v1")]
    Version(String),
    /// One of its dates is none.
    #[error("{date:?} is not a date like 2015-02-06T18:39:46Z")]
    Date {
        /// What stands there.
        date: String,
        /// Why it is none.
        source: time::error::Parse,
    },
    /// Its document is not valid.
    #[error("its document is not valid")]
    Document(#[source] Invalid),
}

/// Why the state as a whole was not changed.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// As many states as may be are saved.
    #[error("there are {limit} snapshots; delete one with DELETE /_attache/snapshots/NAME")]
    TooManySnapshots {
        /// The most.
        limit: usize,
    },
    /// The saved states would take too much memory.
    #[error(
        "the {count} snapshots take {taken} of {limit} bytes, and this one has {needed}; delete one \
         with DELETE /_attache/snapshots/NAME"
    )]
    SnapshotsTooLarge {
        /// How many others there are.
        count: usize,
        /// How many bytes they have.
        taken: usize,
        /// The most bytes of all.
        limit: usize,
        /// How many bytes this one has.
        needed: usize,
    },
    /// There is nothing to change.
    #[error("there is no account")]
    NoAccounts,
    /// The state could not be written down.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// The change does not fit: it names a snapshot that does not exist.
    #[error(transparent)]
    Apply(#[from] ApplyError),
    /// The change was not kept.
    #[error(transparent)]
    Journal(#[from] LedgerError),
}
