//! What went wrong, made fit for a terminal: cleaned, and no longer than a person reads.

use std::borrow::Cow;
use std::fmt::{Debug, Display, Formatter};

use attache_identifiers::{excerpt, printable_lines};
use miette::{Diagnostic, LabeledSpan, MietteHandlerOpts, ReportHandler, Severity, SourceCode};
use textwrap::WordSplitter;

/// Ours: a terminal of 50 lines. An error says what was wrong and what would be right; an input
/// that it repeats can have any size.
pub(super) const LONGEST_ERROR: usize = 4096;

/// Ours, in characters: what an error says itself, and what it advises, which can be a list of
/// what was done before it.
const LONGEST_MESSAGE: usize = 1000;
const LONGEST_HELP: usize = 1500;
const LONGEST_CAUSE: usize = 500;
const LONGEST_LABEL: usize = 600;
/// Ours: more causes than any of our errors has.
const MOST_CAUSES: usize = 6;
const MOST_LABELS: usize = 4;
/// Ours, in bytes: three lines of a window; whoever has longer lines cuts them before.
const LONGEST_SNIPPET: usize = 3000;

/// A diagnostic whose words and lines are cleaned and cut. Spans stay where they were.
pub(super) struct Shown<'d> {
    of: &'d dyn Diagnostic,
    message: String,
    help: Option<String>,
    labels: Vec<LabeledSpan>,
    cause: Option<Cause>,
    source: Source<'d>,
}

/// The reasons, as text.
#[derive(Debug)]
struct Cause {
    message: String,
    next: Option<Box<Cause>>,
}

/// The lines that the labels are in.
enum Source<'d> {
    None,
    Clean(&'d dyn SourceCode),
    Cleaned(Excerpt),
}

/// A part of a text that was cleaned, byte for byte.
struct Excerpt {
    name: Option<String>,
    data: Vec<u8>,
    /// Where it begins in the text.
    offset: usize,
    line: usize,
}

impl<'d> Shown<'d> {
    pub(super) fn new(of: &'d dyn Diagnostic) -> Self {
        let help = of.help().map(|help| cleaned(&help.to_string(), LONGEST_HELP));
        let labels: Vec<_> =
            of.labels().into_iter().flatten().take(MOST_LABELS).map(|l| label(&l)).collect();
        let mut reasons: Vec<String> = Vec::new();
        let mut repeated_by = of.to_string();
        let mut error = of.source();
        while let Some(cause) = error.filter(|_| reasons.len() < MOST_CAUSES) {
            let reason = cause.to_string();
            // Many sentences end in their cause's own.
            if !repeated_by.contains(&reason) {
                reasons.push(reason.clone());
                repeated_by = reason;
            }
            error = cause.source();
        }
        let cause = reasons.iter().rev().fold(None, |next: Option<Cause>, reason| {
            let message = cleaned(reason, LONGEST_CAUSE);
            Some(Cause { message, next: next.map(Box::new) })
        });
        let source = Source::of(of, &labels);
        Self { message: cleaned(&of.to_string(), LONGEST_MESSAGE), of, help, labels, cause, source }
    }

    /// Without the lines that it is about.
    fn without_source(mut self) -> Self {
        self.source = Source::None;
        self
    }
}

/// The whole report as text of at most [`LONGEST_ERROR`] bytes.
pub(super) fn text(of: &dyn Diagnostic, color: bool) -> String {
    let whole = drawn(&Shown::new(of), color);
    if whole.len() <= LONGEST_ERROR {
        return whole;
    }
    // Without colours, so that no code is cut in two.
    let mut text = drawn(&Shown::new(of).without_source(), false);
    if text.len() > LONGEST_ERROR {
        text.truncate(text.floor_char_boundary(LONGEST_ERROR - '…'.len_utf8()));
        text.push('…');
    }
    text
}

fn drawn(shown: &Shown<'_>, color: bool) -> String {
    struct Drawn<'s>(&'s Shown<'s>, bool);
    impl Debug for Drawn<'_> {
        fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
            // A command or an id that is cut at its hyphen could not be pasted.
            let whole = WordSplitter::NoHyphenation;
            MietteHandlerOpts::new().color(self.1).word_splitter(whole).build().debug(self.0, f)
        }
    }
    format!("{:?}", Drawn(shown, color))
}

