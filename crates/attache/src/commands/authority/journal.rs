//! `attache authority check` and `export`: read a data directory without serving it.

use std::error::Error;
use std::path::PathBuf;

use attache_authority::{Event, LedgerError, inspect};
use attache_identifiers::AccountId;
use miette::IntoDiagnostic as _;
use serde_json::json;

use crate::output::{Exit, Format, Output};

/// Which directory to check.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Nothing is written, and an authority may be running on the directory.

Exit code 0: the journal is whole. 1: it is damaged. 2: there is none.

Examples:
  attache authority check ./aws
  attache authority check ./aws --output json")]
pub(super) struct Check {
    /// The directory of --data.
    #[arg(value_name = "DIR")]
    directory: PathBuf,
}

/// Which events to export.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
One event a line, as JSON, the oldest first. Of a damaged journal all that is before the damage is
written, then the error.

Exit code 0: all of it was written. 1: the journal is damaged. 2: there is none.

Examples:
  attache authority export ./aws > events.jsonl
  attache authority export ./aws --after 1200 --account 222222222222 --changes")]
pub(super) struct Export {
    /// The directory of --data.
    #[arg(value_name = "DIR")]
    directory: PathBuf,
    /// Only the events after this one.
    #[arg(long, value_name = "SEQ", default_value_t = 0)]
    after: i64,
    /// Only the events of this account; may be given several times.
    #[arg(long, value_name = "ID")]
    account: Vec<AccountId>,
    /// Only the events that changed something.
    #[arg(long)]
    changes: bool,
}

/// Checks a journal from its first event to its last.
pub(super) async fn check(args: &Check, out: &Output) -> miette::Result<Exit> {
    let path = args.directory.display().to_string();
    let seen = inspect(&args.directory, |_, _| {}).await;
    let (last, why) = match &seen {
        Ok(seen) => (seen.last, None),
        Err(LedgerError::Corrupt { last_good, source, .. }) => {
            (*last_good, Some(causes(&**source)))
        }
        Err(_) => return seen.into_diagnostic().map(|_| Exit::Done),
    };
    if out.format == Format::Json {
        let seen = seen.ok();
        out.json(&json!({
            "directory": path, "whole": why.is_none(), "lastGood": last, "why": why,
            "changes": seen.map(|seen| seen.changes), "accounts": seen.map(|seen| seen.accounts),
            "headed": seen.map(|seen| seen.has_tail_marker),
        }))?;
        return Ok(if why.is_none() { Exit::Done } else { Exit::Failed });
    }
    let seen = seen.into_diagnostic();
    match (seen, why) {
        (Ok(seen), _) => {
            let (changes, accounts) = (seen.changes, seen.accounts);
            out.line(format!(
                "{path} is whole; events: {last}, changes: {changes}, accounts: {accounts}"
            ));
            if !seen.has_tail_marker {
                out.line("events missing at its end cannot be detected: it has no file head");
            }
            Ok(Exit::Done)
        }
        (Err(_), why) => {
            out.line(format!("{path} is damaged after event {last}: {}", why.unwrap_or_default()));
            Ok(Exit::Failed)
        }
    }
}

/// An error with what caused it, in one line.
fn causes(error: &(dyn Error + 'static)) -> String {
    let all = std::iter::successors(Some(error), |error| (**error).source());
    all.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// Writes events as lines of JSON.
pub(super) async fn export(args: &Export, out: &Output) -> miette::Result<Exit> {
    let wanted = |seq: i64, event: &Event| {
        let own = event.account.is_some_and(|own| args.account.contains(&own));
        seq > args.after && (args.account.is_empty() || own) && (event.is_change() || !args.changes)
    };
    let seen = inspect(&args.directory, |seq, event| {
        if wanted(seq, event) {
            out.json_line(&json!({"seq": seq, "event": event}));
        }
    });
    match seen.await {
        Ok(_) => Ok(Exit::Done),
        Err(error @ LedgerError::Corrupt { .. }) => {
            out.error(&miette::Report::from_err(error));
            Ok(Exit::Failed)
        }
        Err(error) => Err(error).into_diagnostic(),
    }
}
