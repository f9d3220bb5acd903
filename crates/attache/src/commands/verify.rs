//! `attache verify`: checks every link of the chain.

mod identity;
mod live;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use attache_aws_accounts::HttpSettings;
use attache_catalog::Catalog;
use attache_federation::{
    CallProblem, Chain, Check, Federation, LinkStatus, ServiceCall, ServiceCalls, TokenFile,
    TrialSession, UnreadToken, VerifyOptions, verify,
};
use attache_identifiers::{Region, Secret};
use attache_mediator::{Clock, Fault, SmallestCalls};
use serde::Serialize;
use time::OffsetDateTime;

use super::cluster_client::KubeContext;
use super::federate::{
    ConnectArgs, Interruption, TimeArgs, completed, connect_by, load, or_json, profiles,
};
use super::manifests;
use crate::input;
use crate::output::{Exit, Format, Output, Tone};

/// What to verify.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Run it where the workload runs, with a copy of its token, or with --live from any machine: then the
cluster issues a token for the workload's service account by TokenRequest, and it is said what the
cluster has of what the file says. Administrators' credentials let it say why something fails; without
them it checks with the session that the token is exchanged for.

Each check is ok (looked at, and it holds), warn (it works, and is not as it should be), fail (it
does not work, or lets in more than the file) or unknown (not checked or not decidable here, with the
reason). Exit code 1 when a check fails; with --strict also when one warns or is unknown.

Examples:
  attache verify -f federation.yaml --live
  attache verify -f federation.yaml --live --kubeconfig admin.kubeconfig --context production
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

    /// The workload's token; without it, and without --live, that of `AWS_WEB_IDENTITY_TOKEN_FILE`.
    #[arg(long, value_name = "FILE")]
    token: Option<PathBuf>,

    /// The workload to verify, where the file has several; without it the one that the token is of, else the
    /// first.
    #[arg(long, value_name = "NAMESPACE/NAME", conflicts_with = "values")]
    workload: Option<String>,

    /// The cluster to verify, where the file has several, by its name in the file; without it the one that the
    /// token is of, else the first.
    #[arg(long, value_name = "NAME", conflicts_with = "values")]
    cluster: Option<String>,

    /// Have the cluster of the kubeconfig issue the token, and check its service account, its annotation
    /// and its Secrets. Needs the right to create serviceaccounts/token.
    #[arg(long, conflicts_with_all = ["token", "values"])]
    live: bool,

    /// The kubeconfig of --live; without it `KUBECONFIG`, then ~/.kube/config, then the pod's own service
    /// account.
    #[arg(long, value_name = "FILE", requires = "live")]
    kubeconfig: Option<PathBuf>,

    /// The context of the kubeconfig, instead of its current one.
    #[arg(long, value_name = "NAME", requires = "live")]
    context: Option<String>,

    #[command(flatten)]
    connect: ConnectArgs,
    #[command(flatten)]
    time: TimeArgs,

    /// Count what warns and what is unknown as failures.
    #[arg(long)]
    strict: bool,

    /// How many seconds to try again what a change that is not yet everywhere can cause: no role, no
    /// provider, a token that is refused.
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    wait: u64,
}

impl Args {
    fn kube_context(&self) -> KubeContext {
        KubeContext { file: self.kubeconfig.clone(), context: self.context.clone() }
    }
}

/// The variable by which AWS's SDKs find the token.
const TOKEN_VARIABLE: &str = "AWS_WEB_IDENTITY_TOKEN_FILE";

/// The status of what others put there and the file accepts.
const KEPT: &str = "ok (kept)";

/// The result as JSON.
#[derive(Serialize)]
struct Report<'c> {
    checks: &'c [Check],
    ok: usize,
    warn: usize,
    fail: usize,
    unknown: usize,
}

impl<'c> Report<'c> {
    fn new(checks: &'c [Check]) -> Self {
        let count = |status| checks.iter().filter(|check| check.status == status).count();
        Self {
            checks,
            ok: count(LinkStatus::Ok),
            warn: count(LinkStatus::Warn),
            fail: count(LinkStatus::Fail),
            unknown: count(LinkStatus::Unknown),
        }
    }
}

