//! `attache agent`: the node's EKS Pod Identity agent, on any cluster.

mod source;
mod taint;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use attache_agent::{
    CacheSettings, Exchange, ExchangeSettings, Listeners, Metrics, Rate, Readiness, Server,
    ServerSettings,
};
use miette::IntoDiagnostic as _;
use serde_json::json;
use time::{Duration, OffsetDateTime};
use tokio_util::sync::CancellationToken;

use self::source::Source;
use super::{arguments, duration};
use crate::interrupt;
use crate::output::{self, Exit, Format, Output};

/// Whose tokens are traded, how, and where pods ask.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  attache agent --cluster-name prod                                # on EKS, as its own agent
  attache agent --associations associations.yaml --issuer https://issuer.example \\
    --region eu-west-1                                             # on any other cluster
  attache agent --annotations --issuer https://issuer.example --region eu-west-1
                                                                   # by eks.amazonaws.com/role-arn
  attache agent --cluster-name prod --startup-taint attache.dev/agent-not-ready --node-name worker-1
                                                                   # no pod before it serves
  attache agent --associations associations.yaml --issuer https://issuer.example --jwks jwks.json \\
    --region eu-west-1 --bind-hosts 127.0.0.1 --port 8080          # to try it

A row of the file, with EKS's own names:
  associations:
    - namespace: causely
      serviceAccount: causely-mediator
      roleArn: arn:aws:iam::111111111111:role/CauselyMediation

In a pod, as EKS injects it:
  AWS_CONTAINER_CREDENTIALS_FULL_URI=http://169.254.170.23/v1/credentials
  AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=/var/run/secrets/pods.eks.amazonaws.com/serviceaccount/eks-pod-identity-token

The flags that the EKS Pod Identity Agent has are named as there. docs/agent.md has the whole way.")]
pub(crate) struct Args {
    /// The cluster's name. Alone: EKS Auth trades the tokens, with the node's credentials. Beside
    /// --issuer: it names the sessions, and rows of other clusters are passed over.
    #[arg(long, short = 'c', value_name = "NAME", value_parser = arguments::cluster_name)]
    #[arg(required_unless_present = "issuer")]
    cluster_name: Option<String>,
    #[command(flatten)]
    source: source::SourceArgs,
    /// An address to answer pods on; may be given several times.
    #[arg(long, short = 'b', value_name = "IP", value_delimiter = ',', value_parser = ip)]
    #[arg(default_values = ["169.254.170.23", "fd00:ec2::23"])]
    bind_hosts: Vec<IpAddr>,
    /// The port there; 0 takes a free one.
    #[arg(long, short = 'p', value_name = "PORT", default_value_t = 80)]
    port: u16,
    /// The port of /healthz and /readyz on 127.0.0.1.
    #[arg(long, value_name = "PORT", default_value_t = 2703)]
    probe_port: u16,
    /// The address of /metrics.
    #[arg(long, value_name = "IP", default_value = "0.0.0.0", value_parser = ip)]
    metrics_address: IpAddr,
    /// The port of /metrics.
    #[arg(long, value_name = "PORT", default_value_t = 2705)]
    metrics_port: u16,
    /// The most credentials in the cache; 0 keeps none.
    #[arg(long, value_name = "N", default_value_t = 2_000)]
    max_cache_size: usize,
    /// Renew credentials after this time at the latest; 0 keeps none.
    #[arg(long, value_name = "TIME", default_value = "3h", value_parser = duration::parse)]
    max_credential_retention_before_renewal: Duration,
    /// The most renewals a second.
    #[arg(long, value_name = "N", default_value_t = 3)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..))]
    max_service_qps: u16,
    /// The requests of all pods a second, half of them at once; a pod that asks for more than its
    /// share leaves the others theirs. 0: no limit.
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    requests_per_second: u32,
    #[command(flatten)]
    taint: taint::TaintArgs,
}

/// Serves until Ctrl-C or SIGTERM.
pub(crate) async fn run(args: Args, out: &Output) -> miette::Result<Exit> {
    let Source { trades, roles, client, described } =
        Box::pin(source::open(&args.source, args.cluster_name.as_deref())).await?;
    let taint = Box::pin(taint::open(&args.taint, args.source.kubeconfig.as_deref())).await?;
    let listeners = listen(&args).await?;
    for error in &listeners.without {
        output::warn(&format!("{error}; pods are answered on the other address"));
    }
    let settings = ExchangeSettings {
        cache: CacheSettings {
            capacity: args.max_cache_size,
            renew_after: args.max_credential_retention_before_renewal,
        },
        renewals_per_second: usize::from(args.max_service_qps),
    };
    let metrics = Arc::new(Metrics::default());
    let exchange = Exchange::new(trades, settings, OffsetDateTime::now_utc, metrics);
    let stop = CancellationToken::new();
    // A program that waits for these lines may end the process at once: signals are handled first.
    interrupt::cancel_on_signal(stop.clone())?;
    announce(&listeners, &described, out)?;
    source::watch(roles, client, &exchange, &stop);
    if let Some(taint) = taint {
        let readiness = Readiness::new(&exchange, &listeners);
        tokio::spawn(taint.remove_when_ready(readiness, stop.clone()));
    }
    let server = ServerSettings { rate: rate(args.requests_per_second) };
    Box::pin(Server::serve(exchange, server, listeners, stop)).await;
    out.progress("stopped");
    Ok(Exit::Done)
}

async fn listen(args: &Args) -> miette::Result<Listeners> {
    let probes = SocketAddr::from((Ipv4Addr::LOCALHOST, args.probe_port));
    let metrics = SocketAddr::new(args.metrics_address, args.metrics_port);
    Listeners::bind(&args.bind_hosts, args.port, Some(probes), Some(metrics))
        .await
        .into_diagnostic()
}

fn rate(per_second: u32) -> Option<Rate> {
    let per_second = f64::from(per_second);
    // Half of it at once, as the original; at least one, else nothing would ever pass.
    (per_second > 0.0).then(|| Rate { per_second, burst: (per_second / 2.0).max(1.0) })
}

/// An address, in brackets or not: the original's flag has them.
fn ip(text: &str) -> Result<IpAddr, std::net::AddrParseError> {
    text.trim_start_matches('[').trim_end_matches(']').parse()
}

/// Prints the addresses: programs wait for these lines.
fn announce(listeners: &Listeners, source: &str, out: &Output) -> miette::Result<()> {
    let credentials: Vec<String> = listeners
        .credentials_addresses()
        .iter()
        .map(|address| format!("http://{address}{}", attache_agent::request::PATH))
        .collect();
    let url = |address: Option<SocketAddr>| address.map(|address| format!("http://{address}/"));
    let (probes, metrics) = (url(listeners.probes_address()), url(listeners.metrics_address()));
    if out.format == Format::Json {
        return out.json(&json!({
            "credentials": credentials, "probes": probes, "metrics": metrics, "source": source,
        }));
    }
    for credentials in &credentials {
        out.line(format!("listening  {credentials}"));
    }
    out.line(format!("probes     {}", probes.unwrap_or_default()));
    out.line(format!("metrics    {}", metrics.unwrap_or_default()));
    out.line(format!("source     {source}"));
    Ok(())
}
