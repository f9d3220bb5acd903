//! `attache completions`: a shell's completion script.

use clap::CommandFactory;

use crate::output::{Exit, Output};

/// The shell to complete in.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  attache completions bash > /etc/bash_completion.d/attache
  attache completions zsh > \"${fpath[1]}/_attache\"")]
pub(crate) struct Args {
    /// The shell.
    #[arg(value_enum)]
    shell: clap_complete::Shell,
}

/// Prints the script.
pub(crate) fn run(args: &Args, out: &Output) -> miette::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut crate::cli::Cli::command(), "attache", &mut script);
    out.text(String::from_utf8_lossy(&script).trim_end());
    Ok(Exit::Done)
}
