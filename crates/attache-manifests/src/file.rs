//! A text and its name.

use std::path::Path;

use attache_files::MAX_DOCUMENT_BYTES;

use crate::{At, Invalid, ManifestError};

/// The byte order mark with which Windows tools begin a text. It is not part of it.
pub(crate) const BYTE_ORDER_MARK: char = '\u{feff}';

/// A text with the name that errors call it by.
#[derive(Clone, Copy)]
pub struct File<'t> {
    name: &'t str,
    text: &'t str,
}

/// A [`File`] that owns its text.
#[derive(Clone)]
pub struct TextFile {
    name: String,
    text: String,
}

impl<'t> File<'t> {
    /// A text and its name. A byte order mark at its beginning is left out.
    #[must_use]
    pub fn new(name: &'t str, text: &'t str) -> Self {
        Self { name, text: text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text) }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &'t str {
        self.name
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &'t str {
        self.text
    }

    /// An error about a place in the text, which shows the lines around it.
    #[must_use]
    pub fn wrong(
        &self,
        at: impl Into<At>,
        message: impl AsRef<str>,
        help: impl Into<Option<String>>,
    ) -> Invalid {
        Invalid::new(*self, &at.into(), message.as_ref(), help.into(), Some(self.text))
    }

    /// The bytes of a key where it first is at the beginning of a line; the beginning of the text
    /// where it does not.
    #[must_use]
    pub fn key(&self, key: &str) -> std::ops::Range<usize> {
        let mut start = 0;
        for line in self.text.split_inclusive('\n') {
            let bare = line.trim_start_matches([' ', '-', '"', '\'', '{']);
            let at = start + line.len() - bare.len();
            start += line.len();
            let rest = bare.strip_prefix(key).unwrap_or_default();
            if rest.trim_start_matches(['"', '\'', ' ']).starts_with([':', '=']) {
                return at..at + key.len();
            }
        }
        0..0
    }
}

impl TextFile {
    /// A text and its name. A byte order mark at its beginning is left out.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let (name, mut text) = (name.into(), text.into());
        if text.starts_with(BYTE_ORDER_MARK) {
            text.drain(..BYTE_ORDER_MARK.len_utf8());
        }
        Self { name, text }
    }

    /// Reads a file of at most [`MAX_DOCUMENT_BYTES`].
    ///
    /// # Errors
    /// [`ManifestError::Read`] when it cannot be read, is larger, or is not UTF-8.
    pub fn read(path: &Path) -> Result<Self, ManifestError> {
        let text = attache_files::read_text(path, MAX_DOCUMENT_BYTES)?;
        Ok(Self::new(path.display().to_string(), text))
    }

    /// The name and the text.
    #[must_use]
    pub fn file(&self) -> File<'_> {
        File { name: &self.name, text: &self.text }
    }
}

/// Without the text: it can be a Secret's.
impl std::fmt::Debug for File<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("File").field("name", &self.name).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for TextFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.file().fmt(f)
    }
}
