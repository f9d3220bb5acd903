//! One file a command: its arguments, its help with examples, and its run.

mod completions;
mod token;

use crate::output::{Exit, Output};

/// The verbs.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Issue, show and verify service-account tokens: play the cluster from a shell.
    Token(token::Args),
    /// Print a shell's completion script.
    Completions(completions::Args),
}

/// Runs the verb that was given.
pub(crate) async fn run(command: Command, out: &Output) -> miette::Result<Exit> {
    match command {
        Command::Token(args) => token::run(args, out).await,
        Command::Completions(args) => completions::run(&args, out),
    }
}
