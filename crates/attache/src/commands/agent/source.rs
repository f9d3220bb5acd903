//! What trades the tokens: EKS Auth, or STS by the rows of a file.

use std::path::PathBuf;
use std::sync::Arc;

use attache_agent::{
    AnnotatedRoles, AssociationsFile, CredentialSource, EksAuth, Exchange, IssuerKeys, KeySource,
    RoleTable, WebIdentity, WebIdentitySettings,
};
use attache_aws_accounts::Access;
use attache_identifiers::{Issuer, Region};
use attache_oidc_discovery::Fetcher;
use miette::IntoDiagnostic as _;
use time::{Duration, OffsetDateTime};
use tokio_util::sync::CancellationToken;

use crate::commands::arguments::ArgumentError;
use crate::commands::issuer_fetch::IssuerFetchArgs;
use crate::commands::{cluster_client, duration, federate, http};
use crate::output;

/// STS's limits on a session by web identity, in seconds.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html>
const SESSION: std::ops::RangeInclusive<i64> = 900..=43_200;

/// The flags of the source.
#[derive(Debug, clap::Args)]
#[group(skip)]
#[command(group(clap::ArgGroup::new("roles").multiple(true)))]
pub(super) struct SourceArgs {
    /// Off EKS: a file with the role of each service account, in the form of
    /// `aws eks describe-pod-identity-association`, or a list of these under `associations`. It is
    /// read again when it changes; may be given several times.
    #[arg(long, value_name = "FILE", requires = "issuer", group = "roles")]
    associations: Vec<PathBuf>,
    /// Off EKS: the role is named by the annotation `eks.amazonaws.com/role-arn` of the pod's service
    /// account, unless a row names one. Needs to list and watch service accounts in the cluster.
    #[arg(long, requires = "issuer", group = "roles")]
    annotations: bool,
    /// What stands before `/role-arn` in the annotation.
    #[arg(long, value_name = "PREFIX", default_value = "eks.amazonaws.com")]
    annotation_prefix: String,
    /// The cluster with the service accounts and the node; the one that this runs in where it is not
    /// given.
    #[arg(long, value_name = "FILE", env = "KUBECONFIG")]
    pub(super) kubeconfig: Option<PathBuf>,
    /// Off EKS: the issuer of the cluster's tokens, which the roles' accounts have as an OIDC
    /// provider with the client ID pods.eks.amazonaws.com.
    #[arg(long, value_name = "URL", requires = "roles", requires = "region")]
    issuer: Option<Issuer>,
    /// The issuer's key set, which is read again when it changes; without it the keys are fetched from
    /// the issuer, as AWS does.
    #[arg(long, value_name = "FILE", requires = "issuer")]
    jwks: Option<PathBuf>,
    /// Off EKS: how long a session of a role lasts, at most the role's own maximum.
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = session_duration)]
    session_duration: Duration,
    /// The region whose endpoint of EKS Auth or STS is called.
    #[arg(long, value_name = "REGION", env = "AWS_REGION")]
    region: Option<Region>,
    /// The endpoint to call instead of AWS's; `AWS_ENDPOINT_URL` works as well.
    #[arg(long, value_name = "URL", alias = "endpoint")]
    endpoint_url: Option<String>,
    #[command(flatten)]
    fetch: IssuerFetchArgs,
}

/// What trades the tokens, and what names the roles.
pub(super) struct Source {
    pub(super) trades: Box<dyn CredentialSource>,
    pub(super) roles: RoleTable,
    /// Where the annotations are.
    pub(super) client: Option<kube::Client>,
    /// In one line, for a person.
    pub(super) described: String,
}

