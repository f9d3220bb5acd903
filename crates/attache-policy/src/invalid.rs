//! The findings of a document, with their positions in its text.

use std::ops::Range;
use std::sync::Arc;

use attache_excerpt::{Excerpt, Label, MAX_MESSAGE_BYTES, advance, clip, join};
use attache_identifiers::excerpt;
use serde::Serialize;

use crate::parse::SYNTAX;

/// Ours: of the bytes of an error, those for what is wrong.
const MAX_SUMMARY_BYTES: usize = 800;
/// Ours: of the bytes of an error, those for what would be right.
const MAX_HELP_BYTES: usize = 600;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// AWS accepts it, but it may not do what it seems to.
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
    /// AWS refuses this span. The line and the column are filled in when the document has been read.
    pub(crate) fn error(at: &Range<usize>, message: impl AsRef<str>) -> Self {
        let message = clip(message.as_ref(), MAX_MESSAGE_BYTES);
        let (span, severity) = (at.clone(), Severity::Error);
        Self { severity, message, line: 0, column: 0, span, aws: None, help: None }
    }

    /// AWS accepts this span, which does not do what it seems to.
    pub(crate) fn warning(at: &Range<usize>, message: impl AsRef<str>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(at, message) }
    }

    /// AWS's own words for it.
    pub(crate) fn aws(mut self, words: impl Into<String>) -> Self {
        self.aws = Some(excerpt(&words.into(), MAX_MESSAGE_BYTES).into_owned());
        self
    }

    /// The same, where they may not be known.
    pub(crate) fn aws_known(mut self, words: Option<&str>) -> Self {
        self.aws = words.map(str::to_owned);
        self
    }

    pub(crate) fn help(mut self, help: Option<String>) -> Self {
        self.help = help.map(|help| clip(&help, MAX_MESSAGE_BYTES));
        self
    }
}

/// A document that is not a valid policy of its kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", summary(.diagnostics))]
pub struct Invalid {
    /// Every finding, in the order of the text. There is at least one error.
    pub diagnostics: Vec<Diagnostic>,
    excerpt: Arc<Excerpt>,
}

impl Invalid {
    /// Takes findings that have their positions.
    pub(crate) fn new(text: &str, diagnostics: Vec<Diagnostic>) -> Self {
        let label = |d: &Diagnostic| Label::new(d.span.clone(), &d.message);
        let labels: Vec<_> = diagnostics.iter().map(label).collect();
        Self { diagnostics, excerpt: Arc::new(Excerpt::new("", text, &labels)) }
    }

    /// The message of IAM's `MalformedPolicyDocument` for this document. IAM reports one mistake
    /// only: that of the first check that fails, wherever it is in the text.
    #[must_use]
    pub fn aws_message(&self) -> String {
        let errors = self.diagnostics.iter().filter(|d| d.severity == Severity::Error);
        let first = errors.filter_map(|d| d.aws.as_deref()).min_by_key(|aws| check(aws));
        first.unwrap_or(SYNTAX).to_owned()
    }
}

/// In which order IAM checks a document: by what it answers to documents with two mistakes.
fn check(aws: &str) -> usize {
    const ORDER: &[&str] = &[
        "This policy contains invalid Json",
        "Policy document must be version",
        "Syntax errors in policy.",
        "The policy failed legacy parsing",
        "Statement IDs (SID)",
        "Policy statement must contain actions.",
        "Actions/Conditions must be prefaced",
        "Policy statement must contain resources.",
    ];
    const LAST: &[&str] = &[
        "Actions/Condition can",
        "Vendor ",
        "Trust policy with trusted principal",
        "Policy trusting",
        "A condition block must be present",
    ];
    let first = ORDER.iter().position(|known| aws.starts_with(known)).unwrap_or(ORDER.len());
    first + usize::from(LAST.iter().any(|known| aws.starts_with(known)))
}

fn summary(diagnostics: &[Diagnostic]) -> String {
    let errors = diagnostics.iter().filter(|d| d.severity == Severity::Error);
    let lines = errors.map(|d| format!("{}:{}: {}", d.line, d.column, d.message));
    join(lines, "; ", MAX_SUMMARY_BYTES)
}

impl miette::Diagnostic for Invalid {
    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        Some(&self.excerpt)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = miette::LabeledSpan> + '_>> {
        Some(Box::new(self.excerpt.labels()))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        if let [only] = self.diagnostics.as_slice() {
            return Some(Box::new(only.help.as_ref()?));
        }
        let help = |d: &Diagnostic| {
            let help = d.help.as_ref()?;
            Some(format!("{}:{}: {help}", d.line, d.column))
        };
        let all = join(self.diagnostics.iter().filter_map(help), "\n", MAX_HELP_BYTES);
        (!all.is_empty()).then(|| Box::new(all) as Box<dyn std::fmt::Display>)
    }
}

/// Sorts findings by the text's order and fills in their positions, in one pass over it.
pub(crate) fn with_positions(text: &str, mut findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    findings.sort_by_key(|d| (d.span.start, std::cmp::Reverse(d.severity)));
    let (mut at, mut position) = (0, (1, 1));
    for finding in &mut findings {
        position = advance(position, text.get(at..finding.span.start).unwrap_or_default());
        at = finding.span.start;
        (finding.line, finding.column) = position;
    }
    findings
}
