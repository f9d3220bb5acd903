//! The lines around places in a text, as an error prints them.
//!
//! They are cut and cleaned here, not where they are printed: a printer that pads a label to its
//! column panics beyond 65,535 of them, and repeats whatever line it is given.

use std::collections::BTreeMap;
use std::ops::Range;

use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use crate::clip::{MAX_MESSAGE_BYTES, MAX_NAME_BYTES, clip};
use crate::line::{Line, line_at};
use crate::position::position;

/// Ours: of the bytes of an error, those for its excerpt; the rest is for what it says.
const MAX_EXCERPT_BYTES: usize = 1900;
/// Ours: a place over more lines than this is shown by its first one. What is wrong with a whole
/// document is not seen better by printing it.
const MAX_PLACE_LINES: usize = 12;
/// What a printer puts before a line: the number, a bar, colours.
const GUTTER: usize = 24;

/// A place in a text, and what is said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The bytes.
    pub at: Range<usize>,
    /// What is said of them; nothing where the error says it already.
    pub message: Option<String>,
}

impl Label {
    /// A place, and what is said of it.
    #[must_use]
    pub fn new(at: Range<usize>, message: impl Into<String>) -> Self {
        Self { at, message: Some(message.into()) }
    }

    /// A place of which all is said elsewhere.
    #[must_use]
    pub fn bare(at: Range<usize>) -> Self {
        Self { at, message: None }
    }
}

/// The part of a text that shows places in it: as a `miette` source with its labels.
///
/// Lines and columns are those of the whole text. Nothing that a terminal acts on is left in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    name: String,
    text: String,
    parts: Vec<Part>,
    labels: Vec<Shown>,
}

/// Lines that follow one another in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    /// Its bytes in the excerpt.
    at: Range<usize>,
    /// The number of its first line, from 1.
    first: usize,
    lines: usize,
}

/// A label with its bytes in the excerpt.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Shown {
    at: Range<usize>,
    message: Option<String>,
    /// Line and column in the whole text, from 1.
    position: (usize, usize),
}

impl Excerpt {
    /// Takes out of a text what shows these places: as many of them as have room, the first one
    /// always. A place beyond the text's end is its end.
    #[must_use]
    pub fn new(name: &str, text: &str, labels: &[Label]) -> Self {
        let mut window = Window { text, lines: BTreeMap::new(), labels: Vec::new() };
        for label in labels {
            let whole = window.with(label, MAX_PLACE_LINES);
            let fits = |window: &Window<'_>| window.built("").cost() <= MAX_EXCERPT_BYTES;
            if fits(&whole) {
                window = whole;
                continue;
            }
            let short = window.with(label, 1);
            if !window.labels.is_empty() && !fits(&short) {
                break;
            }
            window = short;
        }
        window.built(&clip(name, MAX_NAME_BYTES))
    }

    /// The places, as a `miette` diagnostic gives them.
    pub fn labels(&self) -> impl Iterator<Item = LabeledSpan> + '_ {
        self.labels
            .iter()
            .map(|label| LabeledSpan::new(label.message.clone(), label.at.start, label.at.len()))
    }

    /// How many of the places are shown.
    #[must_use]
    pub fn shown(&self) -> usize {
        self.labels.len()
    }

    /// The lines that are shown.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// At most how many bytes a printer makes of it.
    fn cost(&self) -> usize {
        let lines: usize = self.parts.iter().map(|part| (part.lines + 2) * GUTTER).sum();
        let tabs = self.text.matches('\t').count();
        let labels: usize = self.labels.iter().map(|label| self.label_cost(label)).sum();
        lines + self.text.len() + 3 * tabs + labels
    }

    /// A row that underlines, and one that has the message, both padded to the place.
    fn label_cost(&self, label: &Shown) -> usize {
        let columns = |text: &str| -> usize {
            text.chars().map(|c| if c == '\t' { 4 } else { c.len_utf8().min(2) }).sum()
        };
        let before = self.text.get(..label.at.start).unwrap_or_default();
        let pad = columns(before.rsplit('\n').next().unwrap_or_default());
        let own = self.text.get(label.at.clone()).unwrap_or_default();
        let underline = if own.contains('\n') { 0 } else { 3 * columns(own) };
        let message = label.message.as_ref().map_or(0, |message| pad + message.len() + GUTTER);
        pad + underline + GUTTER + message
    }
}

/// The lines that are to be shown, and the places in them, in bytes of the text.
#[derive(Clone)]
struct Window<'t> {
    text: &'t str,
    /// By their numbers, from 1.
    lines: BTreeMap<usize, Line>,
    /// Each with its line and column.
    labels: Vec<(Label, (usize, usize))>,
}

