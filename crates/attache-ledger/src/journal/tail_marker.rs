//! The tail marker: which event was the last, in the file `head` beside the database.
//!
//! The chain of hashes proves the events that are in the journal, and not that none is missing at its
//! end: SQLite reads a write-ahead log that was cut, damaged or removed as one that ends earlier, and
//! rows can be deleted. So the last event's number and hash are written here too, under a tag of the
//! master key, after each batch is on the disk and before its callers are answered: the marker is never
//! ahead of what was committed. It is not flushed, which would double the cost of a change; after a loss
//! of power it can be behind, and then proves less.

use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use attache_files::{open_private, write_private};

use super::chain::{FIRST, Link};
use crate::LedgerError;
use crate::master_key::MasterKey;

/// How often a marker that is incomplete is read again: it may be being written. Ours.
const TRIES: usize = 3;

/// The last event that a journal was known to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tail {
    pub(super) seq: i64,
    pub(super) link: Link,
}

/// What was read.
pub(super) enum Found {
    /// A marker.
    Tail(Tail),
    /// None: the journal is new, or older than tail markers are.
    Nothing,
    /// A file that was not written with this master key, or not as it is now.
    Foreign,
}

/// The path of a journal's tail marker.
pub(super) fn sidecar_path(journal: &Path) -> PathBuf {
    journal.with_file_name("head")
}

/// Reads a marker; its tag is verified where there is a key.
pub(super) fn read(path: &Path, key: Option<&MasterKey>) -> Result<Found, LedgerError> {
    for _ in 0..TRIES {
        match fs::read_to_string(path) {
            Ok(text) => {
                if let Some(tail) = Tail::parse(&text, key) {
                    return Ok(Found::Tail(tail));
                }
            }
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
            Err(e) if e.kind() == io::ErrorKind::InvalidData => {}
            Err(source) => {
                let (attempt, path) = ("read", path.to_path_buf());
                return Err(LedgerError::File { attempt, path, source });
            }
        }
    }
    Ok(Found::Foreign)
}

impl Tail {
    fn parse(text: &str, key: Option<&MasterKey>) -> Option<Self> {
        let mut parts = text.split_ascii_whitespace();
        let seq = parts.next()?.parse().ok()?;
        let mut link = FIRST;
        hex::decode_to_slice(parts.next()?, &mut link).ok()?;
        let (tail, tag) = (Self { seq, link }, hex::decode(parts.next()?).ok()?);
        key.is_none_or(|key| tail.tag(key) == tag).then_some(tail)
    }

    /// Always equally long: it is written over the one before.
    fn text(self, key: &MasterKey) -> String {
        format!("{:020} {} {}\n", self.seq, hex::encode(self.link), hex::encode(self.tag(key)))
    }

    fn tag(self, key: &MasterKey) -> Vec<u8> {
        key.tag(&[b"head", &self.seq.to_be_bytes(), &self.link])
    }
}

/// The marker's file, open to be written again and again.
#[derive(Debug)]
pub(super) struct TailWriter {
    file: File,
    key: MasterKey,
}

impl TailWriter {
    /// Writes the first marker to the disk, for nothing is flushed later, and opens the file.
    pub(super) fn create(path: &Path, key: &MasterKey, tail: Tail) -> Result<Self, LedgerError> {
        write_private(path, tail.text(key).as_bytes())?;
        Ok(Self { file: open_private(path)?, key: key.clone() })
    }

    /// Writes another marker over the one before.
    pub(super) fn write(&mut self, tail: Tail) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(tail.text(&self.key).as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tail_marker_reads_back_with_its_key_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("head");
        let (key, other) = (MasterKey::generate().unwrap(), MasterKey::generate().unwrap());
        assert!(matches!(read(&path, Some(&key)), Ok(Found::Nothing)));
        let mut writer = TailWriter::create(&path, &key, Tail { seq: 9, link: FIRST }).unwrap();
        let tail = Tail { seq: 12, link: [7; 32] };
        writer.write(tail).unwrap();
        for key in [Some(&key), None] {
            assert!(matches!(read(&path, key), Ok(Found::Tail(found)) if found == tail));
        }
        assert!(matches!(read(&path, Some(&other)), Ok(Found::Foreign)));
        fs::write(&path, fs::read_to_string(&path).unwrap().replace("12 ", "11 ")).unwrap();
        assert!(matches!(read(&path, Some(&key)), Ok(Found::Foreign)));
    }
}
