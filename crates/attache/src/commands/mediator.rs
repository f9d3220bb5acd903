//! `attache mediator`: run on the access. Assume each account's role with the projected token or the pod's
//! credentials, list what is there, and serve it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use attache_aws_accounts::Access;
use attache_catalog::Catalog;
use attache_identifiers::{AllowedHost, Region};
use attache_manifests::Account;
use attache_mediator::{
    AccountReport, Clock, Coverage, InventoryPlace, Mediator, Outcome, SessionError, SessionSource,
    Settings,
};
use miette::IntoDiagnostic;
use serde_json::json;
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

use super::manifests;
use crate::output::{Exit, Format, Output, RemoteFailure, Tone};

/// AWS's variables that lead to a container's credentials.
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html>
const CONTAINER: [&str; 2] =
    ["AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"];

/// What to scrape, with what, and where to serve it.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  attache mediator --values causely-values.yaml --secrets aws-secret.yaml
  attache mediator --values values.yaml --secrets /etc/attache/secrets --data /var/lib/attache
  attache mediator --values values.yaml --secrets secrets.yaml --once --output json
  attache mediator --print-policy > attache-oidc-discovery.json

In a cluster the token's file comes from the pod's environment, and each Secret is mounted as a
folder under --secrets: DIR/aws-secret/AWS_ROLE_ARN. With EKS Pod Identity or `attache agent` it is the
pod's credentials that come from there, and each account's role is assumed with them.

With --once: exit code 0 when every scrape is complete, 1 when AWS refused a session or a scrape,
2 when there is no token, 3 when no account or agent could be reached.")]
pub(crate) struct Args {
    /// Helm values with `scrapers.aws.accounts`; may be given several times.
    #[arg(long, value_name = "FILE", required_unless_present = "print_policy")]
    values: Vec<PathBuf>,

    /// Secrets: manifests, or a folder where each Secret is a folder; may be given several times.
    #[arg(long, value_name = "PATH", num_args = 1..)]
    secrets: Vec<PathBuf>,

    /// The projected service-account token. Without one the roles are assumed with the credentials that
    /// `AWS_CONTAINER_CREDENTIALS_FULL_URI` leads to, such as a Pod Identity agent's.
    #[arg(long, value_name = "FILE", env = "AWS_WEB_IDENTITY_TOKEN_FILE")]
    token_file: Option<PathBuf>,

    /// Where to serve the API and the page.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,

    /// A host that the API and the page may be addressed as, NAME or NAME:PORT; may be given several
    /// times. They always answer to localhost, to the address of --listen and, where that is
    /// 0.0.0.0 or `[::]`, to every IP address.
    #[arg(long = "allow-host", value_name = "NAME")]
    allow_hosts: Vec<AllowedHost>,

    /// Keep the inventory in this folder: `attache-data` by default, or memory with --once.
    #[arg(long, value_name = "DIR", conflicts_with = "ephemeral")]
    data: Option<PathBuf>,

    /// Keep the inventory in memory only.
    #[arg(long)]
    ephemeral: bool,

    /// From the end of one scrape of an account to the start of the next.
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = super::arguments::interval)]
    interval: Duration,

    /// Scrape once, print the result, and end.
    #[arg(long)]
    once: bool,

    /// One endpoint for every service, instead of AWS's own.
    #[arg(long, value_name = "URL", env = "AWS_ENDPOINT_URL")]
    endpoint_url: Option<String>,

    /// A folder with more resource types, one TOML file each.
    #[arg(long, value_name = "DIR")]
    catalog: Option<PathBuf>,

    /// The regions to scrape, instead of the values' and the Secrets'.
    #[arg(long, value_name = "REGION", value_delimiter = ',')]
    regions: Vec<Region>,

    /// Print the least-privilege policy that the catalog needs, and end.
    #[arg(long)]
    print_policy: bool,
}

