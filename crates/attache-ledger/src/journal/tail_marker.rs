//! The head: which event was the last, in a file of its own beside the database.
//!
//! The chain proves what stands in the journal, and not that nothing is missing at its end: SQLite takes
//! a write-ahead log that was cut, damaged or removed for one that ends earlier, and rows can be deleted.
//! So the last event's number and link are written here too, under a tag of the master key, after each
//! batch is on the disk and before whoever waits for it is answered: the head is never ahead of what was
//! kept. It is not flushed, which would double what a change costs; after a loss of power it can be
//! behind, and then proves less.

use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use attache_files::{open_private, write_private};

use super::chain::{FIRST, Link};
use crate::LedgerError;
use crate::master_key::MasterKey;

/// How often a head is read that is not whole: somebody may be writing it. Ours.
const TRIES: usize = 3;

/// The last event that a journal was known to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    pub(super) seq: i64,
    pub(super) link: Link,
}

/// What there is to read.
pub(super) enum Found {
    /// A head.
    Head(Head),
    /// None: a journal that is new, or older than heads are.
    Nothing,
    /// A file that was not written with this master key, or not as it is now.
    Foreign,
}

/// Where a journal's head is.
pub(super) fn sidecar_path(journal: &Path) -> PathBuf {
    journal.with_file_name("head")
}

/// Reads a head; its tag is looked at where there is a key to do it with.
pub(super) fn read(path: &Path, key: Option<&MasterKey>) -> Result<Found, LedgerError> {
    for _ in 0..TRIES {
        match fs::read_to_string(path) {
            Ok(text) => {
                if let Some(head) = Head::parse(&text, key) {
                    return Ok(Found::Head(head));
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

impl Head {
    fn parse(text: &str, key: Option<&MasterKey>) -> Option<Self> {
        let mut parts = text.split_ascii_whitespace();
        let seq = parts.next()?.parse().ok()?;
        let mut link = FIRST;
        hex::decode_to_slice(parts.next()?, &mut link).ok()?;
        let (head, tag) = (Self { seq, link }, hex::decode(parts.next()?).ok()?);
        key.is_none_or(|key| head.tag(key) == tag).then_some(head)
    }

    /// Always equally long: it is written over the one before.
    fn text(self, key: &MasterKey) -> String {
        format!("{:020} {} {}\n", self.seq, hex::encode(self.link), hex::encode(self.tag(key)))
    }

    fn tag(self, key: &MasterKey) -> Vec<u8> {
        key.tag(&[b"head", &self.seq.to_be_bytes(), &self.link])
    }
}

/// A head that is kept up to date.
#[derive(Debug)]
pub(super) struct TailWriter {
    file: File,
    key: MasterKey,
}

impl TailWriter {
    /// Begins with a head that is on the disk, for nothing is flushed later.
    pub(super) fn begin(path: &Path, key: &MasterKey, head: Head) -> Result<Self, LedgerError> {
        write_private(path, head.text(key).as_bytes())?;
        Ok(Self { file: open_private(path)?, key: key.clone() })
    }

    /// Writes another head over the one before.
    pub(super) fn write(&mut self, head: Head) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(head.text(&self.key).as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_reads_back_with_its_key_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("head");
        let (key, other) = (MasterKey::generate().unwrap(), MasterKey::generate().unwrap());
        assert!(matches!(read(&path, Some(&key)), Ok(Found::Nothing)));
        let mut pen = TailWriter::begin(&path, &key, Head { seq: 9, link: FIRST }).unwrap();
        let head = Head { seq: 12, link: [7; 32] };
        pen.write(head).unwrap();
        for key in [Some(&key), None] {
            assert!(matches!(read(&path, key), Ok(Found::Head(found)) if found == head));
        }
        assert!(matches!(read(&path, Some(&other)), Ok(Found::Foreign)));
        fs::write(&path, fs::read_to_string(&path).unwrap().replace("12 ", "11 ")).unwrap();
        assert!(matches!(read(&path, Some(&key)), Ok(Found::Foreign)));
    }
}
