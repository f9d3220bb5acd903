//! `attache quickstart`: the whole chain at once, on the embedded default.
//!
//! It runs what the other commands do one by one, and calls the authority as they would call
//! AWS: over HTTP, with the official SDK, with keys from a credentials file. Read
//! [`carry_out`] from top to bottom.

mod cluster;
pub(crate) mod plan;
mod report;
mod scrape;
mod setup;
mod world;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Instant;

use attache_federation::Federation;
use attache_files::{create_data_folder, write_new};
use miette::{IntoDiagnostic, WrapErr};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use self::cluster::Cluster;
use self::report::{Report, Steps};
use self::world::World;
use crate::commands::cluster_client::KubeContext;
use crate::commands::laboratory::Laboratory;
use crate::output::{Exit, Format, Output, Tone};

/// Where to listen, how many accounts, and when to stop.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Your AWS configuration is not read, and nothing outside this machine is called but the API server of
--kubeconfig. With it the tokens are those of a real cluster: its API server signs them, and the embedded
AWS has its keys. The namespace attache-quickstart and the service account causely-mediator are made in it
(field manager attache-quickstart) and removed at the end; what was there before is left as it is.

Examples:
  attache quickstart                          until Ctrl-C, with the page
  attache quickstart --accounts 20            twenty target accounts
  attache quickstart --once --output json     one report, for a CI job
  attache quickstart --accounts 50 --resources 10000   more to find
  attache quickstart --data ./lab             keep its files to look at
  attache quickstart --kubeconfig ~/.kube/config --context kind-dev   with a real cluster's tokens
  attache quickstart --latency 40ms,p99=200ms --rates aws   AWS as fast as it is
  attache quickstart --fault throttling,service=ec2,probability=0.2   and on a bad day

While it runs, any AWS client can look at the same accounts:
  export AWS_ENDPOINT_URL=http://127.0.0.1:7879 AWS_REGION=us-east-1
  export AWS_SHARED_CREDENTIALS_FILE=./lab/authority/credentials AWS_PROFILE=222222222222
  aws iam list-roles")]
pub(crate) struct Args {
    /// Where the page and the API are served; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:7878", value_name = "ADDR")]
    listen: SocketAddr,

    /// Where the embedded AWS is served; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:7879", value_name = "ADDR")]
    authority_listen: SocketAddr,

    /// The number of target accounts in the organization.
    #[arg(long, default_value_t = 2, value_name = "N",
        value_parser = clap::value_parser!(u16).range(1..=1000))]
    accounts: u16,

    /// Stop after the first complete scrape.
    #[arg(long)]
    once: bool,

    /// Keep the federation, Secrets, values, token and journal here; it must not exist yet.
    /// Without it they are in a temporary folder that is removed at the end.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,

    /// The cluster whose API server signs the workload's tokens, instead of an issuer in this process.
    #[arg(long, value_name = "FILE")]
    kubeconfig: Option<PathBuf>,

    /// The context of the kubeconfig, instead of its current one.
    #[arg(long, value_name = "NAME", requires = "kubeconfig")]
    context: Option<String>,

    #[command(flatten)]
    laboratory: Laboratory,
}

/// Runs the chain, prints the report, and serves the page until Ctrl-C.
pub(crate) async fn run(args: Args, out: &Output) -> miette::Result<Exit> {
    let stop = CancellationToken::new();
    let interrupted = crate::interrupt::cancel_on_signal(stop.clone())?;
    let (folder, _removed_at_the_end) = folder(args.data.as_deref())?;
    // Both addresses first: whatever else may fail, an address in use is found before any work.
    let listeners = Listeners {
        page: bind(args.listen, "--listen").await?,
        authority: bind(args.authority_listen, "--authority-listen").await?,
    };
    let mut cluster = match &args.kubeconfig {
        None => Cluster::embedded()?,
        Some(file) => {
            let (file, context) = (Some(file.clone()), args.context.clone());
            Box::pin(Cluster::of(KubeContext { file, context })).await?
        }
    };
    let ended = Box::pin(in_cluster(&args, &folder, listeners, &mut cluster, &stop, out)).await;
    cluster.remove(out).await;
    interrupted.abort();
    ended
}

