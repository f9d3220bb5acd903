//! The data directory: its lock, its master key and its files.

use std::fs::{File, TryLockError};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use attache_files::{
    FileError, create_data_folder, open_private, read_private, read_text, require_file, write_new,
    write_private,
};

use crate::LedgerError;
use crate::master_key::MasterKey;

/// The journal's file.
pub(crate) const JOURNAL: &str = "journal.sqlite";

/// The master key's file.
const MASTER_KEY: &str = "master.key";

/// The most bytes of a master key's file: a key has 44.
const MOST_KEY: u64 = 1024;

/// What SQLite keeps beside the journal.
const BESIDE_JOURNAL: [&str; 2] = ["journal.sqlite-wal", "journal.sqlite-shm"];

/// Where the journal is stored.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Data {
    /// In a directory, which is created if it is missing: `journal.sqlite`, `master.key`,
    /// `credentials` and `lock`.
    Dir(PathBuf),
    /// In memory: all ends with the process.
    #[default]
    Memory,
}

impl Data {
    /// Whether there is no journal there yet.
    #[must_use]
    pub fn is_new(&self) -> bool {
        match self {
            Self::Dir(path) => !path.join(JOURNAL).exists(),
            Self::Memory => true,
        }
    }
}

/// A data directory that no other process has.
#[derive(Debug)]
pub(crate) struct DataDirectory {
    path: PathBuf,
    /// The system releases the lock when this is closed, however the process ends.
    _lock: File,
    /// The journal's file, locked too: the file `lock` can be removed. It stays open as long as the
    /// database does, for the system releases SQLite's locks when any handle of a process on the file
    /// is closed.
    journal: Option<File>,
}

impl DataDirectory {
    /// Creates the directory if it is missing, for the owner alone, and locks it.
    pub(crate) fn open(path: &Path) -> Result<Self, LedgerError> {
        let new = !path.exists();
        create_data_folder(path)?;
        if new {
            sync_above(path)?;
        }
        let lock = locked(&path.join("lock"), path)?;
        for name in BESIDE_JOURNAL {
            require_file(&path.join(name))?;
        }
        Ok(Self { path: path.to_path_buf(), _lock: lock, journal: None })
    }

    /// Creates the journal's file if it is missing, and locks it.
    pub(crate) fn lock_journal(&mut self) -> Result<(), LedgerError> {
        self.journal = Some(locked(&self.journal(), &self.path)?);
        Ok(())
    }

    /// The master key of a directory that another process may have open; none where there is none or it
    /// cannot be read.
    ///
    /// # Errors
    /// When others can read or change it: then it proves nothing.
    pub(crate) fn key_in(path: &Path) -> Result<Option<MasterKey>, LedgerError> {
        let path = path.join(MASTER_KEY);
        match read_private(&path, MOST_KEY) {
            Err(error @ FileError::NotPrivate { .. }) => Err(error.into()),
            // The administrator of a machine may inspect the data of another user's service.
            Err(FileError::ForeignOwner { .. }) => {
                Ok(read_text(&path, MOST_KEY).ok().and_then(|text| MasterKey::parse(&text)))
            }
            read => Ok(read.ok().and_then(|text| MasterKey::parse(&text))),
        }
    }

    /// The journal's database.
    pub(crate) fn journal(&self) -> PathBuf {
        self.path.join(JOURNAL)
    }

    /// The administrators' keys in AWS's format.
    pub(crate) fn credentials(&self) -> PathBuf {
        self.path.join("credentials")
    }

    /// Reads the master key; creates one where there is no journal yet.
    pub(crate) fn master_key(&self) -> Result<MasterKey, LedgerError> {
        let path = self.path.join(MASTER_KEY);
        let wrong = |why| LedgerError::MasterKey { path: path.clone(), why };
        match read_private(&path, MOST_KEY) {
            Ok(text) => MasterKey::parse(&text).ok_or_else(|| wrong("is no key")),
            Err(error) if error.is_not_found() => {
                if self.journal().exists() {
                    return Err(wrong("is missing"));
                }
                let key = MasterKey::generate()?;
                write_new(&path, key.to_text().expose().as_bytes(), 0o600)?;
                Ok(key)
            }
            Err(FileError::NotUtf8 { .. } | FileError::TooLarge { .. }) => Err(wrong("is no key")),
            Err(error) => Err(error.into()),
        }
    }
}

/// Writes the administrators' keys where only their owner can read them.
///
/// # Errors
/// [`LedgerError::UnsafeFile`].
pub fn write_credentials(path: &Path, text: &str) -> Result<(), LedgerError> {
    Ok(write_private(path, text.as_bytes())?)
}

/// Opens a file of the directory's and locks it against all other processes.
fn locked(file: &Path, directory: &Path) -> Result<File, LedgerError> {
    let lock = open_private(file)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(LedgerError::Locked(directory.to_path_buf())),
        Err(TryLockError::Error(source)) => {
            Err(LedgerError::File { attempt: "lock", path: file.to_path_buf(), source })
        }
    }
}

/// Which file a path leads to: another one has another number, whatever its name.
pub(crate) fn identity(path: &Path) -> std::io::Result<(u64, u64)> {
    std::fs::symlink_metadata(path).map(|about| (about.dev(), about.ino()))
}

/// The directory's name is in the one above, which has to reach the disk as well.
fn sync_above(path: &Path) -> Result<(), LedgerError> {
    let above = path.parent().filter(|above| !above.as_os_str().is_empty());
    match File::open(above.unwrap_or(Path::new("."))) {
        Ok(above) => above.sync_all().map_err(|source| {
            let (attempt, path) = ("create the data directory", path.to_path_buf());
            LedgerError::File { attempt, path, source }
        }),
        // A folder that may not be read cannot be flushed.
        Err(_) => Ok(()),
    }
}
