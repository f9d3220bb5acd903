//! `attache apply`: carries out the plan.

use attache_federation::{ApplyOptions, Federation, Plan, PlanOptions, apply, plan};

use super::federate::{
    ConnectArgs, Consent, FileArgs, PlanReport, connect, consented, ended, print,
};
use crate::output::{Exit, Format, Output};

/// What to apply.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
It is safe to repeat: what is as it should be is left alone, and what an interrupted run left is
found and continued.

It asks before it changes anything, and asks apart about every step that widens something that
exists: a trust policy that lets in more, a Deny or a permissions boundary that goes, a policy that
comes. --yes answers the first question, --allow-widening the second. Without a terminal and without
the answers nothing is changed, and the exit code is 2.

Examples:
  attache apply -f federation.yaml
  attache apply -f federation.yaml --yes         # where nobody can be asked
  attache apply -f federation.yaml --profile 222222222222=staging-admin
  attache apply -f federation.yaml --adopt       # takes over roles that were made by hand")]
pub(crate) struct Args {
    #[command(flatten)]
    file: FileArgs,
    #[command(flatten)]
    connect: ConnectArgs,

    /// Take over roles that exist without this federation's tag: their trust policy and policies
    /// become exactly the file's.
    #[arg(long)]
    adopt: bool,

    #[command(flatten)]
    consent: Consent,
}

/// Plans, prints the plan, and carries it out.
pub(crate) async fn run(args: Args, out: &Output) -> miette::Result<Exit> {
    let federation = args.file.load()?;
    let (accounts, home) = (federation.accounts(), federation.home());
    let connections = connect(&args.connect, &accounts, Some(home)).await?;
    let options = PlanOptions { adopt: args.adopt };
    match plan(&federation, &connections, options).await {
        Ok(plan) => {
            let question = match plan.summary().delete {
                0 => "The accounts are changed.",
                _ => "Something is deleted or detached.",
            };
            let ask = Ask { question, consent: args.consent };
            carry_out(&federation, &plan, &connections, ask, out).await
        }
        Err(error) => ended(error, out),
    }
}

/// The question before anything is changed, and the command line's answers to it.
pub(super) struct Ask {
    pub(super) question: &'static str,
    pub(super) consent: Consent,
}

/// Prints the plan, asks, and applies it. `destroy` does the same.
pub(super) async fn carry_out(
    federation: &Federation,
    plan: &Plan,
    connections: &attache_federation::Connections,
    ask: Ask,
    out: &Output,
) -> miette::Result<Exit> {
    if out.format == Format::Table {
        print(plan, out);
    }
    let asks = !plan.is_empty() && plan.summary().blocked == 0;
    if asks && !consented(plan, ask.question, ask.consent, out)? {
        out.progress("Nothing was changed.");
        return Ok(Exit::Failed);
    }
    // What widens was consented to above, or there is none of it.
    let options = ApplyOptions { allow_widening: asks };
    let progress = |step: &attache_federation::Step| {
        out.progress(format!("{}/{} {}: {}", step.number, step.of, step.account, step.what));
    };
    let applied = match apply(federation, plan, connections, options, progress).await {
        Ok(applied) => applied,
        Err(error) => return ended(error, out),
    };
    match out.format {
        Format::Json => out.json(&PlanReport::applied(plan, &applied.steps))?,
        Format::Table if applied.steps.is_empty() => {}
        Format::Table => out.line(format!("Done: {} steps.", applied.steps.len())),
    }
    Ok(Exit::Done)
}
