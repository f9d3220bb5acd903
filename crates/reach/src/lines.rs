//! On which line of its file a piece of text stands.

use crate::SnapshotError;

/// A file's text with the places of its line ends.
#[derive(Debug)]
pub(crate) struct Lines<'t> {
    pub(crate) file: &'t str,
    text: &'t str,
    ends: Vec<usize>,
}

impl<'t> Lines<'t> {
    pub(crate) fn new(file: &'t str, text: &'t str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self { file, text, ends: ends.map(|(at, _)| at).collect() }
    }

    /// The line, from 1, of a piece that was borrowed from the text.
    pub(crate) fn of(&self, piece: &str) -> usize {
        let at = piece.as_ptr().addr().saturating_sub(self.text.as_ptr().addr());
        self.ends.partition_point(|end| *end < at) + 1
    }

    pub(crate) fn error(&self, line: usize, of: &str, why: impl Into<String>) -> SnapshotError {
        SnapshotError { file: self.file.to_owned(), line, of: of.to_owned(), why: why.into() }
    }
}
