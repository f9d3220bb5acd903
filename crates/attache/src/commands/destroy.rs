//! `attache destroy`: removes what carries the federation's tag.

use attache_federation::plan_destroy;

use super::apply::{Ask, carry_out};
use super::federate::{
    ConnectArgs, Consent, FileArgs, Interruption, SearchArgs, TimeArgs, connect_all, or_json,
};
use crate::output::{Exit, Output};

/// What to destroy.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Removes the roles that carry the tag `attache:federation` with this federation's name, whatever they
are called, the Pod Identity associations of the file's cluster that carry it, and the OIDC providers that carry it too or whose federation has no role left, where no
other role could use them: in the accounts of the file, in those of the organization for which there
are credentials, and in those of --also. A role in an instance profile stays as it is. A role that was there before and
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
    search: SearchArgs,
    #[command(flatten)]
    time: TimeArgs,

    #[command(flatten)]
    consent: Consent,
}

/// Plans the removal, asks, and carries it out.
pub(crate) async fn run(args: Args, out: &Output) -> miette::Result<Exit> {
    or_json(remove(args, out).await, out)
}

async fn remove(args: Args, out: &Output) -> miette::Result<Exit> {
    let file = args.file.load()?;
    let interruption = Interruption::watch(*out)?;
    let (federation, connections, scope) = connect_all(&args.connect, &args.search, file).await?;
    let timeout = args.time.timeout();
    let plan = plan_destroy(&federation, &connections, &scope, timeout).await;
    let question = "The mediator loses its access.";
    let ask = Ask { question, consent: args.consent, timeout, interruption };
    carry_out(&federation, &plan, &connections, ask, out).await
}
