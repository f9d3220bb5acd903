//! The snapshots' texts: of files, or of the accounts as they are now.

use std::path::{Path, PathBuf};

use attache_aws_accounts::{SnapshotExportError, export_account_snapshot};
use attache_files::{FileError, write_new, write_private};
use attache_identifiers::AccountId;
use miette::{IntoDiagnostic as _, WrapErr as _};
use serde_json::json;

use crate::commands::federate::{ConnectArgs, connect};
use crate::input;
use crate::output::{Output, RemoteFailure};

/// Where the snapshots come from.
#[derive(Debug, clap::Args)]
pub(super) struct Source {
    /// A snapshot; may be given several times. - for standard input.
    #[arg(long, value_name = "FILE", required_unless_present = "live", conflicts_with = "live")]
    snapshot: Vec<PathBuf>,

    /// Read the accounts from AWS as they are now.
    #[arg(long, requires = "account")]
    live: bool,

    /// An account to read; may be given several times.
    #[arg(long, value_name = "ID", requires = "live")]
    account: Vec<AccountId>,

    /// Also write what was read to this file, as a snapshot.
    #[arg(long, value_name = "FILE", requires = "live")]
    save: Option<PathBuf>,

    /// Replace the file of --save if it exists.
    #[arg(long, requires = "save")]
    force: bool,

    #[command(flatten)]
    connect: ConnectArgs,
}

/// Names and texts.
pub(super) async fn texts(source: &Source, out: &Output) -> miette::Result<Vec<(String, String)>> {
    if !source.live {
        let files = source.snapshot.iter();
        return files
            .map(|file| {
                Ok((file.display().to_string(), input::text(file, input::MAX_INPUT_BYTES)?))
            })
            .collect();
    }
    if let Some(file) = source.save.as_deref().filter(|_| !source.force) {
        // Before AWS is asked: a file that is there is found again when it is written.
        if file.symlink_metadata().is_ok() {
            return Err(exists(&FileError::Exists { path: file.to_owned() }));
        }
    }
    let connections = connect(&source.connect, &source.account, None).await?;
    let mut accounts = Vec::new();
    for account in &source.account {
        out.progress(format!("reading {account}"));
        let snapshot = export_account_snapshot(&connections, *account).await;
        accounts.push(snapshot.map_err(report)?);
    }
    let text = serde_json::to_string_pretty(&json!({"accounts": accounts}));
    let text = text.into_diagnostic().wrap_err("could not write the snapshot")?;
    if let Some(file) = &source.save {
        save(file, &text, source.force)?;
        out.progress(format!("wrote {}", file.display()));
    }
    Ok(vec![("the accounts read from AWS".to_owned(), text)])
}

/// AWS or the network failed, or there is something to correct.
fn report(error: SnapshotExportError) -> miette::Report {
    match error {
        SnapshotExportError::Account(ref own) if !own.is_remote() => miette::miette!("{error}"),
        other => RemoteFailure::report(other, None),
    }
}

/// Readable by its owner alone: a snapshot shows which principal can assume which role.
fn save(file: &Path, text: &str, force: bool) -> miette::Result<()> {
    let written = if force {
        write_private(file, text.as_bytes())
    } else {
        write_new(file, text.as_bytes(), 0o600)
    };
    written.map_err(|error| exists(&error))
}

fn exists(error: &FileError) -> miette::Report {
    match error {
        FileError::Exists { .. } => {
            miette::miette!(help = "give another file, or --force to replace it", "{error}")
        }
        _ => miette::miette!("{error}"),
    }
}
