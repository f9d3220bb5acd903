//! `attache apply`: carries out the plan.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use attache_federation::{
    ApplyOptions, Connections, Federation, FederationFile, Plan, PlanOptions, PlannedStep,
    SavedPlan, Scope, Step, apply, in_progress, plan,
};
use attache_identifiers::AccountId;

use super::federate::{
    ConnectArgs, Consent, FileArgs, Interruption, Phase, PlanReport, STOPPED, SearchArgs, TimeArgs,
    connect_all, consented, ended, or_json, print, read, unfinished, unread,
};
use crate::output::{Exit, Format, Output};

/// What to apply.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
It is safe to repeat: what is as it should be is left alone, and what an interrupted run left is
found and continued. What carries the federation's tag and is no longer in the file is deleted: other
roles, the provider of an earlier issuer, and everything in accounts that the file does not name. An account that cannot be read, or in which a step fails, stops no other: all of
them are named at the end, with exit code 3.

It asks before it changes anything, and asks apart about every step that widens something that
exists: a trust policy that lets in more, a Deny or a permissions boundary that goes, a policy that
comes. --yes answers the first question, --allow-widening the second, and --delete-elsewhere the one about
deletions in accounts that the file does not name. Without a terminal and without the answers nothing is
changed, and the exit code is 2.

Examples:
  attache apply -f federation.yaml
  attache apply -f federation.yaml --yes         # where nobody can be asked
  attache apply plan.json                        # exactly the plan of `attache plan --out plan.json`
  attache apply -f federation.yaml --profile 222222222222=staging-admin
  attache apply -f federation.yaml --adopt       # takes over roles that were made by hand")]
pub(crate) struct Args {
    /// A plan that `attache plan --out` wrote: exactly this is done, or nothing where the accounts have moved
    /// since.
    #[arg(value_name = "PLAN", conflicts_with_all = ["file", "adopt", "also", "no_organization"])]
    plan: Option<PathBuf>,

    #[command(flatten)]
    file: FileArgs,
    #[command(flatten)]
    connect: ConnectArgs,
    #[command(flatten)]
    search: SearchArgs,
    #[command(flatten)]
    time: TimeArgs,

    /// Take over roles that exist without this federation's tag: their trust policy and policies
    /// become exactly the file's.
    #[arg(long, overrides_with = "adopt")]
    adopt: bool,

    #[command(flatten)]
    consent: Consent,
}

/// Ours: how long to wait before it is looked again whether another run is at work.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Plans, prints the plan, and carries it out.
pub(crate) async fn run(args: Args, out: &Output) -> miette::Result<Exit> {
    or_json(change(args, out).await, out)
}

async fn change(args: Args, out: &Output) -> miette::Result<Exit> {
    if let Some(path) = &args.plan {
        return exactly(path, &args, out).await;
    }
    let file = args.file.load()?;
    let interruption = Interruption::watch(*out)?;
    let (federation, connections, scope) = connect_all(&args.connect, &args.search, file).await?;
    let timeout = args.time.timeout();
    let options = PlanOptions { adopt: args.adopt, timeout };
    let mut plan = plan(&federation, &connections, &scope, options).await;
    if !args.consent.allows_widening() {
        plan = settled(plan, &federation, &connections, &scope, options).await;
    }
    let question = match plan.summary().delete {
        0 => "The accounts are changed.",
        _ => "Something is deleted or detached.",
    };
    let ask = Ask { question, consent: args.consent, timeout, interruption };
    carry_out(&federation, &plan, &connections, ask, out).await
}

/// Carries out a saved plan, if it is still what would be planned.
async fn exactly(path: &Path, args: &Args, out: &Output) -> miette::Result<Exit> {
    let name = path.display().to_string();
    let saved = SavedPlan::read(&read(path)?, &name)
        .map_err(|error| miette::miette!(help = "attache plan --out FILE writes one", "{error}"))?;
    let file = FederationFile::from_yaml(&saved.federation, &saved.file)?;
    let interruption = Interruption::watch(*out)?;
    let search = SearchArgs::of_saved(&saved.options);
    let (federation, connections, scope) = connect_all(&args.connect, &search, file).await?;
    let timeout = args.time.timeout();
    let options = PlanOptions { adopt: saved.options.adopt, timeout };
    let plan = plan(&federation, &connections, &scope, options).await;
    if let Some(exit) = unread(&plan, out) {
        return Ok(exit);
    }
    let moved = saved.moved(&plan);
    if !moved.is_empty() {
        let report = miette::miette!(
            help = format!(
                "make a new plan and review it: attache plan -f {} --out {name}",
                saved.file
            ),
            "the accounts are not as they were when {name} was made; nothing was changed:\n{}",
            listed(&moved)
        );
        if out.format == Format::Json {
            out.json(&PlanReport::new(&plan).with(Some(&report)))?;
        }
        out.error(&report);
        return Ok(Exit::Failed);
    }
    let consent = args.consent.of_reviewed();
    let ask = Ask { question: "The accounts are changed.", consent, timeout, interruption };
    carry_out(&federation, &plan, &connections, ask, out).await
}

