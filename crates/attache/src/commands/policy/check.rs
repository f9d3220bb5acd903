//! `attache policy check`: mistakes in policies, and what is broader than it should be.

use std::path::{Path, PathBuf};

use attache_excerpt::{Excerpt, Label};
use attache_policy::{Finding, Level};
use serde::Serialize;

use super::document::{Document, KindName};
use super::sarif;
use crate::output::{Exit, Format, Output, Tone};

/// The policies.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
What AWS refuses is an error, a probable mistake a warning, the rest a note. Actions, resources and
condition keys are compared with AWS's tables for the services that Attaché knows.

Examples:
  attache policy check role.json trust.json
  attache policy check --strict policies/*.json
  attache policy check --output sarif policies/*.json > policies.sarif
  attache policy check --rules

The kind is inferred: with principals a trust policy where all actions are of STS, else a resource
policy; without, an identity policy. Boundaries, session and organization policies look like the
last: give --kind.

Exit code 0: no error. 1: an error, or with --strict a warning. 2: a file cannot be read.")]
pub(crate) struct Args {
    /// A policy; - for standard input.
    #[arg(value_name = "FILE", required_unless_present = "rules")]
    files: Vec<PathBuf>,

    /// The kind of all of them; by default it is inferred from each.
    #[arg(long, value_enum, value_name = "KIND")]
    kind: Option<KindName>,

    /// Warnings count as errors.
    #[arg(long)]
    strict: bool,

    /// List the rules.
    #[arg(long, conflicts_with = "files")]
    rules: bool,
}

/// The findings in a file.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Checked {
    pub(super) file: String,
    pub(super) kind: &'static str,
    pub(super) findings: Vec<Finding>,
    #[serde(skip)]
    text: String,
}

/// Checks, and prints the findings.
pub(super) fn run(args: &Args, out: &Output) -> miette::Result<Exit> {
    if args.rules {
        return rules(out);
    }
    let checked = args.files.iter().map(|file| check(file, args.kind));
    let checked = checked.collect::<miette::Result<Vec<_>>>()?;
    match out.format {
        Format::Json if out.sarif => out.json(&sarif::log(&checked))?,
        Format::Json => out.json(&checked)?,
        Format::Table => checked.iter().for_each(|own| print(own, out)),
    }
    let worst = checked.iter().flat_map(|own| &own.findings).map(|own| own.level).max();
    let fails = if args.strict { Level::Warning } else { Level::Error };
    Ok(if worst.is_some_and(|worst| worst >= fails) { Exit::Failed } else { Exit::Done })
}

fn check(file: &Path, kind: Option<KindName>) -> miette::Result<Checked> {
    let Document { name, text, kind } = Document::open(file, kind)?;
    let findings = attache_policy::check(&text, kind);
    Ok(Checked { file: name, kind: kind.name(), findings, text })
}

fn rules(out: &Output) -> miette::Result<Exit> {
    let all: Vec<_> = attache_policy::lint_rules().collect();
    if out.format != Format::Table {
        out.json(&all)?;
        return Ok(Exit::Done);
    }
    let row = |rule: &attache_policy::LintRule| {
        vec![rule.id.to_owned(), word(rule.level).to_owned(), rule.about.to_owned()]
    };
    let rows: Vec<_> = all.iter().map(row).collect();
    out.table(&["rule", "level", "about"], &rows, |_| None);
    Ok(Exit::Done)
}

fn print(checked: &Checked, out: &Output) {
    if checked.findings.is_empty() {
        let good = format!("{}: no findings ({})", checked.file, checked.kind);
        out.line(out.paint(Tone::Good, &good));
    }
    for finding in &checked.findings {
        let place = [Label::bare(finding.span.clone())];
        let excerpt = Excerpt::new(&checked.file, &checked.text, &place);
        out.diagnostic(&Shown { finding, excerpt });
    }
}

pub(super) fn word(level: Level) -> &'static str {
    match level {
        Level::Note => "note",
        Level::Warning => "warning",
        Level::Error => "error",
    }
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
        Some(Box::new(self.finding.help.as_ref()?))
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        Some(&self.excerpt)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = miette::LabeledSpan> + '_>> {
        Some(Box::new(self.excerpt.labels()))
    }
}
