//! `attache policy check`: mistakes in policies, and what is broader than it should be.

use std::path::{Path, PathBuf};

use attache_policy::{Finding, Level};
use serde::Serialize;

use super::changed_lines::ChangedLines;
use super::document::{Document, KindName};
use super::silence::Silences;
use super::{sarif, show};
use crate::output::{self, Exit, Format, Output};

/// The policies.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
What AWS refuses is an error, a probable mistake a warning, the rest a note. Actions, resources and
condition keys are compared with AWS's tables for the services that Attaché knows.

Examples:
  attache policy check role.json trust.json
  attache policy check --strict policies/*.json
  attache policy check --output sarif policies/*.json > policies.sarif
  attache policy check --silence reviewed.toml policies/*.json
  git diff -U0 main | attache policy check --changed-lines - policies/*.json
  aws iam get-role --role-name CauselyAccess | attache policy check -
  attache policy check --rules

The kind is inferred: with principals a trust policy where all actions are of STS, else a resource
policy; without, an identity policy. Boundaries, session and organization policies look like the
last: give --kind. In an answer of AWS's (get-role, get-policy-version) the policy inside is checked.

A file for --silence has entries such as
  [[silence]]
  rule = \"passes-any-role\"
  file = \"policies/deployer.json\"    # optional, * for any text
  contains = \"iam:PassRole\"          # optional: a text at its place or in its message
  reason = \"the deployer's boundary forbids it\"

Exit code 0: no error. 1: an error, or with --strict a warning. 2: a file cannot be read.")]
pub(crate) struct Args {
    /// A policy; - for standard input.
    #[arg(value_name = "FILE", required_unless_present = "rules")]
    files: Vec<PathBuf>,

    /// The kind of all of them; by default it is inferred from each.
    #[arg(long, value_enum, value_name = "KIND")]
    kind: Option<KindName>,

    /// Leave out the findings that this TOML file gives a reason for.
    #[arg(long, value_name = "FILE")]
    silence: Option<PathBuf>,

    /// Report only findings on lines that this unified diff touches; - for standard input.
    #[arg(long, value_name = "DIFF")]
    changed_lines: Option<PathBuf>,

    /// Warnings count as errors.
    #[arg(long)]
    strict: bool,

    /// List the rules.
    #[arg(long, conflicts_with = "files")]
    rules: bool,
}

/// The findings in a policy.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Checked {
    pub(super) file: String,
    pub(super) kind: &'static str,
    /// Whether the kind is a guess.
    pub(super) kind_inferred: bool,
    pub(super) findings: Vec<Finding>,
    /// Those that a person has given a reason for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) silenced: Vec<SilencedFinding>,
    #[serde(skip)]
    pub(super) text: String,
    /// Where it begins in its file.
    #[serde(skip)]
    pub(super) at: (usize, usize),
}

/// A finding, and why it is not told.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SilencedFinding {
    #[serde(flatten)]
    pub(super) finding: Finding,
    pub(super) reason: String,
}

/// Checks, and prints the findings.
pub(super) fn run(args: &Args, out: &Output) -> miette::Result<Exit> {
    if args.rules {
        return rules(out);
    }
    let mut silences = args.silence.as_deref().map(Silences::read).transpose()?.unwrap_or_default();
    let changed = args.changed_lines.as_deref().map(ChangedLines::read).transpose()?;
    let mut checked = Vec::new();
    for file in &args.files {
        for document in Document::open_all(file, args.kind)? {
            checked.push(check(document, file, &mut silences, changed.as_ref()));
        }
    }
    match out.format {
        Format::Json if out.sarif => out.json(&sarif::log(&checked))?,
        Format::Json => out.json(&checked)?,
        Format::Table => checked.iter().for_each(|own| show::print(own, out)),
    }
    // With --changed-lines most files are not looked at whole.
    if changed.is_none() {
        silences.unused().for_each(|unused| output::warn(&unused));
    }
    let worst = checked.iter().flat_map(|own| &own.findings).map(|own| own.level).max();
    let fails = if args.strict { Level::Warning } else { Level::Error };
    Ok(if worst.is_some_and(|worst| worst >= fails) { Exit::Failed } else { Exit::Done })
}

fn check(
    document: Document,
    file: &Path,
    silences: &mut Silences,
    changed: Option<&ChangedLines>,
) -> Checked {
    let Document { name, text, at, kind, written_as, is_inferred } = document;
    let mut all = match written_as {
        Some(written_as) => attache_policy::check_as(&text, written_as),
        None => attache_policy::check(&text, kind),
    };
    all.iter_mut().for_each(|own| shift(own, at));
    if let Some(changed) = changed {
        all.retain(|own| changed.touches(file, own.line..=own.end_line));
    }
    let (mut findings, mut silenced) = (Vec::new(), Vec::new());
    for finding in all {
        match silences.reason(&name, &text, &finding) {
            Some(reason) => silenced.push(SilencedFinding { finding, reason }),
            None => findings.push(finding),
        }
    }
    let (kind, kind_inferred) = (kind.name(), is_inferred);
    Checked { file: name, kind, kind_inferred, findings, silenced, text, at }
}

/// Gives a finding its place in the file in which the document is.
fn shift(finding: &mut Finding, (line, column): (usize, usize)) {
    for (own, place) in
        [(&mut finding.line, &mut finding.column), (&mut finding.end_line, &mut finding.end_column)]
    {
        if *own == 1 {
            *place += column - 1;
        }
        *own += line - 1;
    }
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

pub(super) fn word(level: Level) -> &'static str {
    match level {
        Level::Note => "note",
        Level::Warning => "warning",
        Level::Error => "error",
    }
}
