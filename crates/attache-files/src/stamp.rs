//! Whether a file is still what it was when it was read.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::SystemTime;

/// What distinguishes two states of a file: a writer who replaces it, as the kubelet does, makes
/// another inode, one who writes into it another time or length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileStamp {
    modified: Option<SystemTime>,
    length: u64,
    inode: u64,
}

impl FileStamp {
    /// Of a file, through links. Take it before the file is read: a change in between is then seen
    /// the next time.
    ///
    /// # Errors
    /// When the file is not there, or may not be looked at.
    pub fn of(path: &Path) -> io::Result<Self> {
        let about = std::fs::metadata(path)?;
        Ok(Self { modified: about.modified().ok(), length: about.len(), inode: about.ino() })
    }
}
