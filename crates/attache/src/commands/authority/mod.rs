//! `attache authority`: the embedded AWS by itself.

mod descriptors;
mod journal;
mod lanes;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use attache_authority::{Authority, Data, DiscoverySettings, KnownCluster, Quotas, Settings};
use attache_identifiers::{AccountId, Issuer, Region};
use attache_sample_resources::SampleResources;
use miette::{IntoDiagnostic as _, WrapErr as _};
use serde_json::json;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use lanes::Lanes;

use crate::interrupt;
use crate::output::{Exit, Format, Output};

/// Where it listens, what it keeps, who exists.
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
    /// Keep everything in this directory, which is made if it is missing.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Keep nothing.
    #[arg(long)]
    ephemeral: bool,
    /// An account that exists; may be given several times. The first ever given manages the
    /// organisation of all. A directory remembers its accounts.
    #[arg(long, value_name = "ID")]
    account: Vec<AccountId>,
    /// An issuer and the file of its public keys, which is read again when it changes; may be given
    /// several times. Other issuers are asked themselves, once an account has a provider for them:
    /// over TLS, as AWS does it.
    #[arg(long, value_name = "URL=JWKS_FILE", value_parser = issuer)]
    issuer: Vec<(Issuer, PathBuf)>,
    /// Ask issuers that are on this machine or in a private network, too.
    #[arg(long)]
    allow_private_issuers: bool,
    /// A PEM file of a certificate authority to believe when an issuer is asked, besides the
    /// system's; may be given several times.
    #[arg(long, value_name = "FILE")]
    issuer_ca: Vec<PathBuf>,
    /// Where an issuer's host is, in place of its addresses and of port 443; may be given several
    /// times.
    #[arg(long, value_name = "HOST=ADDR", value_parser = host_at)]
    issuer_address: Vec<(String, SocketAddr)>,
    /// An EKS cluster that exists, with the issuer of its tokens; may be given several times. A
    /// directory remembers its clusters.
    #[arg(long, value_name = "ACCOUNT/REGION/NAME=URL", value_parser = cluster)]
    cluster: Vec<KnownCluster>,
    /// A directory of AWS-managed policies as AWS publishes them, in place of the abridged ones.
    #[arg(long, value_name = "DIR")]
    managed_policies: Option<PathBuf>,
    /// Raise or lower one of IAM's quotas in every account, by the name that its refusal has, as
    /// RolesPerAccount=5000; may be given several times.
    #[arg(long, value_name = "NAME=NUMBER", value_parser = quota)]
    quota: Vec<(String, usize)>,
    /// Let a change count only after so many seconds, as on AWS: a role that was just created cannot
    /// be assumed yet, a policy that was just attached does not allow yet. IAM's own answers have it
    /// at once.
    #[arg(long, value_name = "SECONDS", default_value = "0", value_parser = seconds)]
    propagation_delay: Duration,
    /// Explain every decision: answers carry the header x-attache-decision with the path, under this
    /// address, of the newest decisions' explanations (JSON, or a page for a browser).
    #[arg(long)]
    explain: bool,
    /// The number from which the accounts' resources are made: the same number, the same resources.
    #[arg(long, alias = "estate-seed", value_name = "N", default_value_t = 1)]
    resources_seed: u64,
}

/// What else can be done with a data directory.
#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Say whether a journal is as it was written, from its first event to its last.
    Check(journal::Check),
    /// Write a journal's events as lines of JSON.
    Export(journal::Export),
}

/// Serves until it is told to end.
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
        quotas.set(name, *value).map_err(|why| miette::miette!("{why}"))?;
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
    // Whoever waits for the lines may well end it at once: it has to listen for that before.
    let stop = CancellationToken::new();
    interrupt::cancel_on_signal(stop.clone())?;
    tell(out, address, &credentials, &accounts)?;
    let lanes = Lanes::open();
    authority.serve_on(lanes.handles(), listener, stop).await.into_diagnostic()?;
    authority.close().await.into_diagnostic()?;
    out.progress("stopped");
    Ok(Exit::Done)
}