/// Everything between the making of what the cluster needs, and its removal.
async fn in_cluster(
    args: &Args,
    folder: &Path,
    listeners: Listeners,
    cluster: &mut Cluster,
    stop: &CancellationToken,
    out: &Output,
) -> miette::Result<Exit> {
    let accounts = plan::accounts(args.accounts)?;
    let text = plan::federation(&accounts, cluster.issuer.url(), &cluster.workload);
    let federation = Federation::from_yaml(&text, "federation.yaml")?;
    write(&folder.join("federation.yaml"), &text)?;
    // Not broken off by a signal: what is made has to be known.
    cluster.provision(&federation.source().to_string(), out).await?;
    let carried_out = tokio::select! {
        carried_out = carry_out(args, folder, &federation, listeners, cluster, stop, out) => carried_out?,
        () = stop.cancelled() => {
            out.progress("interrupted");
            return Ok(Exit::Done);
        }
    };
    let Running { report, world, page } = carried_out;
    let exit = if report.failed() { Exit::Failed } else { Exit::Done };
    match out.format {
        Format::Json => out.json(&report)?,
        Format::Table => report.print(out),
    }
    if !args.once {
        if out.format == Format::Table {
            out.line("");
            out.line(format!("page       {}", out.paint(Tone::Strong, &report.page_url)));
            out.line(format!("AWS        {}", world.endpoint));
            out.line(format!("keys       {}", world.credentials.display()));
            out.line(out.paint(Tone::Faint, "Press Ctrl-C to stop."));
        }
        stop.cancelled().await;
    }
    stop.cancel();
    page.await.into_diagnostic()?.into_diagnostic().wrap_err("the page's server ended badly")?;
    world.ended().await?;
    Ok(exit)
}

/// Where the page and the embedded AWS are served.
struct Listeners {
    page: TcpListener,
    authority: TcpListener,
}

/// What runs after the first complete scrape.
struct Running {
    report: Report,
    world: World,
    page: tokio::task::JoinHandle<std::io::Result<()>>,
}

async fn carry_out(
    args: &Args,
    folder: &Path,
    federation: &Federation,
    listeners: Listeners,
    cluster: &Cluster,
    stop: &CancellationToken,
    out: &Output,
) -> miette::Result<Running> {
    let started = Instant::now();
    let mut steps = Steps::new(out);
    let token_file = cluster.project(&folder.join("token"), stop).await?;
    let keys = folder.join("jwks.json");
    write(&keys, &cluster.issuer.keys().to_json())?;

    let accounts = federation.accounts();
    let issuer = (cluster.issuer.url().clone(), keys);
    let data = folder.join("authority");
    let world =
        world::start(listeners.authority, &data, &accounts, issuer, &args.laboratory, stop).await?;
    let detail = format!("{} accounts at {}", accounts.len(), world.endpoint);
    // For scripts that look at a kept folder: where AWS is.
    write(&folder.join("endpoint"), &format!("{}\n", world.endpoint))?;
    steps.ok("embedded AWS", detail);
    steps.ok("cluster identity", cluster.described());

    let connections = world.connections(&accounts).await?;
    setup::grant(federation, &connections, &mut steps, out).await?;
    let files = setup::render(federation, folder, &mut steps)?;
    setup::prove(federation, &connections, &token_file, &mut steps).await;
    // From here on: what comes before is to set the accounts up, not to try a client.
    world.set_laboratory(args.laboratory.settings())?;
    let scraped = scrape::run(&files, &token_file, &world.endpoint, stop).await?;
    let page = scraped.serve(listeners.page, stop)?;
    let report = scraped.report(steps, started.elapsed(), &page).await?;
    Ok(Running { report, world, page: page.serving })
}

/// Listens; the error names the flag that chooses another address.
pub(crate) async fn bind(address: SocketAddr, flag: &str) -> miette::Result<TcpListener> {
    let bound = TcpListener::bind(address).await;
    bound.map_err(|error| {
        miette::miette!(
            help = format!("choose another with {flag} ADDR:PORT; port 0 takes a free one"),
            "could not listen on {address}: {error}"
        )
    })
}

/// The folder for everything, and what removes it when it was a temporary one.
fn folder(kept: Option<&Path>) -> miette::Result<(PathBuf, Option<tempfile::TempDir>)> {
    let Some(path) = kept else {
        let made = tempfile::Builder::new().prefix("attache-").tempdir();
        let made = made.into_diagnostic().wrap_err("could not make a temporary folder")?;
        return Ok((made.path().to_owned(), Some(made)));
    };
    if path.symlink_metadata().is_ok() {
        return Err(miette::miette!(
            help = "give a folder that does not exist yet: each quickstart starts from nothing",
            "{} is already there",
            path.display()
        ));
    }
    create_data_folder(path).map_err(|e| miette::miette!("{e}"))?;
    Ok((path.to_owned(), None))
}

fn write(path: &Path, text: &str) -> miette::Result<()> {
    write_new(path, text.as_bytes(), 0o644).map_err(|e| miette::miette!("{e}"))
}