/// Tries every link, and prints what was found.
pub(crate) async fn run(args: Args, out: &Output) -> miette::Result<Exit> {
    or_json(check(args, out).await, out)
}

async fn check(mut args: Args, out: &Output) -> miette::Result<Exit> {
    Interruption::watch(*out)?;
    if !args.live && args.token.is_none() {
        args.token =
            std::env::var_os(TOKEN_VARIABLE).filter(|path| !path.is_empty()).map(Into::into);
    }
    let Some(Declared { chain, token, mut checks }) = Box::pin(declared(&args, out)).await? else {
        return switched_off(out);
    };
    let region = chain.region().map(Region::as_str);
    let (profiles, accounts) = (profiles().await?, chain.accounts());
    let connections = connect_by(&profiles, &args.connect, &accounts, region).await?;
    let catalog = Catalog::embedded().map_err(|error| miette::miette!("{error}"))?;
    let http = super::http::settings()?;
    let mut commands = args.connect.command_line(&profiles, &connections, &accounts);
    commands.file = args.file.as_ref().map(|file| file.display().to_string());
    commands.verify = chain_options(&args);
    let options = VerifyOptions {
        patience: Duration::from_secs(args.wait),
        timeout: args.time.timeout(),
        actions: catalog.actions(),
        commands,
        issuers: Some(http.connector()),
        service_calls: Some(service_calls(&catalog, &http)),
    };
    let now = OffsetDateTime::now_utc();
    checks.extend(verify(&chain, &token, &connections, now, &options).await);
    let report = Report::new(&checks);
    match out.format {
        Format::Json => out.json(&report)?,
        Format::Table => print(&report, out),
    }
    let failed = report.fail > 0 || (args.strict && report.warn + report.unknown > 0);
    Ok(if failed { Exit::Failed } else { Exit::Done })
}

/// One smallest call to each service of the catalog.
fn service_calls(catalog: &Catalog, http: &HttpSettings) -> ServiceCalls {
    let clock = Clock::new(OffsetDateTime::now_utc);
    let calls = Arc::new(SmallestCalls::new(catalog, http.connector(), clock));
    ServiceCalls::new(move |session| {
        let calls = Arc::clone(&calls);
        Box::pin(async move {
            let TrialSession { credentials, account, region, endpoint_url } = session;
            let made = calls.make((credentials, account), &region, endpoint_url).await;
            made.into_iter().map(|call| outcome(call.action, call.result)).collect()
        })
    })
}

fn outcome(action: String, result: Result<(), Fault>) -> ServiceCall {
    let result = result.map_err(|fault| match fault {
        Fault::Denied { .. } => CallProblem::Denied(fault.to_string()),
        other => CallProblem::Other(other.to_string()),
    });
    ServiceCall { action, result }
}

/// The options that name the chain and the token, for a command that verifies it again.
fn chain_options(args: &Args) -> Vec<String> {
    let mut words = Vec::new();
    let mut add = |name: &str, path: &Path| {
        words.extend([name.to_owned(), path.display().to_string()]);
    };
    args.file.iter().for_each(|file| add("-f", file));
    args.values.iter().for_each(|file| add("--values", file));
    args.secrets.iter().for_each(|path| add("--secrets", path));
    args.token.iter().for_each(|file| add("--token", file));
    args.workload.iter().for_each(|name| words.extend(["--workload".to_owned(), name.clone()]));
    args.cluster.iter().for_each(|name| words.extend(["--cluster".to_owned(), name.clone()]));
    if args.live {
        words.push("--live".to_owned());
        words.extend(args.kube_context().options());
    }
    if !args.regions.is_empty() {
        let regions: Vec<&str> = args.regions.iter().map(Region::as_str).collect();
        words.extend(["--regions".to_owned(), regions.join(",")]);
    }
    words
}