/// Follows what names the roles until `stop`.
pub(super) fn watch(
    roles: RoleTable,
    client: Option<kube::Client>,
    exchange: &Exchange,
    stop: &CancellationToken,
) {
    if let Some(file) = roles.file {
        let (exchange, stop) = (exchange.clone(), stop.clone());
        tokio::spawn(async move { file.watch(&exchange, stop).await });
    }
    if let Some((annotations, client)) = roles.annotations.zip(client) {
        let (exchange, stop) = (exchange.clone(), stop.clone());
        tokio::spawn(async move { annotations.watch(client, &exchange, stop).await });
    }
}

/// Opens the source.
pub(super) async fn open(args: &SourceArgs, cluster: Option<&str>) -> miette::Result<Source> {
    let access = Access {
        profiles: std::collections::BTreeMap::new(),
        assume_role: None,
        endpoint_url: args.endpoint_url.clone(),
        home: args.region.clone(),
        http: http::settings()?,
    };
    let profiles = federate::profiles().await?;
    let failed = |error| miette::miette!("{error}");
    let Some(issuer) = &args.issuer else {
        // clap has made sure that there is one.
        let cluster = cluster.unwrap_or_default();
        let config = access.default_config(&profiles).await.map_err(failed)?;
        let region = config.region().map(ToString::to_string).unwrap_or_default();
        let described = format!("EKS Auth in {region}, cluster {cluster}");
        let trades = Box::new(EksAuth::new(config, cluster));
        return Ok(Source { trades, roles: RoleTable::default(), client: None, described });
    };
    let (roles, client) = roles(args, cluster).await?;
    let keys = match &args.jwks {
        Some(path) => KeySource::File(path.clone()),
        None => KeySource::Issuer(Box::new(Fetcher::new(args.fetch.settings()).into_diagnostic()?)),
    };
    let keys = IssuerKeys::new(issuer.clone(), keys);
    keys.load().await;
    let connections = access.connect(&profiles, &[]).await.map_err(failed)?;
    let described = format!("STS by web identity, issuer {issuer}, {}", described(&roles));
    let trades = Box::new(WebIdentity::new(WebIdentitySettings {
        config: connections.anonymous(args.region.as_ref()),
        cluster: cluster.map(str::to_owned),
        session_duration: args.session_duration,
        keys,
        roles: roles.clone(),
        clock: OffsetDateTime::now_utc,
    }));
    Ok(Source { trades, roles, client, described })
}

async fn roles(
    args: &SourceArgs,
    cluster: Option<&str>,
) -> miette::Result<(RoleTable, Option<kube::Client>)> {
    let mut roles = RoleTable::default();
    let mut client = None;
    if !args.associations.is_empty() {
        let paths = args.associations.clone();
        let file = AssociationsFile::open(paths, cluster.map(str::to_owned))?;
        warn_of_rows(&file, args.annotations);
        roles.file = Some(Arc::new(file));
    }
    if args.annotations {
        client = Some(Box::pin(cluster_client::client(args.kubeconfig.as_deref())).await?);
        roles.annotations = Some(Arc::new(AnnotatedRoles::new(&args.annotation_prefix)));
    }
    Ok((roles, client))
}

fn described(roles: &RoleTable) -> String {
    let rows = roles.file.as_ref().map(|file| format!("{} associations", file.current().len()));
    let annotations =
        roles.annotations.as_ref().map(|own| format!("annotations {}", own.annotation()));
    rows.into_iter().chain(annotations).collect::<Vec<_>>().join(", ")
}

/// Rows that no pod here gets anything by.
fn warn_of_rows(file: &AssociationsFile, annotations: bool) {
    let associations = file.current();
    if associations.of_other_clusters() > 0 {
        let count = associations.of_other_clusters();
        output::warn(&format!("{count} associations are of another cluster, and were passed over"));
    }
    if associations.is_empty() && !annotations {
        output::warn(&"there is no association: every pod is refused until the file has one");
    }
}

fn session_duration(text: &str) -> Result<Duration, ArgumentError> {
    let duration = duration::parse(text)?;
    if SESSION.contains(&duration.whole_seconds()) {
        return Ok(duration);
    }
    Err(ArgumentError::Form("15m to 12h"))
}
