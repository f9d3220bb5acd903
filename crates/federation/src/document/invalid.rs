//! What is wrong with a file, and where.

use std::sync::Arc;

use miette::{NamedSource, SourceSpan};
use serde_saphyr::Location;

/// A file that cannot be used: the place, the reason, and what would be right.
///
/// As a `miette` diagnostic it shows the offending line.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("{file}:{line}:{column}: {message}")]
pub struct Invalid {
    /// The file's name, as it was given.
    pub file: String,
    /// From 1; 0 when the whole file is meant.
    pub line: u64,
    /// In characters, from 1; 0 when the whole file is meant.
    pub column: u64,
    /// What is wrong.
    pub message: String,
    /// What would be right, where that is known.
    #[help]
    pub help: Option<String>,
    #[source_code]
    text: Option<Arc<NamedSource<String>>>,
    #[label("here")]
    span: Option<SourceSpan>,
}

/// A file's name and text, which every complaint about it needs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct File<'t> {
    pub(crate) name: &'t str,
    pub(crate) text: &'t str,
}

impl File<'_> {
    /// A complaint about one place.
    pub(crate) fn wrong(
        &self,
        at: Location,
        message: impl Into<String>,
        help: Option<String>,
    ) -> Invalid {
        Invalid {
            file: self.name.to_owned(),
            line: at.line(),
            column: at.column(),
            message: message.into(),
            help,
            text: Some(Arc::new(NamedSource::new(self.name, self.text.to_owned()))),
            span: self.span(at),
        }
    }

    /// The place as a span of bytes, at least the rest of its word.
    fn span(&self, at: Location) -> Option<SourceSpan> {
        let before = usize::try_from(at.line()).ok()?.checked_sub(1)?;
        let line_start: usize = self.text.split_inclusive('\n').take(before).map(str::len).sum();
        let line = self.text.get(line_start..)?.lines().next()?;
        let skipped = usize::try_from(at.column()).ok()?.checked_sub(1)?;
        let in_line: usize = line.chars().take(skipped).map(char::len_utf8).sum();
        let rest = line.get(in_line..)?;
        let word = rest.find([' ', ',', '}', ']']).unwrap_or(rest.len());
        let word = rest.get(..word).map_or(word, |w| w.trim_end_matches(':').len());
        Some((line_start + in_line, word).into())
    }
}
