//! What is wrong with a document, with places in its text.

use std::ops::Range;

use serde::Serialize;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// AWS would take it; look at it.
    Warning,
    /// AWS refuses it.
    Error,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The byte range in the text.
    pub span: Range<usize>,
    /// AWS's own wording, where it has one.
    pub aws: Option<String>,
    /// What would be right.
    pub help: Option<String>,
}

impl Diagnostic {
    /// AWS refuses what stands there. The line and the column come when all is read.
    pub(crate) fn error(at: &Range<usize>, message: impl Into<String>) -> Self {
        let message = message.into();
        let (span, severity) = (at.clone(), Severity::Error);
        Self { severity, message, line: 0, column: 0, span, aws: None, help: None }
    }

    /// AWS takes what stands there, and it does not do what it seems to.
    pub(crate) fn warning(at: &Range<usize>, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(at, message) }
    }

    /// AWS's own words for it.
    pub(crate) fn aws(mut self, words: impl Into<String>) -> Self {
        self.aws = Some(words.into());
        self
    }

    /// The same, where they may not be known.
    pub(crate) fn aws_known(mut self, words: Option<&str>) -> Self {
        self.aws = words.map(str::to_owned);
        self
    }

    pub(crate) fn help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }
}

/// A document that is no policy of its kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", summary(.diagnostics))]
pub struct Invalid {
    /// Every finding, in the order of the text. There is at least one error.
    pub diagnostics: Vec<Diagnostic>,
    text: String,
}

impl Invalid {
    /// Takes findings that are placed.
    pub(crate) fn new(text: &str, diagnostics: Vec<Diagnostic>) -> Self {
        Self { diagnostics, text: text.to_owned() }
    }

    /// The message of IAM's `MalformedPolicyDocument` for this document. IAM tells one mistake
    /// alone: that of the first check that fails, wherever it stands in the text.
    #[must_use]
    pub fn aws_message(&self) -> String {
        let errors = self.diagnostics.iter().filter(|d| d.severity == Severity::Error);
        let said = errors.filter_map(|d| d.aws.as_deref()).min_by_key(|aws| check(aws));
        said.unwrap_or("Syntax errors in policy.").to_owned()
    }
}

/// In which order IAM checks a document: by what it answers to documents with two mistakes.
fn check(aws: &str) -> usize {
    const ORDER: &[&str] = &[
        "This policy contains invalid Json",
        "Syntax errors in policy.",
        "The policy failed legacy parsing",
        "Statement IDs (SID)",
        "Policy statement must contain actions.",
        "Actions/Conditions must be prefaced",
        "Policy statement must contain resources.",
    ];
    const LAST: &[&str] = &["Actions/Condition can", "Vendor "];
    let first = ORDER.iter().position(|known| aws.starts_with(known)).unwrap_or(ORDER.len());
    first + usize::from(LAST.iter().any(|known| aws.starts_with(known)))
}

fn summary(diagnostics: &[Diagnostic]) -> String {
    let errors = diagnostics.iter().filter(|d| d.severity == Severity::Error);
    let lines = errors.map(|d| format!("{}:{}: {}", d.line, d.column, d.message));
    lines.collect::<Vec<_>>().join("; ")
}

impl miette::Diagnostic for Invalid {
    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        Some(&self.text)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = miette::LabeledSpan> + '_>> {
        let label = |d: &Diagnostic| {
            let span = shown(&self.text, &d.span);
            miette::LabeledSpan::new(Some(d.message.clone()), span.start, span.len())
        };
        Some(Box::new(self.diagnostics.iter().map(label)))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        if let [only] = self.diagnostics.as_slice() {
            return Some(Box::new(only.help.as_ref()?));
        }
        let help = |d: &Diagnostic| {
            let help = d.help.as_ref()?;
            Some(format!("{}:{}: {help}", d.line, d.column))
        };
        let all: Vec<_> = self.diagnostics.iter().filter_map(help).collect();
        (!all.is_empty()).then(|| Box::new(all.join("\n")) as Box<dyn std::fmt::Display>)
    }
}

/// As much of a place as is worth printing: of what goes over many lines the first, for what is wrong
/// with a whole document is not seen better by printing it.
#[must_use]
pub fn shown(text: &str, span: &std::ops::Range<usize>) -> std::ops::Range<usize> {
    // Ours: a statement is mostly shorter.
    const MOST_LINES: usize = 24;
    let piece = text.get(span.clone()).unwrap_or_default();
    let first = piece.lines().next().unwrap_or_default();
    let long = piece.matches('\n').count() > MOST_LINES;
    span.start..if long { span.start + first.len() } else { span.end }
}

/// The line and column of a byte, both from 1.
pub(crate) fn place(text: &str, at: usize) -> (usize, usize) {
    behind((1, 1), text.get(..at.min(text.len())).unwrap_or(text))
}

/// The place behind a text that begins at a place.
pub(crate) fn behind((line, column): (usize, usize), text: &str) -> (usize, usize) {
    let lines = text.bytes().filter(|byte| *byte == b'\n').count();
    let last = if lines == 0 { text } else { text.rsplit('\n').next().unwrap_or_default() };
    let columns = last.chars().count();
    (line + lines, if lines == 0 { column + columns } else { columns + 1 })
}

/// Puts findings in the order of the text and gives them their places, in one walk through it.
pub(crate) fn placed(text: &str, mut findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    findings.sort_by_key(|d| (d.span.start, std::cmp::Reverse(d.severity)));
    let (mut at, mut here) = (0, (1, 1));
    for finding in &mut findings {
        here = behind(here, text.get(at..finding.span.start).unwrap_or_default());
        at = finding.span.start;
        (finding.line, finding.column) = here;
    }
    findings
}
