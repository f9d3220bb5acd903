//! One module a command: its arguments, its help with examples, and its run.

mod agent;
mod apply;
mod arguments;
mod audit;
mod authority;
mod cluster_client;
mod completions;
mod destroy;
mod duration;
mod explain;
mod federate;
mod http;
mod init;
mod issuer;
mod issuer_fetch;
mod laboratory;
mod manifests;
mod mediator;
mod plan;
mod policy;
mod quickstart;
mod reach;
mod render;
mod schema;
mod token;
mod verify;
mod webhook;

use crate::output::{Exit, Output};

/// The verbs.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Run the whole chain on this machine: no AWS account, no cluster.
    Quickstart(quickstart::Args),
    /// Write a new federation's file, with comments.
    Init(init::Args),
    /// Show the changes that a federation needs in its accounts.
    Plan(plan::Args),
    /// Make the accounts of a federation match its file.
    Apply(apply::Args),
    /// Remove what a federation created.
    Destroy(destroy::Args),
    /// Check every link of the chain from a token to its sessions.
    Verify(verify::Args),
    /// List who assumed a federation's roles, what was refused and why, and what is not used.
    Audit(audit::Args),
    /// Explain why a request is allowed or denied: policies, a token and a request, offline.
    Explain(explain::Args),
    /// Check policies and compare them, offline.
    Policy(policy::Args),
    /// List which principals can assume which roles, directly or through chains.
    Reach(reach::Args),
    /// Write a federation for another tool: Kubernetes, Helm, Terraform, CloudFormation, a script.
    Render(render::Args),
    /// Print the JSON Schema of a federation's file.
    Schema(schema::Args),
    /// List the resources of every account with its own session, and serve the inventory.
    Mediator(mediator::Args),
    /// Give pods their roles' credentials on any cluster, as the EKS Pod Identity Agent does.
    Agent(agent::Args),
    /// Run the embedded AWS by itself: IAM, STS, Organizations and EKS with enforcement.
    Authority(authority::Args),
    /// Publish a cluster's keys for AWS, and check that AWS can read an issuer's.
    Issuer(issuer::Args),
    /// Issue, show and verify service-account tokens, as a cluster does.
    Token(token::Args),
    /// Give pods their AWS roles, as EKS's webhook does, in any cluster.
    Webhook(webhook::Args),
    /// Print a shell's completion script.
    Completions(completions::Args),
}

impl Command {
    /// Whether the verb can write CSV.
    pub(crate) fn writes_csv(&self) -> bool {
        matches!(self, Self::Audit(_))
    }

    /// Whether the verb can write Markdown.
    pub(crate) fn writes_markdown(&self) -> bool {
        matches!(self, Self::Plan(_))
    }

    /// Whether the verb can write SARIF.
    pub(crate) fn writes_sarif(&self) -> bool {
        matches!(self, Self::Policy(args) if args.writes_sarif())
    }
}

/// Runs the verb that was given.
pub(crate) async fn run(command: Command, out: &Output) -> miette::Result<Exit> {
    match command {
        Command::Quickstart(args) => quickstart::run(args, out).await,
        Command::Init(args) => init::run(args, out),
        Command::Plan(args) => plan::run(args, out).await,
        Command::Apply(args) => apply::run(args, out).await,
        Command::Destroy(args) => destroy::run(args, out).await,
        Command::Verify(args) => verify::run(args, out).await,
        Command::Audit(args) => audit::run(args, out).await,
        Command::Explain(args) => explain::run(&args, out),
        Command::Policy(args) => policy::run(&args, out),
        Command::Reach(args) => reach::run(&args, out).await,
        Command::Render(args) => render::run(args, out).await,
        Command::Schema(args) => schema::run(&args, out),
        Command::Mediator(args) => mediator::run(args, out).await,
        Command::Agent(args) => agent::run(args, out).await,
        Command::Authority(args) => authority::run(&args, out).await,
        Command::Issuer(args) => issuer::run(args, out).await,
        Command::Token(args) => token::run(args, out).await,
        Command::Webhook(args) => webhook::run(args, out).await,
        Command::Completions(args) => completions::run(&args, out),
    }
}
