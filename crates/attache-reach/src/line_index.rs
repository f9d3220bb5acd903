//! On which line of its file a piece of text is.

use crate::{SnapshotError, SnapshotProblem};

/// A file's text with the places of its line ends.
#[derive(Debug)]
pub(crate) struct LineIndex<'t> {
    pub(crate) file: &'t str,
    text: &'t str,
    ends: Vec<usize>,
}

impl<'t> LineIndex<'t> {
    pub(crate) fn new(file: &'t str, text: &'t str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self { file, text, ends: ends.map(|(at, _)| at).collect() }
    }

    /// The line, from 1, of a piece that was borrowed from the text; the first, where it was not.
    pub(crate) fn of(&self, piece: &str) -> usize {
        let at = piece.as_ptr().addr().saturating_sub(self.text.as_ptr().addr());
        self.at(if at < self.text.len() { at } else { 0 })
    }

    /// The line, from 1, of a byte of the text.
    pub(crate) fn at(&self, byte: usize) -> usize {
        self.ends.partition_point(|end| *end < byte) + 1
    }

    /// The line, from 1, of the first place of a name in double quotes.
    pub(crate) fn first(&self, name: &str) -> usize {
        let at = self.text.find(&format!("\"{name}\"")).unwrap_or_default();
        self.at(at)
    }

    pub(crate) fn error(
        &self,
        line: usize,
        subject: &str,
        source: SnapshotProblem,
    ) -> SnapshotError {
        let (file, subject) = (self.file.to_owned(), subject.to_owned());
        SnapshotError { file, line, subject, source }
    }
}
