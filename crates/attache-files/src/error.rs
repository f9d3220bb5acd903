//! What can be wrong with a file.

use std::io;
use std::path::PathBuf;

/// Why a file was not read or not written. Each names the file and, where there is one, the
/// command that mends it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// The operating system refused.
    #[error("could not {attempt} {}: {source}", path.display())]
    Io {
        /// What was attempted: `read`, `write`, `create the folder`.
        attempt: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The operating system's own reason.
        #[source]
        source: io::Error,
    },
    /// More than the limit; nothing of it was used.
    #[error("{} is larger than the limit of {limit} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The limit in bytes.
        limit: u64,
    },
    /// Bytes that are not UTF-8.
    #[error("{} is not UTF-8 text: line {line}, column {column} has the byte 0x{byte:02x}", path.display())]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// The line of the first byte that is wrong, from 1.
        line: usize,
        /// Its column in characters, from 1.
        column: usize,
        /// That byte.
        byte: u8,
    },
    /// A key or a credential that others can read or change.
    #[error("{} has the mode {mode:04o}: others can read or change it. Run: chmod 600 {}", path.display(), path.display())]
    NotPrivate {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A key or a credential that belongs to another user.
    #[error("{} belongs to another user (uid {owner}); its owner could replace it", path.display())]
    ForeignOwner {
        /// The file.
        path: PathBuf,
        /// The owner's user id.
        owner: u32,
    },
    /// The path of a new file exists already.
    #[error("{} exists and would be replaced", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A symbolic link, a folder or a device where a file should go.
    #[error("{} is {what}, not a regular file", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
        /// What is there: `a symbolic link`, `a folder`.
        what: &'static str,
    },
    /// A name that would leave its folder.
    #[error("{name:?} is not a plain file name")]
    NotAName {
        /// The name as it was given.
        name: String,
    },
    /// A folder in which others could replace files.
    #[error("{} has the mode {mode:04o}: others can replace files in it. Run: chmod 700 {}", path.display(), path.display())]
    SharedFolder {
        /// The folder.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
}

impl FileError {
    pub(crate) fn io(
        attempt: &'static str,
        path: &std::path::Path,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { attempt, path, source }
    }

    /// Whether the file is simply not there.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }
}
