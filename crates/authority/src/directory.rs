//! The data directory: its lock, its master key and its files.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::AuthorityError;
use crate::keys::MasterKey;

/// The journal's file.
pub(crate) const JOURNAL: &str = "journal.sqlite";

/// The master key's file.
const MASTER_KEY: &str = "master.key";

/// A data directory that no other process has.
#[derive(Debug)]
pub(crate) struct Directory {
    path: PathBuf,
    /// The system lets go of the lock when this is closed, however the process ends.
    _lock: File,
}

impl Directory {
    /// Makes the directory if it is missing, for the owner alone, and locks it.
    pub(crate) fn open(path: &Path) -> Result<Self, AuthorityError> {
        let failed = |attempt, path: &Path| {
            let path = path.to_path_buf();
            move |source| AuthorityError::File { attempt, path, source }
        };
        make_private(path).map_err(failed("create the data directory", path))?;
        let at = path.join("lock");
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&at);
        let lock = lock.map_err(failed("open the lock", &at))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_path_buf(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(AuthorityError::Locked(path.to_path_buf())),
            Err(TryLockError::Error(source)) => Err(failed("lock", &at)(source)),
        }
    }

    /// Whether an authority was ever opened in that directory.
    pub(crate) fn has_journal(path: &Path) -> bool {
        path.join(JOURNAL).exists()
    }

    /// The master key of a directory that somebody else may have open; none where it cannot be read.
    pub(crate) fn key_in(path: &Path) -> Option<MasterKey> {
        MasterKey::parse(&fs::read_to_string(path.join(MASTER_KEY)).ok()?)
    }

    /// The journal's database.
    pub(crate) fn journal(&self) -> PathBuf {
        self.path.join(JOURNAL)
    }

    /// The administrators' keys in AWS's format.
    pub(crate) fn credentials(&self) -> PathBuf {
        self.path.join("credentials")
    }

    /// Reads the master key; makes one where there is no journal yet.
    pub(crate) fn master_key(&self) -> Result<MasterKey, AuthorityError> {
        let path = self.path.join(MASTER_KEY);
        let wrong = |why| AuthorityError::MasterKey { path: path.clone(), why };
        match fs::read_to_string(&path) {
            Ok(text) => MasterKey::parse(&text).ok_or_else(|| wrong("is no key")),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                if self.journal().exists() {
                    return Err(wrong("is missing"));
                }
                let key = MasterKey::generate()?;
                write_private(&path, key.to_text().expose())?;
                Ok(key)
            }
            Err(e) if e.kind() == std::io::ErrorKind::InvalidData => Err(wrong("is no key")),
            Err(source) => Err(AuthorityError::File { attempt: "read", path, source }),
        }
    }
}

/// Writes a file that only its owner may read, whole or not at all: it is made beside its place,
/// written to the disk, and then put there.
pub(crate) fn write_private(path: &Path, text: &str) -> Result<(), AuthorityError> {
    let failed =
        |source| AuthorityError::File { attempt: "write", path: path.to_path_buf(), source };
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.sync_all().map_err(failed)?;
    fs::rename(&beside, path).map_err(failed)?;
    // The name is in the directory, which has to reach the disk as well.
    if let Some(Ok(directory)) = path.parent().map(File::open) {
        directory.sync_all().map_err(failed)?;
    }
    Ok(())
}

fn make_private(path: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let new = !path.exists();
    builder.create(path)?;
    // Its name is in the directory above, which has to reach the disk as well.
    let above = path
        .parent()
        .map(|above| if above.as_os_str().is_empty() { Path::new(".") } else { above });
    match above.filter(|_| new).map(File::open) {
        Some(Ok(above)) => above.sync_all(),
        // Whoever may not read it cannot flush it.
        Some(Err(_)) | None => Ok(()),
    }
}
