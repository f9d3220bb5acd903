//! `attache plan`: shows the changes and makes none.

use attache_federation::{PlanOptions, plan};

use super::federate::{ConnectArgs, FileArgs, PlanReport, connect, ended, print};
use crate::output::{Exit, Format, Output};

/// What to plan.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  attache plan -f federation.yaml
  attache plan -f federation.yaml --check        # exit code 1 when anything differs
  attache plan -f federation.yaml --assume-role OrganizationAccountAccessRole")]
pub(crate) struct Args {
    #[command(flatten)]
    file: FileArgs,
    #[command(flatten)]
    connect: ConnectArgs,

    /// Plan to take over roles that exist without this federation's tag.
    #[arg(long)]
    adopt: bool,

    /// End with exit code 1 when there is anything to change.
    #[arg(long)]
    check: bool,
}

/// Compares and prints.
pub(crate) async fn run(args: Args, out: &Output) -> miette::Result<Exit> {
    let federation = args.file.load()?;
    let (accounts, home) = (federation.accounts(), federation.home());
    let connections = connect(&args.connect, &accounts, Some(home)).await?;
    let options = PlanOptions { adopt: args.adopt };
    let plan = match plan(&federation, &connections, options).await {
        Ok(plan) => plan,
        Err(error) => return ended(error, out),
    };
    match out.format {
        Format::Json => out.json(&PlanReport::new(&plan))?,
        Format::Table => print(&plan, out),
    }
    let failed = plan.summary().blocked > 0 || (args.check && !plan.is_empty());
    Ok(if failed { Exit::Failed } else { Exit::Done })
}
