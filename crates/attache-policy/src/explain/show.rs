//! An explanation for people: as lines of text, and as a compiler's diagnostic.

use std::fmt::{Display, Formatter, Result};

use attache_excerpt::{MAX_NAME_BYTES, clip, join};

use super::{Explanation, NearMiss, Place};
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
        let Self { statement, line, .. } = self;
        let policy = short(self.policy);
        match self.sid.map(short) {
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

/// A name from a document, on one line.
fn short(text: &str) -> String {
    clip(text, MAX_NAME_BYTES)
}

/// Ours: of the bytes of a near miss, those for its values.
const MAX_VALUES_BYTES: usize = 320;

fn got(got: &[String]) -> String {
    if got.is_empty() { "nothing".to_owned() } else { join(got, ", ", MAX_VALUES_BYTES) }
}

fn wanted(element: &str, wanted: &[String]) -> String {
    let wanted = join(wanted, " or ", MAX_VALUES_BYTES);
    if element.starts_with("Not") { format!("anything but {wanted}") } else { wanted }
}

/// What is said at the place of a failed element.
pub(super) fn label(element: &str, wants: &[String], has: &[String]) -> String {
    // What is wanted is underlined where it is one value.
    match (wants, has) {
        ([_], [_, ..]) => format!("the request has {}", got(has)),
        _ => format!("expected {}; the request has {}", wanted(element, wants), got(has)),
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
            writeln!(
                f,
                "    {}: expected {}",
                short(&miss.element),
                wanted(&miss.element, &miss.wanted)
            )?;
            writeln!(f, "    the request has {}", got(&miss.got))?;
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

impl Display for NearMiss {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let number = self.statement.statement.to_string();
        let name = self.statement.sid.as_ref().unwrap_or(&number);
        let (name, element) = (short(name), short(&self.element));
        write!(f, "statement {name} did not apply: {element} failed")?;
        if self.failed > 1 { write!(f, ", and {} more", self.failed - 1) } else { Ok(()) }
    }
}

impl std::error::Error for NearMiss {}

impl miette::Diagnostic for NearMiss {
    fn severity(&self) -> Option<miette::Severity> {
        Some(miette::Severity::Warning)
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        Some(&self.excerpt)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = miette::LabeledSpan> + '_>> {
        Some(Box::new(self.excerpt.labels()))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        self.hint.as_ref().map(|hint| Box::new(hint) as Box<dyn Display>)
    }
}
