//! `attache webhook`: the pod identity webhook, for clusters that AWS does not run.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use attache_admission::{OnFault, Settings};
use attache_identifiers::Region;
use attache_kubernetes::admission::{AnnotationDomain, GateAction};
use attache_webhook::certificates::SelfMadeSettings;
use attache_webhook::{Certificate, Options, run as serve};
use clap::ValueEnum;
use time::OffsetDateTime;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::output::{Exit, Output, RemoteFailure};

/// What it does, and where it listens.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  attache webhook --namespace attache --service attache-webhook --tls-secret attache-webhook \\
    --webhook-configuration attache-webhook                 # in a pod, with a certificate of its own
  attache webhook --tls-cert /tls/tls.crt --tls-key /tls/tls.key   # a certificate of cert-manager's
  attache webhook --kubeconfig admin.kubeconfig --listen 127.0.0.1:8443 --host 127.0.0.1

The contract is that of amazon-eks-pod-identity-webhook: the annotations of a pod's service account
(eks.amazonaws.com/role-arn and others) become the pod's token and variables. /mutate injects,
/validate is the gate. Usually installed by the chart: see docs/webhook.md.")]
pub(crate) struct Args {
    /// A kubeconfig; without it, the pod's own service account.
    #[arg(long, value_name = "FILE", env = "KUBECONFIG")]
    kubeconfig: Option<PathBuf>,

    /// Where the API server reaches it, with TLS.
    #[arg(long, value_name = "ADDR", default_value = "0.0.0.0:8443")]
    listen: SocketAddr,

    /// Where metrics and probes are served without TLS; they are at --listen, too.
    #[arg(long, value_name = "ADDR")]
    metrics_listen: Option<SocketAddr>,

    /// The webhook's own namespace: its pods are left alone, and its Secret and ConfigMap are here.
    #[arg(long, value_name = "NAME", default_value = "attache", env = "POD_NAMESPACE")]
    namespace: String,

    #[command(flatten)]
    certificate: CertificateArgs,

    #[command(flatten)]
    rules: RuleArgs,

    /// What /validate does with a pod that was to be injected and was not.
    #[arg(long, value_name = "ACTION", value_enum, default_value = "warn")]
    gate: Gate,

    /// What becomes of a pod whose service account could not be read. What becomes of one while the
    /// webhook is away is the failurePolicy of its configuration.
    #[arg(long, value_name = "WHAT", value_enum, default_value = "admit")]
    on_fault: Fault,

    /// The longest time to ask the API server for a service account that the watch has not seen.
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = attache_identifiers::parse_duration)]
    lookup_timeout: Duration,

    /// How long to go on serving after SIGTERM: API servers find out later that it ends.
    #[arg(long, value_name = "TIME", value_parser = attache_identifiers::parse_duration)]
    shutdown_delay: Option<Duration>,

    /// Follow the ConfigMap pod-identity-webhook of the namespace: roles for service accounts without an
    /// annotation.
    #[arg(long)]
    watch_config_map: bool,

    /// A file of EKS Pod Identity, {"identities": [{"namespace": .., "serviceAccount": ..}]}: their pods
    /// get the agent instead of a role. Read again as it changes.
    #[arg(long, value_name = "FILE")]
    watch_container_credentials_config: Option<PathBuf>,
}

/// The certificate: two files, or one of its own.
#[derive(Debug, clap::Args)]
struct CertificateArgs {
    /// The certificate chain, read again as it changes.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,

    /// The key of --tls-cert.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,

    /// The Service by which the API server reaches it: what its own certificate is for.
    #[arg(long, value_name = "NAME", default_value = "attache-webhook")]
    service: String,

    /// Another name or address that its own certificate is for; may be given several times.
    #[arg(long = "host", value_name = "NAME")]
    hosts: Vec<String>,

    /// The Secret that keeps its own certificate, for all replicas.
    #[arg(long, value_name = "NAME", default_value = "attache-webhook")]
    tls_secret: String,

    /// How long its own certificate is valid; it is renewed at two thirds of that.
    #[arg(long, value_name = "TIME", default_value = "90d", value_parser = lifetime)]
    certificate_lifetime: Duration,

    /// The MutatingWebhookConfiguration that is to trust its own certificate.
    #[arg(long, value_name = "NAME")]
    webhook_configuration: Option<String>,

    /// The ValidatingWebhookConfiguration that is to trust its own certificate.
    #[arg(long, value_name = "NAME")]
    gate_configuration: Option<String>,
}

/// What is injected.
#[derive(Debug, clap::Args)]
struct RuleArgs {
    /// The domain of EKS's annotations.
    #[arg(long, value_name = "DOMAIN", default_value = "eks.amazonaws.com")]
    annotation_domain: AnnotationDomain,

    /// The domain of the annotation `chain`.
    #[arg(long, value_name = "DOMAIN", default_value = "attache.dev")]
    own_domain: AnnotationDomain,

