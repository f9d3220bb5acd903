//! `attache authority`: the embedded AWS by itself.

mod descriptors;
mod journal;
mod lanes;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use attache_authority::{Authority, Data, DiscoverySettings, KnownCluster, Quotas, Settings};
use attache_identifiers::{AccountId, Issuer};
use attache_sample_resources::SampleResources;
use miette::{IntoDiagnostic as _, WrapErr as _};
use serde_json::json;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use lanes::Lanes;

use crate::commands::arguments;
use crate::interrupt;
use crate::output::{Exit, Format, Output};

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
  aws sts get-caller-identity")]
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
    /// An issuer and the file of its public keys, which is read again when it changes; may be given
    /// several times. The keys of other issuers are fetched over TLS, as AWS does it, once
    /// an account has a provider for them.
    #[arg(long, value_name = "URL=JWKS_FILE", value_parser = arguments::issuer_keys)]
    issuer: Vec<(Issuer, PathBuf)>,
    /// Also fetch keys from issuers on this machine or in a private network.
    #[arg(long)]
    allow_private_issuers: bool,
    /// A PEM file of a certificate authority to trust when keys are fetched, besides the system's;
    /// may be given several times.
    #[arg(long, value_name = "FILE")]
    issuer_ca: Vec<PathBuf>,
    /// The address of an issuer's host, instead of DNS and port 443; may be given several times.
    #[arg(long, value_name = "HOST=ADDR", value_parser = arguments::host_address)]
    issuer_address: Vec<(String, SocketAddr)>,
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
}

/// Commands about a data directory.
#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Check that a journal is as it was written, from its first event to its last.
    Check(journal::Check),
    /// Write a journal's events as lines of JSON.
    Export(journal::Export),
}

/// Serves until Ctrl-C or SIGTERM.
pub(crate) async fn run(args: Args, out: &Output) -> miette::Result<Exit> {
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
    let mut quotas = Quotas::default();
    for (name, value) in &args.quota {
        quotas.set(name, *value).map_err(|unknown| miette::miette!("{unknown}"))?;
    }
    let settings = Settings {
        quotas,
        data: args.data.map_or(Data::Memory, Data::Dir),
        accounts: args.account,
        issuer_files: args.issuer,
        discovery: Some(DiscoverySettings {
            private: args.allow_private_issuers,
            authorities: args.issuer_ca,
            addresses: args.issuer_address,
            ..DiscoverySettings::default()
        }),
        clusters: args.cluster,
        managed_policies: args.managed_policies,
        explain: args.explain,
        propagation_delay: args.propagation_delay,
        ..Settings::default()
    };
    let authority = Authority::open(settings).await.into_diagnostic()?;
    let accounts = authority.accounts();
    let resources = SampleResources::new(args.resources_seed, &authority.given_accounts());
    authority.add_services(resources.services());
    let credentials = Credentials::of(&authority)?;
    // A program that waits for these lines may end the process at once: signals are handled first.
    let stop = CancellationToken::new();
    interrupt::cancel_on_signal(stop.clone())?;
    announce(out, address, &credentials, &accounts)?;
    let lanes = Lanes::open();
    authority.serve_on(lanes.handles(), listener, stop).await.into_diagnostic()?;
    authority.close().await.into_diagnostic()?;
    out.progress("stopped");
    Ok(Exit::Done)
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
