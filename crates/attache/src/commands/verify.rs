//! `attache verify`: checks every link of the chain.

mod identity;
mod junit;
mod live;
mod report;
mod watch;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use attache_aws_accounts::HttpSettings;
use attache_catalog::Catalog;
use attache_federation::{
    CallProblem, Chain, Check, Federation, ServiceCall, ServiceCalls, TokenFile, TrialSession,
    UnreadToken, VerifyOptions, verify,
};
use attache_identifiers::{Region, Secret};
use attache_mediator::{Clock, Fault, SmallestCalls};
use time::OffsetDateTime;

use super::cluster_client::KubeContext;
use super::federate::{
    ConnectArgs, DEFAULT_FILE, Interruption, TimeArgs, completed, connect_by, load, or_json,
    profiles,
};
use super::manifests;
use crate::input;
use crate::output::{Exit, Format, Output};
use report::Report;

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
  attache verify -f federation.yaml --wait 30    # the roles were made seconds ago
  attache verify -f federation.yaml --live --watch 60
  attache verify -f federation.yaml --live --junit verify.xml --strict")]
pub(crate) struct Args {
    /// The federation's file; without it and without --values, federation.yaml.
    #[arg(long, short, value_name = "FILE")]
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

    /// Show every check, also where there are so many accounts that each is one line.
    #[arg(long)]
    all: bool,

    /// Also write the checks to this file as a JUnit report: warn passes, unknown is skipped.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,

    /// Verify again after so many seconds until Ctrl-C, and print what has become otherwise. Tokens and files are
    /// read anew each time.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    watch: Option<u64>,
}

impl Args {
    fn kube_context(&self) -> KubeContext {
        KubeContext { file: self.kubeconfig.clone(), context: self.context.clone() }
    }
}

/// The variable by which AWS's SDKs find the token.
const TOKEN_VARIABLE: &str = "AWS_WEB_IDENTITY_TOKEN_FILE";

/// Tries every link, and prints what was found.
pub(crate) async fn run(args: Args, out: &Output) -> miette::Result<Exit> {
    or_json(check(args, out).await, out)
}

async fn check(mut args: Args, out: &Output) -> miette::Result<Exit> {
    Interruption::watch(*out)?;
    if args.file.is_none() && args.values.is_empty() {
        args.file = Some(PathBuf::from(DEFAULT_FILE));
    }
    if !args.live && args.token.is_none() {
        args.token =
            std::env::var_os(TOKEN_VARIABLE).filter(|path| !path.is_empty()).map(Into::into);
    }
    if let Some(seconds) = args.watch {
        return watch::run(&args, Duration::from_secs(seconds), out).await;
    }
    let Some(checks) = once(&args, out).await? else { return switched_off(out) };
    let report = Report::new(&checks);
    match out.format {
        Format::Json => out.json(&report)?,
        Format::Table => report.print(args.all, out),
    }
    if let Some(file) = &args.junit {
        junit::write(file, &report)?;
    }
    let failed = report.fail > 0 || (args.strict && report.warn + report.unknown > 0);
    Ok(if failed { Exit::Failed } else { Exit::Done })
}

/// All checks of one run; none where the values switch AWS scraping off.
async fn once(args: &Args, out: &Output) -> miette::Result<Option<Vec<Check>>> {
    let Some(Declared { chain, token, mut checks }) = Box::pin(declared(args, out)).await? else {
        return Ok(None);
    };
    let region = chain.region().map(Region::as_str);
    let (profiles, accounts) = (profiles().await?, chain.accounts());
    let connections = connect_by(&profiles, &args.connect, &accounts, region).await?;
    let catalog = Catalog::embedded().map_err(|error| miette::miette!("{error}"))?;
    let http = super::http::settings()?;
    let mut commands = args.connect.command_line(&profiles, &connections, &accounts);
    commands.file = args.file.as_ref().map(|file| file.display().to_string());
    commands.verify = chain_options(args);
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
    Ok(Some(checks))
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
    let choice =
        identity::Choice { workload: args.workload.as_deref(), cluster: args.cluster.as_deref() };
    let candidates = choice.candidates(federation, file)?;
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
