//! Why a ledger could not be opened or go on.

use std::path::PathBuf;

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
    /// The journal is not what was written there.
    #[error(
        "the journal {} is corrupt after event {last_good}: {why}; restore the directory from a backup, \
         or begin anew in an empty one", path.display()
    )]
    Corrupt {
        /// The database.
        path: PathBuf,
        /// The last event that can be trusted; 0 if none can.
        last_good: i64,
        /// What is wrong with the next one.
        why: String,
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
    #[error("could not read the managed policy {}: {why}", path.display())]
    ManagedPolicy {
        /// The file.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// The state could not be copied, for the one that lags behind.
    #[error("could not copy the state: {0}")]
    Copy(String),
    /// The system gave no randomness.
    #[error("the system gave no randomness for keys")]
    Randomness,
    /// The journal's writer ended after a failed write: what was answered is kept, nothing more is.
    #[error("the journal {} can no longer be written; free its disk and start again", .0.display())]
    JournalStopped(PathBuf),
}
