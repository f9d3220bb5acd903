//! `attache destroy`: removes what carries the federation's tag.

use attache_federation::plan_destroy;

use super::apply::{Ask, carry_out};
use super::federate::{ConnectArgs, Consent, FileArgs, connect, ended};
use crate::output::{Exit, Output};

/// What to destroy.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Removes the roles that carry the tag `attache:federation` with this federation's name, and the OIDC
provider where it carries it too and no other role could use it. A role that was there before and
was taken over with --adopt stays: what the federation put on it is taken off, and its trust policy
is closed. Nothing else is touched.

Examples:
  attache destroy -f federation.yaml
  attache destroy -f federation.yaml --yes")]
pub(crate) struct Args {
    #[command(flatten)]
    file: FileArgs,
    #[command(flatten)]
    connect: ConnectArgs,

    #[command(flatten)]
    consent: Consent,
}

/// Plans the removal, asks, and carries it out.
pub(crate) async fn run(args: Args, out: &Output) -> miette::Result<Exit> {
    let federation = args.file.load()?;
    let (accounts, home) = (federation.accounts(), federation.home());
    let connections = connect(&args.connect, &accounts, Some(home)).await?;
    match plan_destroy(&federation, &connections).await {
        Ok(plan) => {
            let question = "The mediator loses its access.";
            let ask = Ask { question, consent: args.consent };
            carry_out(&federation, &plan, &connections, ask, out).await
        }
        Err(error) => ended(error, out),
    }
}
