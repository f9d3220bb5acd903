//! What the commands about a federation share: the file, who acts in which account, and how a
//! failure ends.

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

/// How a failure ends the process: what AWS or the network did with 3, what was given wrong with 2,
/// what may not be done with 1.
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
    /// The steps that were carried out; none where nothing was to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    applied: Option<&'p [attache_federation::Step]>,
}

impl<'p> PlanReport<'p> {
    /// What is to be done.
    pub(crate) fn new(plan: &'p Plan) -> Self {
        Self { plan, summary: plan.summary(), applied: None }
    }

    /// And what was.
    pub(crate) fn applied(plan: &'p Plan, steps: &'p [attache_federation::Step]) -> Self {
        Self { applied: Some(steps), ..Self::new(plan) }
    }
}

/// What is answered on the command line before it is asked.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Consent {
    /// Do not ask before something is changed. Steps that widen what exists are asked about all
    /// the same: see --allow-widening.
    #[arg(long, short)]
    yes: bool,

    /// Do not ask before something that exists becomes wider: who gets in, what they may do, for
    /// how long.
    #[arg(long)]
    allow_widening: bool,
}

/// Asks what the command line has not answered. Both answers are sought before anything is changed.
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
                help = "look at each of them, then give --allow-widening where nobody can be asked",
                "this widens what exists, and there is no terminal to ask on; nothing was \
                 changed:\n{}",
                widening.join("\n")
            ));
        }
        out.progress("This widens what exists:");
        widening.iter().for_each(|step| out.progress(out.paint(Tone::Bad, &format!("  {step}"))));
        if !confirmed("It becomes wider.")? {
            return Ok(false);
        }
    }
    if consent.yes {
        return Ok(true);
    }
    if silent {
        return Err(miette::miette!(
            help = "give --yes where nobody can be asked",
            "this changes the accounts, and there is no terminal to ask on; nothing was changed"
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
