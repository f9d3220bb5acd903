//! What is wrong with a file, and where.

use std::sync::Arc;

use attache_excerpt::{Excerpt, Label, MAX_MESSAGE_BYTES, MAX_NAME_BYTES, clip, word_at};
use miette::SourceSpan;
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
    excerpt: Option<Arc<Excerpt>>,
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
        message: impl AsRef<str>,
        help: Option<String>,
    ) -> Invalid {
        // Of an empty file there is nothing to show.
        let place = word_at(self.text, at.line(), at.column()).filter(|_| !self.text.is_empty());
        let excerpt = place.map(|word| Excerpt::new(self.name, self.text, &[Label::bare(word)]));
        Invalid {
            file: clip(self.name, MAX_NAME_BYTES),
            line: at.line(),
            column: at.column(),
            message: clip(message.as_ref(), MAX_MESSAGE_BYTES),
            help: help.map(|help| clip(&help, MAX_MESSAGE_BYTES)),
            span: excerpt.as_ref().and_then(|own| own.labels().next()).map(|own| *own.inner()),
            excerpt: excerpt.map(Arc::new),
        }
    }
}
