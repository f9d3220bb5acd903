//! One file a command: its arguments, its help with examples, and its run.

mod apply;
mod authority;
mod completions;
mod destroy;
mod explain;
mod federate;
mod http;
mod manifests;
mod mediator;
mod plan;
mod policy;
mod quickstart;
mod reach;
mod render;
mod token;
mod verify;

use crate::output::{Exit, Output};

/// The verbs.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Run the whole chain here and now: no AWS account, no cluster.
    Quickstart(quickstart::Args),
    /// Show what would be done to the accounts of a federation.
    Plan(plan::Args),
    /// Make the accounts of a federation as its file says.
    Apply(apply::Args),
    /// Remove what a federation made.
    Destroy(destroy::Args),
    /// Try every link of the chain from a token to its sessions.
    Verify(verify::Args),
    /// Say why a request is allowed or refused: policies, a token and a request, offline.
    Explain(explain::Args),
    /// Check policies and compare them, offline.
    Policy(policy::Args),
    /// Say who can become which role, directly or through chains.
    Reach(reach::Args),
    /// Write a federation's Secrets, Helm values, trust policies and commands.
    Render(render::Args),
    /// Scrape every account with its own session, and serve what is found.
    Mediator(mediator::Args),
    /// Run the embedded AWS by itself: IAM, STS and Organizations that enforce.
    Authority(authority::Args),
    /// Issue, show and verify service-account tokens: play the cluster from a shell.
    Token(token::Args),
    /// Print a shell's completion script.
    Completions(completions::Args),
}

impl Command {
    /// Whether the verb can write SARIF.
    pub(crate) fn writes_sarif(&self) -> bool {
        matches!(self, Self::Policy(args) if args.writes_sarif())
    }
}

/// Runs the verb that was given.
pub(crate) async fn run(command: Command, out: &Output) -> miette::Result<Exit> {
    match command {
        Command::Quickstart(args) => quickstart::run(args, out).await,
        Command::Plan(args) => plan::run(args, out).await,
        Command::Apply(args) => apply::run(args, out).await,
        Command::Destroy(args) => destroy::run(args, out).await,
        Command::Verify(args) => verify::run(args, out).await,
        Command::Explain(args) => explain::run(&args, out),
        Command::Policy(args) => policy::run(&args, out),
        Command::Reach(args) => reach::run(&args, out).await,
        Command::Render(args) => render::run(&args, out),
        Command::Mediator(args) => mediator::run(args, out).await,
        Command::Authority(args) => authority::run(args, out).await,
        Command::Token(args) => token::run(args, out).await,
        Command::Completions(args) => completions::run(&args, out),
    }
}