/// Says where it listens and where the keys are: a program waits for these lines.
fn tell(
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

/// The file of the administrators' keys. Of an authority that keeps nothing it is in a directory
/// of its own among the temporary ones, and goes with the process.
struct Credentials {
    path: PathBuf,
    /// Removed when this is dropped.
    _passing: Option<TempDir>,
}

impl Credentials {
    fn of(authority: &Authority) -> miette::Result<Self> {
        if let Some(path) = authority.credentials_file() {
            return Ok(Self { path, _passing: None });
        }
        // By a name of its own: in a container every process has the same number, and one that was
        // killed leaves its directory behind.
        let folder = tempfile::Builder::new()
            .prefix("attache-authority-")
            .tempdir()
            .into_diagnostic()
            .wrap_err("could not create a temporary directory for the credentials")?;
        let path = folder.path().join("credentials");
        authority.write_credentials(&path).into_diagnostic()?;
        Ok(Self { path, _passing: Some(folder) })
    }
}

/// Reads `HOST=ADDR`, where the address has its port.
fn host_at(text: &str) -> Result<(String, SocketAddr), String> {
    const FORM: &str = "write it as HOST=ADDRESS:PORT, for example issuer.example=10.0.0.1:8443";
    let (host, address) = text.split_once('=').filter(|(host, _)| !host.is_empty()).ok_or(FORM)?;
    Ok((host.to_owned(), address.parse().map_err(|_| FORM)?))
}

/// Reads `URL=JWKS_FILE`. An issuer's URL may hold `=`, a file's name seldom does.
fn issuer(text: &str) -> Result<(Issuer, PathBuf), String> {
    let (url, file) = text.rsplit_once('=').ok_or("write it as URL=JWKS_FILE")?;
    if file.is_empty() {
        return Err("write it as URL=JWKS_FILE".to_owned());
    }
    Ok((Issuer::parse(url).map_err(|e| e.to_string())?, PathBuf::from(file)))
}

/// Reads `NAME=NUMBER`.
fn quota(text: &str) -> Result<(String, usize), String> {
    let wrong = || "write it as NAME=NUMBER, such as RolesPerAccount=5000".to_owned();
    let (name, number) = text.split_once('=').ok_or_else(wrong)?;
    Ok((name.to_owned(), number.parse().map_err(|_| wrong())?))
}

/// Reads seconds, an hour of them at most.
fn seconds(text: &str) -> Result<Duration, String> {
    let wrong = || "give seconds, 0 to 3600, such as 8 or 0.5".to_owned();
    let seconds: f64 = text.parse().map_err(|_| wrong())?;
    if !(0.0..=3600.0).contains(&seconds) {
        return Err(wrong());
    }
    Duration::try_from_secs_f64(seconds).map_err(|_| wrong())
}

/// Reads `ACCOUNT/REGION/NAME=URL`.
fn cluster(text: &str) -> Result<KnownCluster, String> {
    const FORM: &str = "write it as ACCOUNT/REGION/NAME=URL";
    let (place, url) = text.split_once('=').ok_or(FORM)?;
    let [account, region, name] = place.splitn(3, '/').collect::<Vec<_>>()[..] else {
        return Err(FORM.to_owned());
    };
    let first = name.starts_with(|c: char| c.is_ascii_alphanumeric());
    let rest = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !first || !name.chars().all(rest) || name.len() > 100 {
        return Err(format!(
            "{name} is no cluster's name: letters, digits, hyphens and underscores, at most 100, \
             with a letter or digit first"
        ));
    }
    Ok(KnownCluster {
        account: AccountId::parse(account).map_err(|e| e.to_string())?,
        region: Region::parse(region).map_err(|e| e.to_string())?,
        name: name.to_owned(),
        issuer: Issuer::parse(url).map_err(|e| e.to_string())?,
    })
}
