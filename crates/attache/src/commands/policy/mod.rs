//! `attache policy`: checks and compares policy documents, offline.

mod changed_lines;
mod check;
mod diff;
mod document;
mod sarif;
mod show;
mod silence;

use crate::output::{Exit, Output};

/// What to do with policies.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  attache policy check trust-policy.json role-policy.json
  attache policy check --strict --output sarif policies/*.json
  attache policy diff before.json after.json")]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Look for mistakes, and for what is broader than it should be.
    Check(check::Args),
    /// List what one policy allows that another does not.
    Diff(diff::Args),
}

impl Args {
    pub(crate) fn writes_sarif(&self) -> bool {
        matches!(self.verb, Verb::Check(_))
    }
}

/// Runs the verb that was given.
pub(crate) fn run(args: &Args, out: &Output) -> miette::Result<Exit> {
    match &args.verb {
        Verb::Check(args) => check::run(args, out),
        Verb::Diff(args) => diff::run(args, out),
    }
}