/// Scrapes and serves until Ctrl-C, or once.
pub(crate) async fn run(args: Args, out: &Output) -> miette::Result<Exit> {
    let catalog = catalog(args.catalog.as_deref())?;
    if args.print_policy {
        out.json(&catalog.policy())?;
        return Ok(Exit::Done);
    }
    let configuration = manifests::read(&args.values, &args.secrets, &args.regions)?;
    if manifests::nothing_to_do(&configuration, out) {
        return switched_off(out);
    }
    let source = source(&args).await?;
    let settings = settings(&args, configuration.accounts, source, catalog)?;
    if args.once {
        return once(settings, out).await;
    }
    serve(settings, args.listen, out).await
}

fn catalog(folder: Option<&Path>) -> miette::Result<Catalog> {
    let catalog = Catalog::embedded()?;
    match folder {
        Some(folder) => Ok(catalog.with_folder(folder)?),
        None => Ok(catalog),
    }
}

/// Nothing is listed: AWS is switched off in the values.
fn switched_off(out: &Output) -> miette::Result<Exit> {
    if out.format == Format::Json {
        print(&[], &[], out)?;
    }
    Ok(Exit::Done)
}

/// In the SDKs' order: a token before the container's credentials.
async fn source(args: &Args) -> miette::Result<SessionSource> {
    let token_file = args.token_file.clone().filter(|path| !path.as_os_str().is_empty());
    if let Some(token_file) = token_file {
        return Ok(SessionSource::Token(token_file));
    }
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if !CONTAINER.into_iter().any(is_set) {
        return Err(miette::miette!(
            help = "give --token-file FILE; in a pod, annotate its service account with \
                    eks.amazonaws.com/role-arn, or let a Pod Identity agent give it credentials",
            "there is nothing to assume the roles with: neither --token-file nor \
             AWS_WEB_IDENTITY_TOKEN_FILE nor {} is set",
            CONTAINER.join(" nor ")
        ));
    }
    let access = Access {
        profiles: std::collections::BTreeMap::new(),
        assume_role: None,
        endpoint_url: None,
        home: None,
        http: super::http::settings()?,
    };
    let profiles = super::federate::profiles().await?;
    let credentials = access.container(&profiles).map_err(|error| miette::miette!("{error}"))?;
    Ok(SessionSource::Container(credentials))
}

fn settings(
    args: &Args,
    accounts: Vec<Account>,
    source: SessionSource,
    catalog: Catalog,
) -> miette::Result<Settings> {
    let mut settings = Settings::new(accounts, source, Clock::new(OffsetDateTime::now_utc))?;
    settings.catalog = catalog;
    // An empty variable is an unset one, as in the SDKs.
    settings.endpoint_url = args.endpoint_url.clone().filter(|url| !url.is_empty());
    settings.interval = args.interval;
    settings.allowed_hosts = args.allow_hosts.clone();
    settings.inventory = match &args.data {
        Some(folder) => InventoryPlace::Folder(folder.clone()),
        None if args.ephemeral || args.once => InventoryPlace::Memory,
        None => InventoryPlace::Folder(PathBuf::from("attache-data")),
    };
    settings.connector = super::http::settings()?.connector();
    Ok(settings)
}

async fn once(settings: Settings, out: &Output) -> miette::Result<Exit> {
    let mediator = Mediator::open(settings).await?;
    mediator.scrape_once().await?;
    let accounts = mediator.accounts().await?;
    let coverage = mediator.coverage().await?;
    print(&accounts, &coverage, out)?;
    Ok(exit(&accounts, &coverage))
}

/// Done only where everything is complete. Where no account was reached, the reason decides.
fn exit(accounts: &[AccountReport], coverage: &[Coverage]) -> Exit {
    if coverage.iter().all(|line| line.status == Outcome::Ok) {
        return Exit::Done;
    }
    let all = |wanted: fn(&SessionError) -> bool| {
        accounts.iter().all(|account| account.session_error.as_ref().is_some_and(wanted))
    };
    if all(|refused| matches!(refused, SessionError::NoToken { .. })) {
        Exit::Usage
    } else if all(|r| {
        matches!(
            r,
            SessionError::Unreachable { .. }
                | SessionError::Throttled { .. }
                | SessionError::NoCredentials { .. }
        )
    }) {
        Exit::Remote
    } else {
        Exit::Failed
    }
}

