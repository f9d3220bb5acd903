//! `attache plan`: shows the changes and makes none.

use std::path::{Path, PathBuf};

use attache_federation::{Plan, PlanOptions, SavedOptions, SavedPlan, plan};
use attache_files::write_private;
use miette::IntoDiagnostic;

use super::federate::{
    ConnectArgs, FileArgs, Interruption, PlanReport, SearchArgs, TimeArgs, connect_all, or_json,
    print, read, unfinished, unread,
};
use crate::output::{Exit, Format, Output};

/// What to plan.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  attache plan -f federation.yaml
  attache plan -f federation.yaml --check        # exit code 1 when anything differs
  attache plan -f federation.yaml --out plan.json && attache apply plan.json
  attache plan -f federation.yaml --output markdown   # for a change request
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

    /// End with exit code 0 when there is nothing to change, 2 when there is, and 1 for every error, as other
    /// tools do.
    #[arg(long, conflicts_with = "check")]
    detailed_exitcode: bool,

    /// Show every account and every resource, also what is unchanged and what is alike.
    #[arg(long)]
    all: bool,

    /// Write the plan to this file, for `attache apply FILE`.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Compares and prints. An account that cannot be read stops no other: all of them are named at the end.
pub(crate) async fn run(args: Args, out: &Output) -> miette::Result<Exit> {
    let detailed = args.detailed_exitcode;
    let ended = or_json(compare(args, out).await, out);
    match ended {
        Err(report) if detailed => {
            out.error(&report);
            Ok(Exit::Failed)
        }
        Ok(Exit::Usage | Exit::Remote) if detailed => Ok(Exit::Failed),
        ended => ended,
    }
}

async fn compare(args: Args, out: &Output) -> miette::Result<Exit> {
    let (file, text) = args.file.read()?;
    Interruption::watch(*out)?;
    let (federation, connections, scope) = connect_all(&args.connect, &args.search, file).await?;
    let options = PlanOptions { adopt: args.adopt, timeout: args.time.timeout() };
    let plan = plan(&federation, &connections, &scope, options).await;
    match out.format {
        Format::Json => out.json(&PlanReport::new(&plan))?,
        Format::Table if out.markdown => out.text(plan.markdown(args.all)),
        Format::Table if plan.accounts.is_empty() => {}
        Format::Table => print(&plan, args.all, out),
    }
    if let Some(exit) = unread(&plan, out) {
        return Ok(exit);
    }
    if let Some(report) = unfinished(&plan) {
        out.error(&report);
        return Ok(Exit::Failed);
    }
    let blocked = plan.summary().blocked > 0;
    if let (Some(path), false) = (&args.out, blocked) {
        let (also, no_organization) = args.search.saved();
        let options = SavedOptions { adopt: args.adopt, also, no_organization };
        save(path, &SavedPlan::new(&args.file.name(), &text, options, &plan), &plan, out)?;
    }
    Ok(match () {
        () if blocked => Exit::Failed,
        () if plan.is_empty() => Exit::Done,
        () if args.detailed_exitcode => Exit::Command(2),
        () if args.check => Exit::Failed,
        () => Exit::Done,
    })
}

/// A plan that cannot be carried out whole is not saved: it would be refused.
fn save(path: &Path, saved: &SavedPlan, plan: &Plan, out: &Output) -> miette::Result<()> {
    let text = serde_json::to_string_pretty(saved).map_err(|error| miette::miette!("{error}"))?;
    // An earlier plan is replaced, and nothing else.
    if path.exists() {
        let there = read(path)?;
        SavedPlan::read(&there, &path.display().to_string()).map_err(|error| {
            miette::miette!(help = "give another file", "{error}: nothing was written")
        })?;
    }
    write_private(path, format!("{text}\n").as_bytes()).into_diagnostic()?;
    let more = match plan.widening().is_empty() {
        true => "",
        false => " --allow-widening",
    };
    out.progress(format!("Saved. To do exactly this: attache apply {}{more}", path.display()));
    Ok(())
}
