//! What the commands about a federation share: the file, the credentials for each account, and exit
//! codes.

mod connect;

use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use attache_federation::{Federation, FederationError, Plan, Summary};
use miette::IntoDiagnostic;

pub(crate) use connect::{ConnectArgs, connect};

use crate::input;
use crate::output::{Exit, Output, RemoteFailure, Tone};

/// The federation's file.
#[derive(Debug, clap::Args)]
pub(crate) struct FileArgs {
    /// The federation's file; `-` reads standard input.
    #[arg(long, short, value_name = "FILE")]
    file: PathBuf,
}

impl FileArgs {
    /// Reads it.
    pub(crate) fn load(&self) -> miette::Result<Federation> {
        load(&self.file)
    }
}

/// Reads a federation's file.
pub(crate) fn load(file: &Path) -> miette::Result<Federation> {
    Ok(Federation::from_yaml(&read(file)?, &file.display().to_string())?)
}

/// Reads a text file that a person wrote, or standard input for `-`.
pub(crate) fn read(file: &Path) -> miette::Result<String> {
    input::text(file, input::MAX_DOCUMENT_BYTES)
}

/// The exit of a failure: 3 for AWS or the network, 2 for wrong input, 1 for a change that is not
/// allowed.
pub(crate) fn ended(error: FederationError, out: &Output) -> miette::Result<Exit> {
    match error {
        FederationError::Blocked { .. } | FederationError::Widens { .. } => {
            out.error(&miette::miette!("{error}"));
            Ok(Exit::Failed)
        }
        FederationError::Stopped { ref done, .. } => {
            let done = if done.is_empty() {
                "no step was done before it".to_owned()
            } else {
                format!("done before it:\n  {}", done.join("\n  "))
            };
            Err(RemoteFailure::report(&error, Some(done)))
        }
        other => Err(report(other)),
    }
}

/// An account that could not be read: AWS or the network failed, or there is something to correct.
fn report(error: FederationError) -> miette::Report {
    match error {
        FederationError::Account(ref own) if !own.is_remote() => miette::miette!("{error}"),
        other => RemoteFailure::report(other, None),
    }
}

/// Prints a plan: its lines coloured by their marks.
pub(crate) fn print(plan: &Plan, out: &Output) {
    for line in plan.to_string().lines() {
        let tone = match line.trim_start().chars().next() {
            Some('+') => Some(Tone::Good),
            Some('~') => Some(Tone::Warning),
            Some('-' | '!') => Some(Tone::Bad),
            _ if line.starts_with("    ") => Some(Tone::Faint),
            _ => None,
        };
        out.line(tone.map_or_else(|| line.to_owned(), |tone| out.paint(tone, line)));
    }
}

/// A plan as JSON: its changes, and how many there are of each sort.
#[derive(serde::Serialize)]
pub(crate) struct PlanReport<'p> {
    #[serde(flatten)]
    plan: &'p Plan,
    summary: Summary,
    /// The steps that were carried out, if any were needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    applied: Option<&'p [attache_federation::Step]>,
}

impl<'p> PlanReport<'p> {
    /// Of a plan that is not carried out.
    pub(crate) fn new(plan: &'p Plan) -> Self {
        Self { plan, summary: plan.summary(), applied: None }
    }

    /// Of a plan that was carried out.
    pub(crate) fn applied(plan: &'p Plan, steps: &'p [attache_federation::Step]) -> Self {
        Self { applied: Some(steps), ..Self::new(plan) }
    }
}

/// The command line's answers to questions before a change.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Consent {
    /// Do not ask before making changes. Steps that widen existing access still need
    /// --allow-widening.
    #[arg(long, short)]
    yes: bool,

    /// Do not ask before widening existing access: more principals, more permissions, longer
    /// sessions.
    #[arg(long)]
    allow_widening: bool,
}

/// Asks the questions that the command line has not answered, all before anything is changed.
pub(crate) fn consented(
    plan: &Plan,
    question: &str,
    consent: Consent,
    out: &Output,
) -> miette::Result<bool> {
    let widening = plan.widening();
    let silent = !std::io::stdin().is_terminal();
    if !widening.is_empty() && !consent.allow_widening {
        if silent {
            return Err(miette::miette!(
                help = "review each of these steps, then pass --allow-widening",
                "these steps widen existing access, and there is no terminal for a question; nothing \
                 was changed:\n{}",
                widening.join("\n")
            ));
        }
        out.progress("These steps widen existing access:");
        widening.iter().for_each(|step| out.progress(out.paint(Tone::Bad, &format!("  {step}"))));
        if !confirmed("Widen existing access?")? {
            return Ok(false);
        }
    }
    if consent.yes {
        return Ok(true);
    }
    if silent {
        return Err(miette::miette!(
            help = "review the plan, then pass --yes",
            "this changes the accounts, and there is no terminal for a question; nothing was changed"
        ));
    }
    confirmed(question)
}

/// Asks on the terminal.
fn confirmed(question: &str) -> miette::Result<bool> {
    let mut terminal = std::io::stderr();
    let _ = write!(terminal, "{question} Type 'yes' to continue: ");
    let _ = terminal.flush();
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).into_diagnostic()?;
    Ok(answer.trim() == "yes")
}
