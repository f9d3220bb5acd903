//! `attache verify`: checks every link of the chain.

use std::path::PathBuf;
use std::time::Duration;

use attache_federation::{Chain, Check, LinkStatus, TokenFile, UnreadToken, VerifyOptions, verify};
use attache_identifiers::{Region, Secret};
use serde::Serialize;
use time::OffsetDateTime;

use super::federate::{ConnectArgs, connect, load};
use super::manifests;
use crate::input;
use crate::output::{Exit, Format, Output, Tone};

/// What to verify.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Run it where the workload runs, or with a copy of its token. Administrators' credentials let it say
why something fails; without them it checks with the session that the token is exchanged for.

Exit code 1 when a check fails; with --strict also when one warns.

Examples:
  attache verify -f federation.yaml --token token
  attache verify --values causely-values.yaml --secrets aws-secret.yaml --token token
  attache verify -f federation.yaml --wait 30    # the roles were made seconds ago")]
pub(crate) struct Args {
    /// The federation's file.
    #[arg(long, short, value_name = "FILE", required_unless_present = "values")]
    file: Option<PathBuf>,

    /// The mediator's Helm values, instead of a federation's file; may be given several times.
    #[arg(long, value_name = "FILE", conflicts_with = "file")]
    values: Vec<PathBuf>,

    /// The Secrets that the values name: manifests, or a folder where each Secret is a folder; may be
    /// given several times.
    #[arg(long, value_name = "PATH", num_args = 1.., requires = "values")]
    secrets: Vec<PathBuf>,

    /// The regions to scrape, instead of the values' and the Secrets'.
    #[arg(long, value_name = "REGION", value_delimiter = ',', requires = "values")]
    regions: Vec<Region>,

    /// The workload's token.
    #[arg(long, value_name = "FILE", env = "AWS_WEB_IDENTITY_TOKEN_FILE")]
    token: Option<PathBuf>,

    #[command(flatten)]
    connect: ConnectArgs,

    /// Count warnings as failures.
    #[arg(long)]
    strict: bool,

    /// How many seconds to go on trying a role that cannot be assumed yet.
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    wait: u64,
}

/// The result as JSON.
#[derive(Serialize)]
struct Report<'c> {
    checks: &'c [Check],
    ok: usize,
    warn: usize,
    fail: usize,
}

/// Tries every link, and prints what was found.
pub(crate) async fn run(args: Args, out: &Output) -> miette::Result<Exit> {
    let Some(chain) = chain(&args, out)? else { return switched_off(out) };
    let region = chain.region().map(Region::as_str);
    let connections = connect(&args.connect, &chain.accounts(), region).await?;
    let options = VerifyOptions { patience: Duration::from_secs(args.wait) };
    let token = token(args.token.as_ref());
    let now = OffsetDateTime::now_utc();
    let checks = verify(&chain, &token, &connections, now, options).await;
    let count = |status| checks.iter().filter(|check| check.reported() == status).count();
    let (warn, fail) = (count(LinkStatus::Warn), count(LinkStatus::Fail));
    match out.format {
        Format::Json => {
            out.json(&Report { checks: &checks, ok: count(LinkStatus::Ok), warn, fail })?;
        }
        Format::Table => print(&checks, out),
    }
    let failed = fail > 0 || (args.strict && warn > 0);
    Ok(if failed { Exit::Failed } else { Exit::Done })
}

/// The chain to try; none where the values switch AWS scraping off.
fn chain(args: &Args, out: &Output) -> miette::Result<Option<Chain>> {
    // clap has made sure that there is one of the two.
    if let Some(file) = &args.file {
        return Ok(Some(Chain::of(&load(file)?)));
    }
    let configuration = manifests::read(&args.values, &args.secrets, &args.regions)?;
    if manifests::nothing_to_do(&configuration, out) {
        return Ok(None);
    }
    Ok(Some(Chain::of_mediator(&configuration)))
}

/// Nothing was checked: AWS is switched off in the values.
fn switched_off(out: &Output) -> miette::Result<Exit> {
    if out.format == Format::Json {
        out.json(&Report { checks: &[], ok: 0, warn: 0, fail: 0 })?;
    }
    Ok(Exit::Done)
}

/// A file that cannot be read is a failed check, not the end of the run.
fn token(path: Option<&PathBuf>) -> TokenFile {
    match path {
        None => TokenFile { path: "no file was given".into(), text: Err(UnreadToken::NoFile) },
        Some(path) => TokenFile {
            path: path.display().to_string(),
            text: input::read(path, input::MAX_KEY_BYTES)
                .map(Secret::new)
                .map_err(UnreadToken::from),
        },
    }
}

/// A table, then each check that does not hold in full, with its fix.
fn print(checks: &[Check], out: &Output) {
    let account = |check: &Check| check.account.map_or("-".to_owned(), |id| id.to_string());
    let first_line = |check: &Check| check.detail.lines().next().unwrap_or_default().to_owned();
    let row = |check: &Check| {
        vec![
            check.reported().to_string(),
            check.link.to_string(),
            account(check),
            check.name.to_owned(),
            first_line(check),
        ]
    };
    let rows: Vec<_> = checks.iter().map(row).collect();
    out.table(&["status", "link", "account", "check", "found"], &rows, tone);
    for check in checks.iter().filter(|check| check.reported() != LinkStatus::Ok) {
        let rest: Vec<&str> = check.detail.lines().skip(1).collect();
        if check.remedy.is_none() && rest.is_empty() {
            continue;
        }
        let head = format!("{} {} {} {}", check.reported(), check.link, account(check), check.name);
        let head = head.replace(" - ", " ");
        out.line("");
        out.line(tone(&check.reported().to_string()).map_or(head.clone(), |t| out.paint(t, &head)));
        rest.iter().for_each(|line| out.line(format!("  {line}")));
        if let Some(remedy) = &check.remedy {
            out.line(format!("  fix: {remedy}"));
        }
    }
    let count = |status| checks.iter().filter(|check| check.reported() == status).count();
    let (ok, warn, fail) =
        (count(LinkStatus::Ok), count(LinkStatus::Warn), count(LinkStatus::Fail));
    out.line("");
    out.line(format!("{ok} ok, {warn} warn, {fail} fail."));
}

fn tone(cell: &str) -> Option<Tone> {
    match cell {
        "ok" => Some(Tone::Good),
        "warn" => Some(Tone::Warning),
        "fail" => Some(Tone::Bad),
        _ => None,
    }
}
