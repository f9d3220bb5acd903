//! What is wrong with a file, and where: the complaint that every reader of a file here gives.

use std::ops::Range;
use std::path::Path;

use attache_excerpt::{Excerpt, Label, MAX_MESSAGE_BYTES, MAX_NAME_BYTES, clip, position, word_at};
use miette::{Diagnostic, LabeledSpan, SourceCode};

use crate::MediatorError;

/// Ours: a word that resembles the given one less than this is not offered for it.
const LIKENESS: f64 = 0.8;

/// Ours: no word that is known is half as long; to compare takes time and memory by its length.
const LONGEST_WORD: usize = 200;

/// Ours: the largest file of values, of Secrets or of the catalog. A Secret has at most 1 MiB in
/// Kubernetes, and a file of all Secrets of a thousand accounts less.
const MAX_FILE_BYTES: u64 = 16 * 1024 * 1024;

/// A file that cannot be used: the place, the reason, and what would be right.
///
/// As a `miette` diagnostic it shows the offending line, or the part of it around the place. However
/// large the file and what stands there, it is no longer than
/// [`attache_excerpt::MAX_ERROR_BYTES`].
#[derive(Debug, thiserror::Error)]
#[error("{file}:{line}:{column}: {message}")]
pub struct Invalid {
    /// The file's name, as it was given.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What would be right, where that is known.
    pub help: Option<String>,
    excerpt: Excerpt,
}

impl Diagnostic for Invalid {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.excerpt)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.excerpt.labels()))
    }

    fn help<'h>(&'h self) -> Option<Box<dyn std::fmt::Display + 'h>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn std::fmt::Display>)
    }
}

/// A file's name and text, which every complaint about it needs.
#[derive(Debug, Clone)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) text: String,
}

impl File {
    /// Reads a file whole.
    pub(crate) fn read(path: &Path) -> Result<Self, MediatorError> {
        let text = attache_files::read_text(path, MAX_FILE_BYTES)
            .map_err(|source| MediatorError::Read { path: path.to_owned(), source })?;
        Ok(Self { name: path.display().to_string(), text })
    }

    /// A complaint about a range of bytes.
    pub(crate) fn wrong(
        &self,
        at: Range<usize>,
        message: impl AsRef<str>,
        help: impl Into<Option<String>>,
    ) -> Box<Invalid> {
        let (line, column) = position(&self.text, at.start);
        Box::new(Invalid {
            file: clip(&self.name, MAX_NAME_BYTES),
            line,
            column,
            message: clip(message.as_ref(), MAX_MESSAGE_BYTES),
            help: help.into().map(|help| clip(&help, MAX_MESSAGE_BYTES)),
            excerpt: Excerpt::new(&self.name, &self.text, &[Label::new(at, "here")]),
        })
    }

    /// The bytes of the word at a line and a column, both from 1, as YAML's reader counts them.
    pub(crate) fn word(&self, line: u64, column: u64) -> Range<usize> {
        word_at(&self.text, line, column).unwrap_or(0..0)
    }

    /// The bytes of a key where it first stands as one.
    pub(crate) fn key(&self, key: &str) -> Range<usize> {
        self.keys(key).next().map_or(0..0, |(_, at)| at)
    }

    /// The bytes of the key whose value stands in a line, counted from 1: the key is there, or
    /// above it.
    pub(crate) fn key_above(&self, key: &str, line: u64) -> Range<usize> {
        let line = usize::try_from(line).unwrap_or(usize::MAX);
        let above = self.keys(key).take_while(|(own, _)| *own <= line);
        above.last().map_or(0..0, |(_, at)| at)
    }

    /// Every line, from 1, that begins with a key, and the key's bytes.
    fn keys<'f>(&'f self, key: &'f str) -> impl Iterator<Item = (usize, Range<usize>)> + 'f {
        let mut start = 0;
        self.text.split_inclusive('\n').enumerate().filter_map(move |(nth, line)| {
            let bare = line.trim_start_matches([' ', '-', '"', '\'', '{']);
            let at = start + line.len() - bare.len();
            start += line.len();
            let rest = bare.strip_prefix(key)?.trim_start_matches(['"', '\'', ' ']);
            rest.starts_with([':', '=']).then(|| (nth + 1, at..at + key.len()))
        })
    }
}

/// The known word that a given one was probably meant to be: one slip of a finger away, or much
/// like it.
pub(crate) fn nearest<'k>(given: &str, known: &[&'k str]) -> Option<&'k str> {
    if given.len() > LONGEST_WORD {
        return None;
    }
    let given = given.to_lowercase();
    let likeness = |word: &str| {
        let word = word.to_lowercase();
        // Short words are never much alike, however close.
        let slip = strsim::damerau_levenshtein(&given, &word) <= 1;
        if slip { 1.0 } else { strsim::jaro_winkler(&given, &word) }
    };
    let best = known.iter().copied().max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
    (likeness(best) >= LIKENESS).then_some(best)
}

/// What to say about an unknown word: the nearest known one, else all of them.
pub(crate) fn suggestion(given: &str, known: &[&str]) -> String {
    match nearest(given, known) {
        Some(word) => format!("did you mean `{word}`?"),
        None => format!("known are: {}", known.join(", ")),
    }
}
