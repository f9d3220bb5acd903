//! Reading within a limit.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use crate::FileError;

/// Ours: the largest file that a person writes or a tool prints for us. The authorization details
/// of a full account (5,000 roles with their policies) are about 60 MB.
pub const MAX_INPUT_BYTES: u64 = 256 * 1024 * 1024;

/// Ours: what a person writes, such as a federation's file, values or rules. A
/// federation of 5,000 accounts is under 1 MB.
pub const MAX_DOCUMENT_BYTES: u64 = 16 * 1024 * 1024;

/// Ours: AWS's largest policy has 32 KiB, and some of it can be white space.
pub const MAX_POLICY_BYTES: u64 = 1024 * 1024;

/// Ours: more than any token, key or key set has, so that a wrong file is not read to its end.
pub const MAX_KEY_BYTES: u64 = 1024 * 1024;

/// Reads a UTF-8 text file of at most `limit` bytes.
///
/// A regular file's size is looked at before anything of it is read, and a pipe or device is read
/// no further than the limit.
///
/// # Errors
/// When it cannot be read, is larger, or is not UTF-8 (with the place).
pub fn read_text(path: &Path, limit: u64) -> Result<String, FileError> {
    let file = File::open(path).map_err(FileError::io("read", path))?;
    let about = file.metadata().map_err(FileError::io("read", path))?;
    if about.is_file() && about.len() > limit {
        return Err(FileError::TooLarge { path: path.to_owned(), limit });
    }
    read_text_from(file, path, limit)
}

/// Reads at most `limit` bytes of UTF-8 text from a source that errors call `name`: `-` for
/// standard input.
///
/// # Errors
/// As [`read_text`].
pub fn read_text_from(source: impl Read, name: &Path, limit: u64) -> Result<String, FileError> {
    let mut bytes = Vec::new();
    let read = source.take(limit.saturating_add(1)).read_to_end(&mut bytes);
    let read = read.map_err(FileError::io("read", name))?;
    if u64::try_from(read).unwrap_or(u64::MAX) > limit {
        return Err(FileError::TooLarge { path: name.to_owned(), limit });
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let (before, rest) = error.as_bytes().split_at(valid);
        let before = String::from_utf8_lossy(before);
        let last = before.rsplit('\n').next().unwrap_or_default();
        FileError::NotUtf8 {
            path: name.to_owned(),
            line: before.matches('\n').count() + 1,
            column: last.chars().count() + 1,
            byte: rest.first().copied().unwrap_or_default(),
        }
    })
}

/// Reads a key or a credential, which only its owner may read or change.
///
/// # Errors
/// As [`read_text`], and when the file's mode is looser than 0600 or its owner is neither this
/// process's user nor root.
pub fn read_private(path: &Path, limit: u64) -> Result<String, FileError> {
    let file = File::open(path).map_err(FileError::io("read", path))?;
    // Of the open file, not of the path: the file cannot be replaced in between.
    let about = file.metadata().map_err(FileError::io("read", path))?;
    let mode = about.mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(FileError::NotPrivate { path: path.to_owned(), mode });
    }
    let owner = about.uid();
    if owner != 0 && owner != rustix::process::geteuid().as_raw() {
        return Err(FileError::ForeignOwner { path: path.to_owned(), owner });
    }
    if about.is_file() && about.len() > limit {
        return Err(FileError::TooLarge { path: path.to_owned(), limit });
    }
    read_text_from(file, path, limit)
}
