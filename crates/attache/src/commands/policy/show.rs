//! Findings for a person: each at its place in the text.

use attache_excerpt::{Excerpt, Label};
use attache_policy::{Finding, Level};

use super::check::Checked;
use super::document::blank;
use crate::output::{Output, Tone};

/// Prints what was found in a policy.
pub(super) fn print(checked: &Checked, out: &Output) {
    let (file, kind) = (&checked.file, checked.kind);
    let silenced = match checked.silenced.len() {
        0 => String::new(),
        count => format!(", {count} silenced"),
    };
    if checked.findings.is_empty() {
        let good = format!("{file}: no findings ({kind}{silenced})");
        out.line(out.paint(Tone::Good, &good));
        return;
    }
    let before = blank(checked.at);
    let text = [&*before, &*checked.text].concat();
    for finding in &checked.findings {
        let span = finding.span.start + before.len()..finding.span.end + before.len();
        let excerpt = Excerpt::new(&checked.file, &text, &[Label::bare(span)]);
        out.diagnostic(&Shown { finding, excerpt });
    }
    let count = checked.findings.len();
    let plural = if count == 1 { "" } else { "s" };
    let guess = if checked.kind_inferred { ", inferred: --kind sets it" } else { "" };
    out.line(format!("{file}: {count} finding{plural} ({kind}{guess}{silenced})"));
}

/// A finding at its place.
#[derive(Debug)]
struct Shown<'f> {
    finding: &'f Finding,
    excerpt: Excerpt,
}

impl std::fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.finding.message)
    }
}

impl std::error::Error for Shown<'_> {}

impl miette::Diagnostic for Shown<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        Some(Box::new(self.finding.rule))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.finding.level {
            Level::Note => miette::Severity::Advice,
            Level::Warning => miette::Severity::Warning,
            Level::Error => miette::Severity::Error,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        let finding = self.finding;
        let iam = finding.aws_message.as_ref().map(|message| format!("IAM says: {message}"));
        let same = finding.access_analyzer.map(|same| format!("Access Analyzer: {same}"));
        let lines: Vec<String> = finding.help.clone().into_iter().chain(iam).chain(same).collect();
        (!lines.is_empty()).then(|| Box::new(lines.join("\n")) as Box<dyn std::fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        Some(&self.excerpt)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = miette::LabeledSpan> + '_>> {
        Some(Box::new(self.excerpt.labels()))
    }
}
