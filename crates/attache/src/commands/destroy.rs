//! `attache destroy`: what carries the federation's tag, removed.

use ::federation::plan_destroy;

use super::apply::{Ask, carry_out};
use super::federate::{ConnectArgs, FileArgs, connect, ended};
use crate::output::{Exit, Output};

/// What to destroy.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Removes the roles that carry the tag `attache:federation` with this federation's name, and the OIDC
provider where it carries it too and no other role trusts it. Nothing else is touched.

Examples:
  attache destroy -f federation.yaml
  attache destroy -f federation.yaml --yes")]
pub(crate) struct Args {
    #[command(flatten)]
    file: FileArgs,
    #[command(flatten)]
    connect: ConnectArgs,

    /// Do not ask.
    #[arg(long, short)]
    yes: bool,
}

/// Plans the removal, asks, and carries it out.
pub(crate) async fn run(args: Args, out: &Output) -> miette::Result<Exit> {
    let federation = args.file.load()?;
    let connections = connect(&args.connect, &federation.accounts(), federation.home()).await?;
    match plan_destroy(&federation, &connections).await {
        Ok(plan) => {
            let question = "The mediator loses its access.";
            carry_out(&federation, &plan, &connections, Ask { question, yes: args.yes }, out).await
        }
        Err(error) => ended(error, out),
    }
}
