//! `attache policy`: documents by themselves, offline.

mod diff;
mod document;

use crate::output::{Exit, Output};

/// What to do with policies.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Say what one policy allows that another does not.
    Diff(diff::Args),
}

/// Runs the verb that was given.
pub(crate) fn run(args: &Args, out: &Output) -> miette::Result<Exit> {
    match &args.verb {
        Verb::Diff(args) => diff::run(args, out),
    }
}
