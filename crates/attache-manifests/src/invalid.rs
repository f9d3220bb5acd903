//! What is wrong with a file, and where.

use std::fmt::Display;
use std::ops::Range;

use attache_excerpt::{Excerpt, Label, MAX_MESSAGE_BYTES, MAX_NAME_BYTES, clip, position, word_at};
use miette::{Diagnostic, LabeledSpan, SourceCode};
use serde_saphyr::Location;

use crate::File;

/// A file that cannot be used: the place, the reason, and what would be right.
///
/// As a `miette` diagnostic it shows the offending line, or the part of it around the place. However
/// large the file and what is there, it is no longer than
/// [`attache_excerpt::MAX_ERROR_BYTES`].
#[derive(Debug)]
pub struct Invalid {
    /// The file's name, as it was given.
    pub file: String,
    /// From 1; 0 where the whole file, or a folder, is meant.
    pub line: usize,
    /// In characters, from 1; 0 where the whole file, or a folder, is meant.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What would be right, where that is known.
    pub help: Option<String>,
    excerpt: Option<Box<Excerpt>>,
}

/// A place in a text.
#[derive(Debug, Clone)]
pub enum At {
    /// These bytes.
    Bytes(Range<usize>),
    /// The word that begins at a line and a column, both from 1.
    Word {
        /// From 1.
        line: u64,
        /// In characters, from 1.
        column: u64,
    },
    /// The file as a whole, or a folder.
    Whole,
}

impl From<Range<usize>> for At {
    fn from(bytes: Range<usize>) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<Location> for At {
    fn from(at: Location) -> Self {
        Self::Word { line: at.line(), column: at.column() }
    }
}

impl At {
    /// The bytes in a text; none where the whole is meant, or the text has no such place.
    pub(crate) fn bytes(&self, text: &str) -> Option<Range<usize>> {
        match self {
            Self::Bytes(bytes) => Some(bytes.clone()),
            Self::Word { line, column } => word_at(text, *line, *column),
            Self::Whole => None,
        }
    }
}

impl Invalid {
    /// An error about a place in a file; `shown` is the text whose lines it shows, which is as long
    /// as the file's own.
    pub(crate) fn new(
        file: File<'_>,
        at: &At,
        message: &str,
        help: Option<String>,
        shown: Option<&str>,
    ) -> Self {
        let place = at.bytes(file.text());
        let (line, column) = match &place {
            Some(bytes) => position(file.text(), bytes.start),
            None => (0, 0),
        };
        // Of an empty text there is nothing to show.
        let shown = place.zip(shown.filter(|text| !text.is_empty()));
        let excerpt = shown.map(|(bytes, text)| {
            Box::new(Excerpt::new(file.name(), text, &[Label::new(bytes, "here")]))
        });
        Self {
            file: clip(file.name(), MAX_NAME_BYTES),
            line,
            column,
            message: clip(message, MAX_MESSAGE_BYTES),
            help: help.map(|help| clip(&help, MAX_MESSAGE_BYTES)),
            excerpt,
        }
    }
}

impl Display for Invalid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { file, line, column, message, .. } = self;
        match line {
            0 => write!(f, "{file}: {message}"),
            _ => write!(f, "{file}:{line}:{column}: {message}"),
        }
    }
}

impl std::error::Error for Invalid {}

impl Diagnostic for Invalid {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.excerpt.as_deref().map(|excerpt| excerpt as _)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.excerpt.as_deref().map(|excerpt| Box::new(excerpt.labels()) as _)
    }

    fn help<'h>(&'h self) -> Option<Box<dyn Display + 'h>> {
        self.help.as_ref().map(|help| Box::new(help) as _)
    }
}