impl Window<'_> {
    /// With one place more, its lines, and one before and behind them.
    fn with(&self, label: &Label, most_lines: usize) -> Self {
        let mut window = self.clone();
        let text = self.text;
        let start = text.floor_char_boundary(label.at.start);
        let mut end = text.ceil_char_boundary(label.at.end.min(text.len())).max(start);
        let own = text.get(start..end).unwrap_or_default();
        // The line's own end is no part of a place.
        end -= own.len() - own.trim_end_matches(['\r', '\n']).len();
        let position = position(text, start);
        let first = position.0;
        let mut at = line_at(text, start);
        if text.get(start..end).unwrap_or_default().matches('\n').count() >= most_lines {
            end = at.end.max(start);
        }
        if let Some(before) = at.start.checked_sub(1) {
            window.context(first - 1, line_at(text, before));
        }
        let line = window.lines.entry(first);
        line.and_modify(|line| line.show(text, start))
            .or_insert_with(|| Line::around(text, at.clone(), start));
        let mut number = first;
        while let Some(next) = next_line(text, &at) {
            number += 1;
            let inside = next.start < end;
            window.context(number, next.clone());
            if !inside {
                break;
            }
            at = next;
        }
        let message = label.message.as_ref().map(|message| clip(message, MAX_MESSAGE_BYTES));
        window.labels.push((Label { at: start..end, message }, position));
        window
    }

    fn context(&mut self, number: usize, at: Range<usize>) {
        self.lines.entry(number).or_insert_with(|| Line::context(self.text, at));
    }

    fn built(&self, name: &str) -> Excerpt {
        let mut out = Builder { text: String::new(), marks: Vec::new() };
        let mut parts: Vec<Part> = Vec::new();
        for (number, line) in &self.lines {
            let start = out.text.len();
            out.line(self.text, line);
            match parts.last_mut() {
                Some(part) if part.first + part.lines == *number => {
                    part.at.end = out.text.len();
                    part.lines += 1;
                }
                _ => parts.push(Part { at: start..out.text.len(), first: *number, lines: 1 }),
            }
        }
        let label = |(label, position): &(Label, (usize, usize))| Shown {
            at: out.place(&label.at),
            message: label.message.clone(),
            position: *position,
        };
        let labels = self.labels.iter().map(label).collect();
        Excerpt { name: name.to_owned(), text: out.text, parts, labels }
    }
}

/// The line behind one; not the empty one behind a text's last line feed.
fn next_line(text: &str, at: &Range<usize>) -> Option<Range<usize>> {
    let rest = text.get(at.end..).unwrap_or_default();
    let start = at.end + rest.find('\n')? + 1;
    (start < text.len()).then(|| line_at(text, start))
}

/// An excerpt under way.
struct Builder {
    text: String,
    /// Bytes of the source and where they went: every character's, and every piece's end.
    marks: Vec<(usize, usize)>,
}

impl Builder {
    fn line(&mut self, source: &str, line: &Line) {
        const LEFT_OUT: char = '…';
        let mut shown = line.at.start;
        for piece in &line.pieces {
            if piece.start > shown {
                self.text.push(LEFT_OUT);
            }
            for (at, c) in source.get(piece.clone()).unwrap_or_default().char_indices() {
                self.marks.push((piece.start + at, self.text.len()));
                self.text.push(visible(c));
            }
            self.marks.push((piece.end, self.text.len()));
            shown = piece.end;
        }
        if shown < line.at.end {
            self.text.push(LEFT_OUT);
        }
        self.text.push('\n');
    }

    /// Where a place went: as much of it as is shown.
    fn place(&self, at: &Range<usize>) -> Range<usize> {
        let first = self.marks.partition_point(|(source, _)| *source < at.start);
        let behind = self.marks.partition_point(|(source, _)| *source <= at.end);
        let to = |mark: Option<&(usize, usize)>| mark.map(|(_, to)| *to);
        let start = to(self.marks.get(first)).unwrap_or_else(|| self.text.len().saturating_sub(1));
        let end = to(behind.checked_sub(1).and_then(|mark| self.marks.get(mark)));
        start..end.unwrap_or(start).max(start)
    }
}

/// One character for each, so that a column stays a column. A tab stays, of which the printer makes
/// columns.
fn visible(c: char) -> char {
    let plain = attache_identifiers::printable(c.encode_utf8(&mut [0; 4])).chars().eq([c]);
    match c {
        _ if plain || c == '\t' => c,
        // Unicode's pictures of the control characters.
        '\0'..='\u{1f}' => {
            char::from_u32(0x2400 + u32::from(c)).unwrap_or(char::REPLACEMENT_CHARACTER)
        }
        '\u{7f}' => '\u{2421}',
        _ => char::REPLACEMENT_CHARACTER,
    }
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        _after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (start, end) = (span.offset(), span.offset() + span.len());
        let part_of = |byte: usize| {
            let found = |part: &&Part| part.at.start <= byte && byte <= part.at.end;
            self.parts.iter().find(found).ok_or(MietteError::OutOfBounds)
        };
        // From one part to another is what is between them here: there is nothing else.
        let (part, last) = (part_of(start)?, part_of(end)?);
        let label = self.labels.iter().find(|label| label.at.start == start);
        // Without lines around it, it is the place's own line and column that are asked for.
        let (at, line, column) = match label {
            Some(Shown { position: (line, column), .. }) if before == 0 => {
                (start..end, *line, *column)
            }
            _ => (part.at.start..last.at.end, part.first, 1),
        };
        let data = self.text.get(at.clone()).unwrap_or_default().as_bytes();
        let span = SourceSpan::from((at.start, at.len()));
        let (line, column) = (line - 1, column - 1);
        Ok(Box::new(if self.name.is_empty() {
            MietteSpanContents::new(data, span, line, column, part.lines)
        } else {
            let name = self.name.clone();
            MietteSpanContents::new_named(name, data, span, line, column, part.lines)
        }))
    }
}
