//! The command line as a whole: the verbs, and the flags that every verb takes.

use clap::Parser;
use tracing_subscriber::EnvFilter;

use crate::commands::Command;
use crate::output::{Color, Shape};

/// Keyless, least-privilege, auditable access from a Kubernetes cluster to any number of AWS
/// accounts: set up, proved, run on and audited.
#[derive(Debug, Parser)]
#[command(name = "attache", version, propagate_version = true, max_term_width = 100)]
#[command(after_help = "\
Start here, with no AWS account and no cluster:
  attache quickstart

Exit codes: 0 done, 1 a check or decision failed, 2 usage or input, 3 AWS or the network failed.")]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,

    /// How to print the result.
    #[arg(long, global = true, value_enum, default_value = "table", value_name = "FORMAT")]
    pub(crate) output: Shape,

    /// When to use colours.
    #[arg(long, global = true, value_enum, default_value = "auto", value_name = "WHEN")]
    pub(crate) color: Color,

    /// Print no progress on standard error.
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,

    /// Log more on standard error: -v for what happens, -vv for every call.
    /// `ATTACHE_LOG` takes a finer filter.
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

/// Sends the log to standard error: warnings only, unless more was asked for.
pub(crate) fn start_log(verbose: u8) {
    let level = match verbose {
        0 => "warn",
        // The SDK's own log stays quiet: it would drown ours.
        1 => "info,aws_config=warn,aws_smithy_runtime=warn",
        _ => "debug,hyper_util=info,sqlx=info",
    };
    let filter = EnvFilter::try_from_env("ATTACHE_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    let color = std::io::IsTerminal::is_terminal(&std::io::stderr());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(color)
        .compact()
        .init();
}