    /// The region for containers that have none.
    #[arg(long, value_name = "REGION")]
    region: Option<Region>,

    /// The audience of tokens whose service account asks for no other.
    #[arg(long, value_name = "TEXT", default_value = "sts.amazonaws.com")]
    token_audience: String,

    /// The life of tokens for which nobody asks for another, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 86_400)]
    #[arg(value_parser = clap::value_parser!(i64).range(600..=4_294_967_296))]
    token_expiration: i64,

    /// Regional STS endpoints for service accounts that do not say otherwise.
    #[arg(long)]
    sts_regional_endpoints: bool,
}

/// The values of `--gate`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Gate {
    /// Refuse it.
    Deny,
    /// Admit it and warn its client.
    Warn,
    /// Admit it and tell the API server's audit log.
    Audit,
}

/// The values of `--on-fault`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Fault {
    /// Admit it as it is, with a warning.
    Admit,
    /// Refuse it.
    Refuse,
}

/// Ours: shorter, and the API servers do not see one before the next.
const SHORTEST_LIFETIME: Duration = Duration::from_secs(30);

fn lifetime(text: &str) -> Result<Duration, LifetimeError> {
    let lifetime = attache_identifiers::parse_duration(text)?;
    if lifetime < SHORTEST_LIFETIME { Err(LifetimeError::Short) } else { Ok(lifetime) }
}

#[derive(Debug, thiserror::Error)]
enum LifetimeError {
    #[error("{0}")]
    Form(#[from] attache_identifiers::DurationError),
    #[error("expected 30s or more")]
    Short,
}

/// Serves until Ctrl-C.
pub(crate) async fn run(args: Args, out: &Output) -> miette::Result<Exit> {
    let reviews = listen(args.listen, "--listen").await?;
    let address = reviews.local_addr().unwrap_or(args.listen);
    let metrics = match args.metrics_listen {
        Some(address) => Some(listen(address, "--metrics-listen").await?),
        None => None,
    };
    let client = super::cluster_client::client(args.kubeconfig.as_deref()).await?;
    let stop = CancellationToken::new();
    crate::interrupt::cancel_on_signal(stop.clone())?;
    out.progress(format!("serving on https://{address}/mutate; press Ctrl-C to stop"));
    let options = options(args)?;
    let served = Box::pin(serve(client, options, reviews, metrics, stop)).await;
    served.map_err(|error| RemoteFailure::report(error.to_string(), None))?;
    Ok(Exit::Done)
}

async fn listen(address: SocketAddr, flag: &str) -> miette::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|e| {
        miette::miette!(
            help = format!("choose another address with {flag}; port 0 takes a free one"),
            "could not listen on {address}: {e}"
        )
    })
}

fn options(args: Args) -> miette::Result<Options> {
    let Args { rules, namespace, .. } = args;
    let certificate = certificate(args.certificate, &namespace)?;
    let mut settings = Settings {
        domain: rules.annotation_domain,
        own_domain: rules.own_domain,
        region: rules.region,
        audience: rules.token_audience,
        regional_sts: rules.sts_regional_endpoints,
        token_expiration: rules.token_expiration,
        on_fault: match args.on_fault {
            Fault::Admit => OnFault::Admit,
            Fault::Refuse => OnFault::Refuse,
        },
        ..Settings::default()
    };
    settings.left_alone.push(namespace.clone());
    Ok(Options {
        settings,
        gate: match args.gate {
            Gate::Deny => GateAction::Deny,
            Gate::Warn => GateAction::Warn,
            Gate::Audit => GateAction::Audit,
        },
        fetch_limit: args.lookup_timeout,
        mapped_roles: args.watch_config_map.then_some(namespace),
        identities: args.watch_container_credentials_config,
        certificate,
        shutdown_delay: args.shutdown_delay.unwrap_or_default(),
        clock: OffsetDateTime::now_utc,
    })
}

fn certificate(args: CertificateArgs, namespace: &str) -> miette::Result<Certificate> {
    if let (Some(certificate), Some(key)) = (args.tls_cert, args.tls_key) {
        return Ok(Certificate::Files { certificate, key });
    }
    let service = &args.service;
    // The first is the one by which an API server calls a Service.
    let mut hosts = vec![
        format!("{service}.{namespace}.svc"),
        format!("{service}.{namespace}.svc.cluster.local"),
    ];
    hosts.extend(args.hosts);
    let lifetime = time::Duration::try_from(args.certificate_lifetime)
        .map_err(|_| miette::miette!("--certificate-lifetime is too long"))?;
    Ok(Certificate::SelfMade(SelfMadeSettings {
        namespace: namespace.to_owned(),
        secret: args.tls_secret,
        hosts,
        lifetime,
        mutating: args.webhook_configuration,
        validating: args.gate_configuration,
    }))
}
