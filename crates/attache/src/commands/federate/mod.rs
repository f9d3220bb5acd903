//! What the commands about a federation share: the file, the credentials for each account, and exit
//! codes.

mod connect;
mod interruption;

use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use attache_federation::{FederationError, FederationFile, Plan, Step, Summary, UnreadAccount};
use miette::IntoDiagnostic;

pub(crate) use connect::{
    ConnectArgs, SearchArgs, completed, connect, connect_all, connect_by, profiles,
};
pub(crate) use interruption::{Interruption, Phase, STOPPED};

use crate::input;
use crate::output::{Exit, Format, Output, RemoteFailure, Tone};

/// Where a federation is looked for when no file is given.
pub(crate) const DEFAULT_FILE: &str = "federation.yaml";

/// The federation's file.
#[derive(Debug, clap::Args)]
pub(crate) struct FileArgs {
    /// The federation's file; `-` reads standard input.
    #[arg(long, short, value_name = "FILE", default_value = DEFAULT_FILE)]
    file: PathBuf,
}

impl FileArgs {
    /// Reads it.
    pub(crate) fn load(&self) -> miette::Result<FederationFile> {
        load(&self.file)
    }

    /// Reads it, with its text.
    pub(crate) fn read(&self) -> miette::Result<(FederationFile, String)> {
        let text = text_of(&self.file)?;
        Ok((FederationFile::from_yaml(&text, &self.name())?, text))
    }

    /// Its name, as it was given.
    pub(crate) fn name(&self) -> String {
        self.file.display().to_string()
    }
}

/// Reads a federation's file.
pub(crate) fn load(file: &Path) -> miette::Result<FederationFile> {
    Ok(FederationFile::from_yaml(&text_of(file)?, &file.display().to_string())?)
}

fn text_of(file: &Path) -> miette::Result<String> {
    if file == Path::new(DEFAULT_FILE) && !file.exists() {
        return Err(miette::miette!(
            help = "name another with `-f FILE`; docs/federation.md describes the file",
            "there is no {DEFAULT_FILE} in this folder"
        ));
    }
    read(file)
}

/// Reads a text file that a person wrote, or standard input for `-`.
pub(crate) fn read(file: &Path) -> miette::Result<String> {
    input::text(file, input::MAX_DOCUMENT_BYTES)
}

/// How long throttled calls are repeated.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct TimeArgs {
    /// How many seconds to repeat calls that AWS throttles; an account that takes longer is not read.
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    timeout: u64,
}

impl TimeArgs {
    pub(crate) fn timeout(self) -> Duration {
        Duration::from_secs(self.timeout)
    }
}

/// A failure as JSON: a program that reads the output always finds a document.
#[derive(serde::Serialize)]
pub(crate) struct Failure {
    error: FailureText,
}

/// What went wrong, and what to do about it.
#[derive(serde::Serialize)]
struct FailureText {
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stops: Vec<StopReport>,
}

/// Where an account's part stopped.
#[derive(serde::Serialize)]
struct StopReport {
    account: attache_identifiers::AccountId,
    number: usize,
    of: usize,
    error: String,
}

impl Failure {
    /// Of a report, as it is printed on standard error.
    pub(crate) fn of(report: &miette::Report) -> Self {
        let help = report.help().map(|help| help.to_string());
        Self { error: FailureText { message: report.to_string(), help, stops: Vec::new() } }
    }
}

/// Prints a failure as JSON too, where that is the output's form.
pub(crate) fn or_json(result: miette::Result<Exit>, out: &Output) -> miette::Result<Exit> {
    if let Err(report) = &result
        && out.format == Format::Json
    {
        out.json(&Failure::of(report))?;
    }
    result
}

/// The exit of a failed change: 3 for AWS or the network, 2 for wrong input, 1 for a change that is not
/// allowed. With JSON the plan is printed with what was done and what failed.
pub(crate) fn ended(error: &FederationError, plan: &Plan, out: &Output) -> miette::Result<Exit> {
    let (exit, report) = match error {
        FederationError::Blocked { .. } | FederationError::Widens { .. } => {
            (Exit::Failed, miette::miette!("{error}"))
        }
        FederationError::Stopped { done, stops, .. } => {
            let lines: Vec<&str> = done.iter().map(|step| step.what.as_str()).collect();
            let done = match lines.as_slice() {
                [] => "no step was done".to_owned(),
                lines => format!("done:\n  {}", lines.join("\n  ")),
            };
            let usage = stops.is_empty() && !plan.unread.iter().any(|own| own.is_remote);
            (
                if usage { Exit::Usage } else { Exit::Remote },
                RemoteFailure::report(error, Some(done)),
            )
        }
        FederationError::Unread { accounts } => (unread_exit(accounts), miette::miette!("{error}")),
        FederationError::Account(own) if !own.is_remote() => {
            (Exit::Usage, miette::miette!("{error}"))
        }
        other => (Exit::Remote, RemoteFailure::report(other, None)),
    };
    if out.format == Format::Json {
        let mut failure = Failure::of(&report);
        let mut applied: &[Step] = &[];
        if let FederationError::Stopped { done, stops, .. } = error {
            applied = done;
            failure.error.stops = stops.iter().map(StopReport::new).collect();
        }
        out.json(&PlanReport { error: Some(failure.error), ..PlanReport::applied(plan, applied) })?;
    }
    out.error(&report);
    Ok(exit)
}

