//! An explanation for people: as lines of text, and as a compiler's diagnostic.

use std::fmt::{Display, Formatter, Result};

use super::{Explanation, Miss, Place};
use crate::Outcome;

/// A statement as it is named in a line.
pub(super) struct Named<'p> {
    pub(super) policy: &'p str,
    /// From 1.
    pub(super) statement: usize,
    pub(super) sid: Option<&'p str>,
    pub(super) line: usize,
}

impl Display for Named<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let Self { policy, statement, sid, line } = self;
        match sid {
            Some(sid) => write!(f, "{policy}, statement {sid}, line {line}"),
            None => write!(f, "{policy}, statement {statement}, line {line}"),
        }
    }
}

impl Display for Place {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let Self { policy, statement, sid, line, .. } = self;
        Named { policy, statement: *statement, sid: sid.as_deref(), line: *line }.fmt(f)
    }
}

impl Miss {
    fn got(&self) -> String {
        if self.got.is_empty() { "nothing".to_owned() } else { self.got.join(", ") }
    }

    fn wanted(&self) -> String {
        let wanted = self.wanted.join(" or ");
        if self.element.starts_with("Not") { format!("anything but {wanted}") } else { wanted }
    }
}

impl Display for Explanation {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        writeln!(f, "{}", self.decision)?;
        for by in &self.decided_by {
            writeln!(f, "  decided by {by}")?;
        }
        for miss in &self.misses {
            writeln!(f, "  {} at {}:{} did not apply:", miss.statement, miss.line, miss.column)?;
            writeln!(f, "    {} wants {}", miss.element, miss.wanted())?;
            writeln!(f, "    the request has {}", miss.got())?;
            if miss.failed > 1 {
                writeln!(f, "    {} of its elements failed; this is the first", miss.failed)?;
            }
            if let Some(hint) = &miss.hint {
                writeln!(f, "    help: {hint}")?;
            }
        }
        for note in &self.notes {
            writeln!(f, "  note: {note}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Explanation {}

/// The decision with each near miss under it, at its place in its policy's text.
impl miette::Diagnostic for Explanation {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.outcome {
            Outcome::Allowed { .. } => miette::Severity::Advice,
            Outcome::Denied(_) => miette::Severity::Error,
        })
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn miette::Diagnostic> + 'a>> {
        Some(Box::new(self.misses.iter().map(|miss| miss as &dyn miette::Diagnostic)))
    }
}

impl Display for Miss {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let number = self.statement.statement.to_string();
        let name = self.statement.sid.as_ref().unwrap_or(&number);
        write!(f, "statement {name} did not apply: {} failed", self.element)?;
        if self.failed > 1 { write!(f, ", and {} more", self.failed - 1) } else { Ok(()) }
    }
}

impl std::error::Error for Miss {}

impl miette::Diagnostic for Miss {
    fn severity(&self) -> Option<miette::Severity> {
        Some(miette::Severity::Warning)
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        Some(&self.source.0)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = miette::LabeledSpan> + '_>> {
        // What is wanted is underlined where it is one value.
        let text = match (self.wanted.as_slice(), self.got.as_slice()) {
            ([_], [_, ..]) => format!("the request has {}", self.got()),
            _ => format!("wants {}; the request has {}", self.wanted(), self.got()),
        };
        let span = &self.source.1;
        Some(Box::new([miette::LabeledSpan::new(Some(text), span.start, span.len())].into_iter()))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        self.hint.as_ref().map(|hint| Box::new(hint) as Box<dyn Display>)
    }
}

/// A policy is the source of what is said about it, under its own name.
impl miette::SourceCode for crate::Policy {
    fn read_span<'a>(
        &'a self,
        span: &miette::SourceSpan,
        before: usize,
        after: usize,
    ) -> std::result::Result<Box<dyn miette::SpanContents<'a> + 'a>, miette::MietteError> {
        let text = self.text().read_span(span, before, after)?;
        let name = self.name().unwrap_or_else(|| self.kind().name()).to_owned();
        let named = miette::MietteSpanContents::new_named(
            name,
            text.data(),
            *text.span(),
            text.line(),
            text.column(),
            text.line_count(),
        );
        Ok(Box::new(named))
    }
}
