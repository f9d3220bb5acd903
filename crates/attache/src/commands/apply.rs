//! `attache apply`: what the plan says, done.

use ::federation::{Federation, Plan, PlanOptions, apply, plan};

use super::federate::{ConnectArgs, FileArgs, PlanReport, confirmed, connect, ended, print};
use crate::output::{Exit, Format, Output};

/// What to apply.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
It is safe to repeat: what is as it should be is left alone, and what an interrupted run left is
found and continued.

Examples:
  attache apply -f federation.yaml
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

    /// Do not ask before something is deleted or detached.
    #[arg(long, short)]
    yes: bool,
}

/// Plans, prints the plan, and carries it out.
pub(crate) async fn run(args: Args, out: &Output) -> miette::Result<Exit> {
    let federation = args.file.load()?;
    let connections = connect(&args.connect, &federation.accounts(), federation.home()).await?;
    let options = PlanOptions { adopt: args.adopt };
    match plan(&federation, &connections, options).await {
        Ok(plan) => {
            let question = "Something is deleted or detached.";
            carry_out(&federation, &plan, &connections, Ask { question, yes: args.yes }, out).await
        }
        Err(error) => ended(error, out),
    }
}

/// What to ask before anything is removed.
pub(super) struct Ask {
    pub(super) question: &'static str,
    pub(super) yes: bool,
}

/// Prints the plan, asks if it removes anything, and applies it. `destroy` does the same.
pub(super) async fn carry_out(
    federation: &Federation,
    plan: &Plan,
    connections: &::federation::Connections,
    ask: Ask,
    out: &Output,
) -> miette::Result<Exit> {
    if out.format == Format::Table {
        print(plan, out);
    }
    let removes = plan.summary().delete > 0 && plan.summary().blocked == 0;
    if removes && !confirmed(ask.question, ask.yes)? {
        out.progress("Nothing was changed.");
        return Ok(Exit::Failed);
    }
    let progress = |step: &::federation::Step| {
        out.progress(format!("{}/{} {}: {}", step.number, step.of, step.account, step.what));
    };
    let applied = match apply(federation, plan, connections, progress).await {
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