impl StopReport {
    fn new(stop: &attache_federation::Stop) -> Self {
        let (account, number, of) = (stop.account, stop.number, stop.of);
        Self { account, number, of, error: stop.source.to_string() }
    }
}

/// 3 where AWS or the network failed, 2 where there is something to correct.
fn unread_exit(accounts: &[UnreadAccount]) -> Exit {
    if accounts.iter().any(|account| account.is_remote) { Exit::Remote } else { Exit::Usage }
}

/// Names all accounts that could not be read; nothing where all could.
pub(crate) fn unread(plan: &Plan, out: &Output) -> Option<Exit> {
    if plan.unread.is_empty() {
        return None;
    }
    let error = FederationError::Unread { accounts: plan.unread.clone() };
    out.error(&miette::miette!("{error}"));
    Some(unread_exit(&plan.unread))
}

/// Names what a plan cannot do for what it finds; nothing where there is none of it.
pub(crate) fn unfinished(plan: &Plan) -> Option<miette::Report> {
    let errors = plan.errors();
    (!errors.is_empty()).then(|| miette::miette!("not everything is done:\n{}", errors.join("\n")))
}

/// Prints a plan: its lines coloured by their marks.
pub(crate) fn print(plan: &Plan, all: bool, out: &Output) {
    for line in plan.text(all).to_string().lines() {
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
    applied: Option<&'p [Step]>,
    /// What went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<FailureText>,
}

impl<'p> PlanReport<'p> {
    /// Of a plan that is not carried out.
    pub(crate) fn new(plan: &'p Plan) -> Self {
        Self { plan, summary: plan.summary(), applied: None, error: None }
    }

    /// Of a plan that was carried out.
    pub(crate) fn applied(plan: &'p Plan, steps: &'p [Step]) -> Self {
        Self { applied: Some(steps), ..Self::new(plan) }
    }
}

impl<'p> PlanReport<'p> {
    /// With what went wrong.
    pub(crate) fn with(self, report: Option<&miette::Report>) -> Self {
        Self { error: report.map(|report| Failure::of(report).error), ..self }
    }

    /// Of a plan whose carrying out a signal stopped.
    pub(crate) fn stopped(plan: &'p Plan, steps: &'p [Step], report: &miette::Report) -> Self {
        Self { error: Some(Failure::of(report).error), ..Self::applied(plan, steps) }
    }
}

/// The command line's answers to questions before a change.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Consent {
    /// Do not ask before making changes. Steps that widen existing access still need
    /// --allow-widening, and deletions in accounts that the file does not name --delete-elsewhere.
    #[arg(long, short, overrides_with = "yes")]
    yes: bool,

    /// Do not ask before widening existing access: more principals, more permissions, longer
    /// sessions.
    #[arg(long, overrides_with = "allow_widening")]
    allow_widening: bool,

    /// Do not ask before deleting what carries the federation's tag in accounts that the file does
    /// not name. Another file with the same name may have put it there.
    #[arg(long, overrides_with = "delete_elsewhere")]
    delete_elsewhere: bool,
}

impl Consent {
    /// The same for a plan that was reviewed as a file: the first question is answered.
    pub(crate) fn of_reviewed(self) -> Self {
        Self { yes: true, ..self }
    }

    /// Whether widening was agreed to on the command line.
    pub(crate) fn allows_widening(self) -> bool {
        self.allow_widening
    }
}

/// Asks the questions that the command line has not answered, all before anything is changed.
pub(crate) fn consented(
    plan: &Plan,
    question: &str,
    consent: Consent,
    out: &Output,
) -> miette::Result<bool> {
    let deletions = plan.deletions();
    if !deletions.is_empty() {
        out.progress("These go, with the access that they give:");
        deletions.iter().for_each(|what| out.progress(out.paint(Tone::Bad, &format!("  {what}"))));
    }
    let silent = !std::io::stdin().is_terminal();
    let elsewhere = plan.deletions_elsewhere();
    if !elsewhere.is_empty() && !consent.delete_elsewhere {
        if silent {
            return Err(miette::miette!(
                help = "make sure that no other file has this federation's name, then pass \
                        --delete-elsewhere; --no-organization and fewer --also leave these accounts out",
                "this deletes in accounts that the file does not name, and there is no terminal for a \
                 question; nothing was changed:\n{}",
                elsewhere.join("\n")
            ));
        }
        out.progress("Of these, the file does not name the accounts of:");
        elsewhere.iter().for_each(|what| out.progress(out.paint(Tone::Bad, &format!("  {what}"))));
        if !confirmed("Delete in accounts that the file does not name?")? {
            return Ok(false);
        }
    }
    let widening = plan.widening();
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