/// Ours: so many differences are listed.
const LISTED: usize = 20;

fn listed(moved: &[String]) -> String {
    let mut lines: Vec<String> =
        moved.iter().take(LISTED).map(|line| format!("  {line}")).collect();
    if moved.len() > LISTED {
        lines.push(format!("  and {} more", moved.len() - LISTED));
    }
    lines.join("\n")
}

/// Another run of the same federation may have made a role and not yet all of its policies, which then looks
/// like widening what exists. It is looked again until nothing moves.
async fn settled(
    mut plan: Plan,
    federation: &Federation,
    connections: &Connections,
    scope: &Scope,
    options: PlanOptions,
) -> Plan {
    let start = Instant::now();
    while !plan.widening().is_empty() && start.elapsed() < options.timeout {
        tokio::time::sleep(LOOK_AGAIN).await;
        let again = attache_federation::plan(federation, connections, scope, options).await;
        if again == plan {
            break;
        }
        plan = again;
    }
    plan
}

/// The question before anything is changed, and the command line's answers to it.
pub(super) struct Ask {
    pub(super) question: &'static str,
    pub(super) consent: Consent,
    pub(super) timeout: Duration,
    pub(super) interruption: Interruption,
}

/// Prints the plan, asks, and applies it. `destroy` does the same.
pub(super) async fn carry_out(
    federation: &Federation,
    plan: &Plan,
    connections: &Connections,
    ask: Ask,
    out: &Output,
) -> miette::Result<Exit> {
    if out.format == Format::Table && !plan.accounts.is_empty() {
        print(plan, false, out);
    }
    let mixed_up = plan.unread.iter().any(|account| account.is_other_account);
    let asks = !plan.is_empty() && plan.summary().blocked == 0 && !mixed_up;
    ask.interruption.enter(Phase::Asking);
    if asks && !consented(plan, ask.question, ask.consent, out)? {
        out.progress("Nothing was changed.");
        return Ok(Exit::Failed);
    }
    ask.interruption.enter(Phase::Changing);
    // What widens was consented to above, or there is none of it.
    let options = ApplyOptions { allow_widening: asks, timeout: ask.timeout };
    let done = RefCell::new(Vec::new());
    let progress = |step: &Step| {
        out.progress(format!("{}/{} {}: {}", step.number, step.of, step.account, step.what));
        done.borrow_mut().push(step.clone());
    };
    let applied = tokio::select! {
        applied = apply(federation, plan, connections, options, progress) => applied,
        () = ask.interruption.stopped() => return stopped(federation, plan, &done.borrow(), out),
    };
    let applied = match applied {
        Ok(applied) => applied,
        Err(error) => return ended(&error, plan, out),
    };
    let unfinished = unfinished(plan);
    match out.format {
        Format::Json => {
            out.json(&PlanReport::applied(plan, &applied.steps).with(unfinished.as_ref()))?;
        }
        Format::Table if applied.steps.is_empty() => {}
        Format::Table => out.line(format!("Done: {} steps.", applied.steps.len())),
    }
    let Some(report) = unfinished else { return Ok(Exit::Done) };
    out.error(&report);
    Ok(Exit::Failed)
}

fn in_words((_, account, step): &(usize, AccountId, &PlannedStep)) -> String {
    format!("in {account}, {}", step.what)
}

/// Ours: so many accounts are named in which a step may have been made.
const NAMED: usize = 5;

/// Says where a signal stopped it: the step after the last one that was done may have been made, in each account
/// that was being changed.
fn stopped(
    federation: &Federation,
    plan: &Plan,
    done: &[Step],
    out: &Output,
) -> miette::Result<Exit> {
    let of: usize = plan.changes().map(|(_, change)| change.steps.len()).sum();
    let open = in_progress(plan, federation.source().account(), done);
    let at = match open.split_first() {
        None => "stopped after the last step".to_owned(),
        Some(((number, account, step), [])) => format!(
            "stopped at step {number} of {of}, which may have been made: in {account}, {}",
            step.what
        ),
        Some(((number, ..), others)) => {
            let mut steps: Vec<_> = open.iter().take(NAMED).map(in_words).collect();
            if open.len() > NAMED {
                steps.push(format!("and one in each of {} more accounts", open.len() - NAMED));
            }
            format!(
                "stopped at step {number} of {of} and at {} more, each of which may have been made: {}",
                others.len(),
                steps.join("; ")
            )
        }
    };
    let report =
        miette::miette!(help = "run it again to continue", "{at}; {} steps were done", done.len());
    if out.format == Format::Json {
        out.json(&PlanReport::stopped(plan, done, &report))?;
    }
    out.error(&report);
    Ok(STOPPED)
}
