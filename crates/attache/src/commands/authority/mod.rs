//! `attache authority`: the embedded AWS by itself.

mod descriptors;
mod exec;
mod journal;
mod lanes;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use attache_authority::{
    Authority, Data, DiscoverySettings, FixedKey, KnownCluster, Quotas, Settings,
};
use attache_identifiers::{AccountId, Issuer, Secret};
use miette::{IntoDiagnostic as _, WrapErr as _};
use serde_json::json;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use lanes::Lanes;

use crate::commands::arguments;
use crate::commands::issuer_fetch::IssuerFetchArgs;
use crate::commands::laboratory::Laboratory;
use crate::commands::quickstart::plan;
use crate::interrupt;
use crate::output::{self, Exit, Format, Output};

/// Where it listens, what it stores, which accounts exist.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(group(clap::ArgGroup::new("keeping").required(true).args(["data", "ephemeral"])))]
#[command(after_help = "\
Examples:
  attache authority --data ./aws --account 111111111111 --account 222222222222
  attache authority --ephemeral --account 222222222222 --listen 127.0.0.1:0 \\
    --issuer https://issuer.example=jwks.json

Then, with any AWS client (the address is that of --listen):
  export AWS_ENDPOINT_URL=http://127.0.0.1:4599 AWS_REGION=us-east-1
  export AWS_SHARED_CREDENTIALS_FILE=./aws/credentials AWS_PROFILE=222222222222
  aws sts get-caller-identity

For the time of one command, which finds this AWS by itself:
  attache authority --ephemeral --account 111111111111 --listen 127.0.0.1:0 \\
    --exec pytest tests/

AWS on a bad day:
  attache authority --ephemeral --account 111111111111 --latency 40ms,p99=200ms --rates aws \\
    --fault throttling,service=ec2,operation=Describe*,probability=0.2 \\
    --fault truncated-body,service=rds,count=3

A company's AWS, in little memory:
  attache authority --ephemeral --accounts 1000 --resources large")]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// The address to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:4599")]
    listen: SocketAddr,
    /// Store everything in this directory, which is created if it is missing.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Store nothing: everything is lost at the end.
    #[arg(long)]
    ephemeral: bool,
    /// An account that exists; may be given several times. The first one is the management account
    /// of the organization. A data directory keeps its accounts.
    #[arg(long, value_name = "ID")]
    account: Vec<AccountId>,
    /// So many accounts, 111111111111, 222222222222 and so on, besides those of --account.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    accounts: Option<u16>,
    /// An issuer and the file of its public keys, which is read again when it changes; may be given
    /// several times. The keys of other issuers are fetched over TLS, as AWS does it, once
    /// an account has a provider for them.
    #[arg(long, value_name = "URL=JWKS_FILE", value_parser = arguments::issuer_keys)]
    issuer: Vec<(Issuer, PathBuf)>,
    #[command(flatten)]
    fetch: IssuerFetchArgs,
    /// An EKS cluster that exists, with the issuer of its tokens; may be given several times. A
    /// data directory keeps its clusters.
    #[arg(long, value_name = "ACCOUNT/REGION/NAME=URL", value_parser = arguments::cluster)]
    cluster: Vec<KnownCluster>,
    /// A directory of AWS-managed policies as AWS publishes them, in place of the abridged ones.
    #[arg(long, value_name = "DIR")]
    managed_policies: Option<PathBuf>,
    /// Change one of IAM's quotas in every account, by the name in its LimitExceeded error, for
    /// example RolesPerAccount=5000; may be given several times.
    #[arg(long, value_name = "NAME=NUMBER", value_parser = arguments::quota)]
    quota: Vec<(String, usize)>,
    /// Let a change take effect only after so many seconds, as on AWS: a role that was just created
    /// cannot be assumed yet, a policy that was just attached does not allow yet. IAM's own answers
    /// show it at once.
    #[arg(long, value_name = "SECONDS", default_value = "0", value_parser = arguments::delay)]
    propagation_delay: Duration,
    /// Explain every decision: answers carry the header x-attache-decision with the path, under this
    /// address, of the newest decisions' explanations (JSON, or a page for a browser).
    #[arg(long)]
    explain: bool,
    /// The seed of the accounts' sample resources: the same number gives the same resources.
    #[arg(long, alias = "estate-seed", value_name = "N", default_value_t = 1)]
    resources_seed: u64,
    /// An access key of an administrator, in place of a random one, for example test:test; of the first
    /// account, or as ACCOUNT=ID:SECRET of another. May be given several times.
    #[arg(long, value_name = "[ACCOUNT=]ID:SECRET", value_parser = arguments::secret)]
    access_key: Vec<Secret>,
    /// Run a command with this AWS in its environment, and end with it and its exit code. What follows
    /// is the command's.
    #[arg(long, value_name = "CMD", num_args = 1.., allow_hyphen_values = true)]
    exec: Vec<OsString>,
    #[command(flatten)]
    laboratory: Laboratory,
}

/// Commands about a data directory.
#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Check that a journal is as it was written, from its first event to its last.
    Check(journal::Check),
    /// Write a journal's events as lines of JSON.
    Export(journal::Export),
}

