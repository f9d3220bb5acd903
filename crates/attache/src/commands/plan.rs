//! `attache plan`: shows the changes and makes none.

use attache_federation::{PlanOptions, plan};

use super::federate::{
    ConnectArgs, FileArgs, Interruption, PlanReport, SearchArgs, TimeArgs, connect_all, or_json,
    print, unfinished, unread,
};
use crate::output::{Exit, Format, Output};

/// What to plan.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  attache plan -f federation.yaml
  attache plan -f federation.yaml --check        # exit code 1 when anything differs
  attache plan -f federation.yaml --assume-role OrganizationAccountAccessRole
  attache plan -f federation.yaml --also staging-admin   # an account that the file had before")]
pub(crate) struct Args {
    #[command(flatten)]
    file: FileArgs,
    #[command(flatten)]
    connect: ConnectArgs,
    #[command(flatten)]
    search: SearchArgs,
    #[command(flatten)]
    time: TimeArgs,

    /// Plan to take over roles that exist without this federation's tag.
    #[arg(long)]
    adopt: bool,

    /// End with exit code 1 when there is anything to change.
    #[arg(long)]
    check: bool,
}

/// Compares and prints. An account that cannot be read stops no other: all of them are named at the end.
pub(crate) async fn run(args: Args, out: &Output) -> miette::Result<Exit> {
    or_json(compare(args, out).await, out)
}

async fn compare(args: Args, out: &Output) -> miette::Result<Exit> {
    let file = args.file.load()?;
    Interruption::watch(*out)?;
    let (federation, connections, scope) = connect_all(&args.connect, &args.search, file).await?;
    let options = PlanOptions { adopt: args.adopt, timeout: args.time.timeout() };
    let plan = plan(&federation, &connections, &scope, options).await;
    match out.format {
        Format::Json => out.json(&PlanReport::new(&plan))?,
        Format::Table if plan.accounts.is_empty() => {}
        Format::Table => print(&plan, out),
    }
    if let Some(exit) = unread(&plan, out) {
        return Ok(exit);
    }
    if let Some(report) = unfinished(&plan) {
        out.error(&report);
        return Ok(Exit::Failed);
    }
    let failed = plan.summary().blocked > 0 || (args.check && !plan.is_empty());
    Ok(if failed { Exit::Failed } else { Exit::Done })
}
