//! What is wrong with a document, with places in its text.

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
    pub span: std::ops::Range<usize>,
    /// AWS's own wording, where it has one.
    pub aws: Option<String>,
    /// What would be right.
    pub help: Option<String>,
}

/// A document that is no policy of its kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", summary(.diagnostics))]
pub struct Invalid {
    /// Every finding, in the order of the text. There is at least one.
    pub diagnostics: Vec<Diagnostic>,
    text: String,
}

impl Invalid {
    pub(crate) fn new(text: &str, mut diagnostics: Vec<Diagnostic>) -> Self {
        diagnostics.sort_by_key(|d| d.span.start);
        Self { diagnostics, text: text.to_owned() }
    }

    /// The message of IAM's `MalformedPolicyDocument` for this document.
    #[must_use]
    pub fn aws_message(&self) -> String {
        let said = self.diagnostics.iter().find_map(|d| d.aws.clone());
        said.unwrap_or_else(|| "Syntax errors in policy.".to_owned())
    }
}

fn summary(diagnostics: &[Diagnostic]) -> String {
    let lines = diagnostics.iter().map(|d| format!("{}:{}: {}", d.line, d.column, d.message));
    lines.collect::<Vec<_>>().join("; ")
}

impl miette::Diagnostic for Invalid {
    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        Some(&self.text)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = miette::LabeledSpan> + '_>> {
        let label = |d: &Diagnostic| {
            miette::LabeledSpan::new(Some(d.message.clone()), d.span.start, d.span.len())
        };
        Some(Box::new(self.diagnostics.iter().map(label)))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        let help = self.diagnostics.iter().find_map(|d| d.help.as_ref())?;
        Some(Box::new(help))
    }
}

/// The line and column of a byte, both from 1.
pub(crate) fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at.min(text.len())).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}