/// Serves until Ctrl-C or SIGTERM, or until a command has ended.
pub(crate) async fn run(args: &Args, out: &Output) -> miette::Result<Exit> {
    match &args.verb {
        Some(Verb::Check(args)) => return journal::check(args, out).await,
        Some(Verb::Export(args)) => return journal::export(args, out).await,
        None => {}
    }
    descriptors::raise();
    let listener = TcpListener::bind(args.listen)
        .await
        .into_diagnostic()
        .wrap_err_with(|| format!("could not listen on {}", args.listen))?;
    let address = listener.local_addr().into_diagnostic()?;
    warn_of_listening(address);
    let given = given_accounts(args)?;
    let first = given.first().copied();
    let authority = Authority::open(settings(args, given)?).await.into_diagnostic()?;
    let accounts = authority.accounts();
    let holders = authority.given_accounts();
    let resources = args.laboratory.resources(args.resources_seed, &holders, &holders);
    authority.add_services(resources.services());
    authority.set_laboratory(args.laboratory.settings()).into_diagnostic()?;
    let credentials = Credentials::of(&authority)?;
    let stop = CancellationToken::new();
    let lanes = Lanes::open();
    let serving = authority.serve_on(lanes.handles(), listener, stop.clone());
    let exit = if args.exec.is_empty() {
        // A program that waits for these lines may end the process at once: signals are handled first.
        interrupt::cancel_on_signal(stop.clone())?;
        announce(out, address, &credentials, &accounts)?;
        serving.await.into_diagnostic()?;
        Exit::Done
    } else {
        let administrator = first.or_else(|| accounts.first().copied());
        let administrator = administrator.and_then(|account| authority.administrator(account));
        let environment = exec::Environment {
            address,
            credentials: &credentials.path,
            administrator: administrator.as_ref(),
        };
        let signals = exec::Signals::listen()?;
        let command = async {
            let ended = exec::run(&args.exec, &environment, signals).await;
            stop.cancel();
            ended
        };
        let (served, ended) = tokio::join!(serving, command);
        served.into_diagnostic()?;
        ended?
    };
    authority.close().await.into_diagnostic()?;
    out.progress("stopped");
    Ok(exit)
}

/// Those of --account, which come first, and those of --accounts that are not among them.
fn given_accounts(args: &Args) -> miette::Result<Vec<AccountId>> {
    let mut accounts = args.account.clone();
    if let Some(number) = args.accounts {
        let more = plan::accounts(number - 1)?;
        accounts.extend(more.into_iter().filter(|account| !args.account.contains(account)));
    }
    Ok(accounts)
}

fn settings(args: &Args, accounts: Vec<AccountId>) -> miette::Result<Settings> {
    let mut quotas = Quotas::default();
    for (name, value) in &args.quota {
        quotas.set(name, *value).map_err(|unknown| miette::miette!("{unknown}"))?;
    }
    let fixed_keys = args.access_key.iter().map(FixedKey::parse);
    let fixed_keys = fixed_keys.collect::<Result<_, _>>().into_diagnostic();
    Ok(Settings {
        quotas,
        data: args.data.clone().map_or(Data::Memory, Data::Dir),
        accounts,
        issuer_files: args.issuer.clone(),
        discovery: Some(DiscoverySettings {
            fetch: args.fetch.settings(),
            ..DiscoverySettings::default()
        }),
        clusters: args.cluster.clone(),
        managed_policies: args.managed_policies.clone(),
        explain: args.explain,
        propagation_delay: args.propagation_delay,
        fixed_keys: fixed_keys.wrap_err("--access-key is not valid")?,
        ..Settings::default()
    })
}

/// Warns of an address that others reach: requests are not encrypted, and the administrators' keys may
/// be known.
pub(crate) fn warn_of_listening(address: SocketAddr) {
    if !address.ip().to_canonical().is_loopback() {
        output::warn(&format!(
            "the embedded AWS listens on {address}, which other machines can reach, without TLS; \
             use a loopback address such as 127.0.0.1:{} if only this machine needs it",
            address.port()
        ));
    }
}

/// Prints the address and the credentials file: programs wait for these lines.
fn announce(
    out: &Output,
    address: SocketAddr,
    credentials: &Credentials,
    accounts: &[AccountId],
) -> miette::Result<()> {
    let (url, path) = (format!("http://{address}"), credentials.path.display());
    if out.format == Format::Json {
        return out.json(&json!({
            "url": url, "credentials_file": path.to_string(), "accounts": accounts,
        }));
    }
    let listed: Vec<String> = accounts.iter().map(ToString::to_string).collect();
    out.line(format!("listening    {url}"));
    out.line(format!("credentials  {path}"));
    out.line(format!("accounts     {}", listed.join(" ")));
    Ok(())
}

/// The file of the administrators' keys. Of an authority that stores nothing it is in a temporary
/// directory, which is removed at the end.
struct Credentials {
    path: PathBuf,
    /// Removed when this is dropped.
    _temporary: Option<TempDir>,
}

impl Credentials {
    fn of(authority: &Authority) -> miette::Result<Self> {
        if let Some(path) = authority.credentials_file() {
            return Ok(Self { path, _temporary: None });
        }
        // By a random name: in a container every process has the same id, and one that was killed
        // leaves its directory behind.
        let folder = tempfile::Builder::new()
            .prefix("attache-authority-")
            .tempdir()
            .into_diagnostic()
            .wrap_err("could not create a temporary directory for the credentials")?;
        let path = folder.path().join("credentials");
        authority.write_credentials(&path).into_diagnostic()?;
        Ok(Self { path, _temporary: Some(folder) })
    }
}