/// What the files declare, and the token to try it with.
struct Declared {
    chain: Chain,
    token: TokenFile,
    /// Those of the cluster.
    checks: Vec<Check>,
}

/// The chain to try; none where the values switch AWS scraping off.
async fn declared(args: &Args, out: &Output) -> miette::Result<Option<Declared>> {
    // clap has made sure that there is one of the two.
    if let Some(file) = &args.file {
        let federation = completed(&args.connect, load(file)?).await?;
        return of_federation(args, &federation, &file.display().to_string(), out).await.map(Some);
    }
    let token = token(args.token.as_ref());
    let configuration = manifests::read(&args.values, &args.secrets, &args.regions)?;
    if manifests::nothing_to_do(&configuration, out) {
        return Ok(None);
    }
    let chain = Chain::of_mediator(&configuration);
    Ok(Some(Declared { chain, token, checks: Vec::new() }))
}

/// The chain of the identity that is asked for, or that the token is of.
async fn of_federation(
    args: &Args,
    federation: &Federation,
    file: &str,
    out: &Output,
) -> miette::Result<Declared> {
    let asked =
        identity::Asked { workload: args.workload.as_deref(), cluster: args.cluster.as_deref() };
    let candidates = asked.candidates(federation, file)?;
    let (token, identity, checks) = if args.live {
        let patience = Duration::from_secs(args.wait);
        let context = args.kube_context();
        let live = live::look(federation, &candidates, file, &context, patience).await?;
        (live.token, live.identity, live.checks)
    } else {
        let token = token(args.token.as_ref());
        let identity = identity::of_token(&candidates, &token);
        (token, identity, Vec::new())
    };
    let count = federation.identities().count();
    if count > 1 {
        out.progress(format!(
            "Verifying {identity}, 1 of {count} workloads and clusters of the file."
        ));
    }
    Ok(Declared { chain: Chain::of(federation, &identity), token, checks })
}

/// Nothing was checked: AWS is switched off in the values.
fn switched_off(out: &Output) -> miette::Result<Exit> {
    if out.format == Format::Json {
        out.json(&Report::new(&[]))?;
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
fn print(report: &Report<'_>, out: &Output) {
    let checks = report.checks;
    let account = |check: &Check| check.account.map_or("-".to_owned(), |id| id.to_string());
    let first_line = |check: &Check| check.detail.lines().next().unwrap_or_default().to_owned();
    let row = |check: &Check| {
        let kept = check.status == LinkStatus::Ok && !check.kept.is_empty();
        vec![
            if kept { KEPT.to_owned() } else { check.status.to_string() },
            check.link.to_string(),
            account(check),
            check.name.to_owned(),
            first_line(check),
        ]
    };
    let rows: Vec<_> = checks.iter().map(row).collect();
    out.table(&["status", "link", "account", "check", "found"], &rows, tone);
    for check in checks.iter().filter(|check| check.status != LinkStatus::Ok) {
        let rest: Vec<&str> = check.detail.lines().skip(1).collect();
        if check.remedy.is_none() && rest.is_empty() {
            continue;
        }
        let head = format!("{} {} {} {}", check.status, check.link, account(check), check.name);
        let head = head.replace(" - ", " ");
        out.line("");
        out.line(tone(&check.status.to_string()).map_or(head.clone(), |t| out.paint(t, &head)));
        rest.iter().for_each(|line| out.line(format!("  {line}")));
        if let Some(remedy) = &check.remedy {
            // Each command on a line of its own, as it is pasted.
            for (index, line) in remedy.lines().enumerate() {
                out.line(format!("  {}{line}", if index == 0 { "fix: " } else { "" }));
            }
        }
    }
    let Report { ok, warn, fail, unknown, .. } = report;
    out.line("");
    out.line(format!("{ok} ok, {warn} warn, {fail} fail, {unknown} unknown."));
}

fn tone(cell: &str) -> Option<Tone> {
    match cell {
        "ok" | KEPT => Some(Tone::Good),
        "warn" | "unknown" => Some(Tone::Warning),
        "fail" => Some(Tone::Bad),
        _ => None,
    }
}