fn print(accounts: &[AccountReport], coverage: &[Coverage], out: &Output) -> miette::Result<()> {
    if out.format == Format::Json {
        let total: usize = coverage.iter().map(|line| line.count).sum();
        let report =
            json!({ "accounts": accounts, "coverage": coverage, "resources_total": total });
        return out.json(&report);
    }
    let rows = coverage.iter().map(|line| {
        let status = line.status.name().to_owned();
        let (account, region, kind) = (&line.account, &line.region, &line.kind);
        vec![account.clone(), region.clone(), kind.clone(), line.count.to_string(), status]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    out.table(&["account", "region", "type", "resources", "status"], &rows, |cell| match cell {
        "ok" => Some(Tone::Good),
        "throttled" => Some(Tone::Warning),
        "denied" | "failed" | "no-session" => Some(Tone::Bad),
        _ => None,
    });
    complaints(accounts, coverage, out);
    Ok(())
}

/// What failed or is incomplete, with its fix.
fn complaints(accounts: &[AccountReport], coverage: &[Coverage], out: &Output) {
    let say = |tone: Tone, mark: &str, message: &str, remedy: &str| {
        out.line("");
        out.line(format!("{} {message}", out.paint(tone, mark)));
        out.line(out.paint(Tone::Faint, &format!("  {remedy}")));
    };
    for account in accounts {
        for warning in &account.warnings {
            say(Tone::Warning, "!", &warning.message, &warning.remedy);
        }
        if let Some(error) = &account.error {
            let message = format!("{}: {}", account.role_arn, error.message);
            say(Tone::Bad, "✕", &message, &error.remedy);
        }
    }
    let known = |line: &&Coverage| !matches!(line.status, Outcome::Ok | Outcome::NoSession);
    for line in coverage.iter().filter(known) {
        let message = format!("{} {} {}: {}", line.account, line.region, line.kind, line.message);
        say(Tone::Bad, "✕", &message, &line.remedy);
    }
}

async fn serve(settings: Settings, listen: SocketAddr, out: &Output) -> miette::Result<Exit> {
    // The address first: what cannot be served need not be scraped.
    let listener = tokio::net::TcpListener::bind(listen).await.map_err(|e| {
        miette::miette!(
            help = "choose another address with --listen; port 0 takes a free one",
            "could not listen on {listen}: {e}"
        )
    })?;
    let address = listener.local_addr().into_diagnostic()?;
    let stop = CancellationToken::new();
    let mediator = Mediator::start(settings, stop.clone()).await?;
    // Before the line that others wait for: they may well end it at once.
    crate::interrupt::cancel_on_signal(stop.clone())?;
    out.progress(format!("serving on http://{address}/; press Ctrl-C to stop"));
    tokio::spawn(told(mediator.clone(), *out));
    let served = mediator.serve(listener, stop.clone()).await;
    stop.cancel();
    served.map_err(|e| RemoteFailure::report(format!("the server ended: {e}"), None))?;
    Ok(Exit::Done)
}

/// Prints the result of the first scrape.
async fn told(mediator: Mediator, out: Output) {
    mediator.first_complete().await;
    let Ok(accounts) = mediator.accounts().await else { return };
    for account in accounts {
        match (&account.identity_arn, &account.error) {
            (Some(identity), _) => {
                let (id, count) = (&account.id, account.resources);
                out.progress(format!("{id}: {count} resources as {identity}"));
            }
            (None, Some(error)) => {
                out.progress(format!(
                    "{}: {}\n  {}",
                    account.role_arn, error.message, error.remedy
                ));
            }
            (None, None) => {}
        }
        for warning in &account.warnings {
            out.progress(format!("warning: {}", warning.message));
            out.progress(format!("  {}", warning.remedy));
        }
    }
}
