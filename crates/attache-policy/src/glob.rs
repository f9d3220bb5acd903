//! Patterns with `*`, `?` and variables, compiled once.
//!
//! A pattern is its text before the first `*`, the texts between two, and the text after the last.
//! Each is looked for once, from left to right, so that `a*a*a*b` cannot explode.

use crate::Context;
use crate::segment::Segment;

/// A compiled pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Glob {
    /// Before the first `*`.
    head: Chunk,
    /// Between two stars.
    middle: Box<[Chunk]>,
    /// After the last `*`; nothing where there is no star at all.
    tail: Option<Chunk>,
    variables: bool,
}

/// Segments without a `*` among them.
type Chunk = Box<[Segment]>;

impl Glob {
    pub(crate) fn new(segments: &[Segment]) -> Self {
        let variables = !crate::segment::is_fixed(segments);
        let mut chunks: Vec<Chunk> = segments
            .split(|segment| *segment == Segment::AnyRun)
            .map(|chunk| chunk.to_vec().into())
            .collect();
        let tail = if chunks.len() > 1 { chunks.pop() } else { None };
        let mut chunks = chunks.into_iter();
        let head = chunks.next().unwrap_or_default();
        // `**` is `*`.
        let middle = chunks.filter(|chunk| !chunk.is_empty()).collect();
        Self { head, middle, tail, variables }
    }

    /// Whether it is `*`.
    pub(crate) fn is_any(&self) -> bool {
        self.head.is_empty() && self.middle.is_empty() && self.tail.as_deref() == Some(&[])
    }

    /// The text that everything begins with which fits.
    pub(crate) fn prefix(&self) -> &str {
        match self.head.first() {
            Some(Segment::Text(text)) => text,
            _ => "",
        }
    }

    /// What it requires after its prefix.
    pub(crate) fn beyond_prefix(&self) -> Beyond {
        let only_text = matches!(&*self.head, [] | [Segment::Text(_)]) && self.middle.is_empty();
        match self.tail.as_deref() {
            None if only_text => Beyond::Nothing,
            Some([]) if only_text => Beyond::Anything,
            _ => Beyond::More,
        }
    }

    /// Whether the whole text fits.
    pub(crate) fn fits(&self, text: &str, context: &Context) -> bool {
        if self.variables && !self.has_values(context) {
            return false;
        }
        let Some(rest) = after(&self.head, text, context) else { return false };
        let Some(tail) = &self.tail else { return rest.is_empty() };
        let Some(mut rest) = before(tail, rest, context) else { return false };
        for chunk in &self.middle {
            match after_first(chunk, rest, context) {
                Some(after) => rest = after,
                None => return false,
            }
        }
        true
    }

    /// A variable without a value makes the whole pattern match nothing.
    fn has_values(&self, context: &Context) -> bool {
        let chunks = self.middle.iter().chain(&self.tail).chain([&self.head]);
        chunks.flatten().all(|segment| match segment {
            Segment::Variable(variable) => variable.value(context).is_some(),
            Segment::NoMatch => false,
            Segment::Text(_) | Segment::AnyChar | Segment::AnyRun => true,
        })
    }
}

/// What is asked of a text that begins with a pattern's prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beyond {
    /// It ends there.
    Nothing,
    /// Nothing is asked.
    Anything,
    /// The whole pattern has to be tried.
    More,
}

/// What a segment stands for, where it is text.
fn plain<'t>(segment: &'t Segment, context: &'t Context) -> Option<&'t str> {
    match segment {
        Segment::Text(text) => Some(text),
        Segment::Variable(variable) => variable.value(context),
        Segment::AnyChar | Segment::AnyRun | Segment::NoMatch => None,
    }
}

/// The text after the chunk, where it begins with it.
fn after<'t>(chunk: &[Segment], mut text: &'t str, context: &Context) -> Option<&'t str> {
    for segment in chunk {
        text = match plain(segment, context) {
            Some(own) => text.strip_prefix(own)?,
            None => {
                let mut chars = text.chars();
                chars.next()?;
                chars.as_str()
            }
        };
    }
    Some(text)
}

/// The text before the chunk, where it ends with it.
fn before<'t>(chunk: &[Segment], mut text: &'t str, context: &Context) -> Option<&'t str> {
    for segment in chunk.iter().rev() {
        text = match plain(segment, context) {
            Some(own) => text.strip_suffix(own)?,
            None => {
                let mut chars = text.chars();
                chars.next_back()?;
                chars.as_str()
            }
        };
    }
    Some(text)
}

/// The text after the chunk's first occurrence in it. The first is as good as any later one: what a
/// later one leaves, the first leaves too.
fn after_first<'t>(chunk: &[Segment], text: &'t str, context: &Context) -> Option<&'t str> {
    if let [only] = chunk
        && let Some(own) = plain(only, context)
    {
        // The library's search takes time linear in the text, whatever the texts are.
        return text.split_once(own).map(|(_, after)| after);
    }
    let starts = text.char_indices().map(|(at, _)| at);
    starts.filter_map(|at| text.get(at..)).find_map(|rest| after(chunk, rest, context))
}
