//! What is wrong with a file, and where: the complaint that every reader of a file here gives.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use attache_excerpt::{Excerpt, Label, MAX_MESSAGE_BYTES, MAX_NAME_BYTES, clip, position, word_at};
use miette::SourceSpan;

/// Ours: a word that resembles the given one less than this is not offered for it.
const LIKENESS: f64 = 0.8;

/// A file that cannot be used: the place, the reason, and what would be right.
///
/// As a `miette` diagnostic it shows the offending line.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
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
    #[help]
    pub help: Option<String>,
    #[source_code]
    excerpt: Arc<Excerpt>,
    #[label("here")]
    span: Option<SourceSpan>,
}

/// A file's name and text, which every complaint about it needs.
#[derive(Debug, Clone)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) text: String,
}

impl File {
    /// Reads a file whole.
    pub(crate) fn read(path: &Path) -> std::io::Result<Self> {
        let text = std::fs::read_to_string(path)?;
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
        let excerpt = Excerpt::new(&self.name, &self.text, &[Label::bare(at)]);
        let span = excerpt.labels().next().map(|own| *own.inner());
        Box::new(Invalid {
            file: clip(&self.name, MAX_NAME_BYTES),
            line,
            column,
            message: clip(message.as_ref(), MAX_MESSAGE_BYTES),
            help: help.into().map(|help| clip(&help, MAX_MESSAGE_BYTES)),
            span,
            excerpt: Arc::new(excerpt),
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
    // A word of megabytes is like none.
    let given = clip(given, MAX_MESSAGE_BYTES).to_lowercase();
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