fn cleaned(text: &str, limit: usize) -> String {
    printable_lines(&excerpt(text, limit)).into_owned()
}

fn label(given: &LabeledSpan) -> LabeledSpan {
    let text = given.label().map(|label| cleaned(label, LONGEST_LABEL));
    if given.primary() {
        LabeledSpan::new_primary_with_span(text, *given.inner())
    } else {
        LabeledSpan::new_with_span(text, *given.inner())
    }
}

impl<'d> Source<'d> {
    fn of(of: &'d dyn Diagnostic, labels: &[LabeledSpan]) -> Self {
        let (Some(source), Some(first), Some(end)) = (
            of.source_code(),
            labels.iter().map(LabeledSpan::offset).min(),
            labels.iter().map(|label| label.offset() + label.len()).max(),
        ) else {
            return Self::None;
        };
        let Ok(read) = source.read_span(&(first, end - first).into(), 1, 1) else {
            return Self::None;
        };
        if read.data().len() > LONGEST_SNIPPET {
            return Self::None;
        }
        let data = clean_bytes(read.data());
        let name = read.name().map(|name| cleaned(name, LONGEST_LABEL));
        if data == read.data() && name.as_deref() == read.name() {
            return Self::Clean(source);
        }
        let (offset, line) = (read.span().offset(), read.line());
        Self::Cleaned(Excerpt { name, data, offset, line })
    }
}

/// As many bytes as before, so that spans stay true: `?` for each byte of what cannot be shown.
fn clean_bytes(data: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(data);
    if text.len() != data.len() {
        return data.iter().map(|b| if b.is_ascii_graphic() { *b } else { b'?' }).collect();
    }
    let mut clean = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let ends_line = c == '\r' && chars.peek() == Some(&'\n');
        if ends_line || matches!(printable_lines(c.encode_utf8(&mut [0; 4])), Cow::Borrowed(_)) {
            clean.push(c);
        } else {
            clean.extend(std::iter::repeat_n('?', c.len_utf8()));
        }
    }
    clean.into_bytes()
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &miette::SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn miette::SpanContents<'a> + 'a>, miette::MietteError> {
        let here =
            span.offset().checked_sub(self.offset).ok_or(miette::MietteError::OutOfBounds)?;
        let read = self.data.as_slice().read_span(&(here, span.len()).into(), before, after)?;
        let span = read.span();
        let data = self.data.get(span.offset()..span.offset() + span.len()).unwrap_or_default();
        let contents = miette::MietteSpanContents::new_named(
            self.name.clone().unwrap_or_default(),
            data,
            (span.offset() + self.offset, span.len()).into(),
            read.line() + self.line,
            read.column(),
            read.line_count(),
        );
        Ok(Box::new(contents))
    }
}

impl Display for Shown<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl Debug for Shown<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Shown<'_> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause.as_ref().map(|cause| cause as _)
    }
}

impl Display for Cause {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Cause {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.next.as_deref().map(|cause| cause as _)
    }
}

impl Diagnostic for Shown<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        let code = self.of.code()?;
        Some(Box::new(cleaned(&code.to_string(), LONGEST_LABEL)))
    }

    fn severity(&self) -> Option<Severity> {
        self.of.severity()
    }

    fn help<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as _)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        match &self.source {
            Source::None => None,
            Source::Clean(source) => Some(*source),
            Source::Cleaned(excerpt) => Some(excerpt),
        }
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[derive(Debug, thiserror::Error, Diagnostic)]
    enum Failed {
        #[error("could not read it: {0}")]
        Repeats(#[source] io::Error),
        #[error("could not read it")]
        Keeps(#[source] io::Error),
    }

    #[test]
    fn a_cause_that_the_sentence_has_is_not_printed_again() {
        for failed in [Failed::Repeats, Failed::Keeps] {
            let shown = text(&failed(io::Error::other("the disk is gone")), false);
            assert_eq!(shown.matches("the disk is gone").count(), 1, "{shown}");
        }
    }
}
