//! `attache init`: a new federation's file.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use attache_federation::Federation;
use attache_files::{FileError, NewFile, Replace, write_set};
use attache_identifiers::{AccountId, Issuer, NameError, Region, RoleName};
use attache_render::{FEDERATION_SCHEMA, Starter, StarterCluster, eks_region, render_starter};

use crate::output::{Exit, Output};

/// The schema's file, beside the federation's.
const SCHEMA: &str = "federation.schema.json";

/// The workload, its cluster and the roles.
#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("where").args(["cluster", "issuer"]).required(true)))]
#[command(after_help = "\
On EKS give --cluster: EKS Pod Identity needs no OIDC provider in any account. On other clusters give --issuer.

Examples:
  attache init --cluster us-east-1/prod --namespace causely --service-account reader \\
    --source 111111111111/CauselyMediation --target 222222222222/CauselyAccess/us-east-1
  attache init --issuer https://issuer.example/prod --namespace causely --service-account reader \\
    --source 111111111111/CauselyMediation --target 222222222222/CauselyAccess/us-east-1 --schema")]
pub(crate) struct Args {
    /// An EKS cluster of the source's account, for EKS Pod Identity.
    #[arg(long, value_name = "REGION/NAME")]
    cluster: Option<ClusterName>,

    /// A cluster's issuer; its tokens are trusted by a provider in every account. `kubectl get --raw
    /// /.well-known/openid-configuration` prints it.
    #[arg(long, value_name = "URL", value_parser = Issuer::parse)]
    issuer: Option<Issuer>,

    /// The workload's namespace.
    #[arg(long, value_name = "NAMESPACE")]
    namespace: String,

    /// The workload's service account.
    #[arg(long, value_name = "NAME")]
    service_account: String,

    /// The role that the service account gets.
    #[arg(long, value_name = "ACCOUNT/ROLE")]
    source: SourceRole,

    /// A role to use, with its first region; may be given several times.
    #[arg(long = "target", value_name = "ACCOUNT/ROLE/REGION", required = true)]
    targets: Vec<TargetRole>,

    /// A managed policy of the target roles; may be given several times.
    #[arg(long = "policy", value_name = "NAME-OR-ARN", default_value = "ReadOnlyAccess")]
    policies: Vec<String>,

    /// The federation's name. Without it, the service account's.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,

    /// Also write federation.schema.json beside the file, and name it there for editors.
    #[arg(long)]
    schema: bool,

    /// The file to write; `-` prints it.
    #[arg(long, value_name = "FILE", default_value = "federation.yaml")]
    out: PathBuf,

    /// Replace files that are there and differ.
    #[arg(long)]
    force: bool,
}

#[derive(Debug, Clone)]
struct ClusterName(Region, String);

#[derive(Debug, Clone)]
struct SourceRole(AccountId, RoleName);

#[derive(Debug, Clone)]
struct TargetRole(AccountId, RoleName, Region);

/// Why an argument is none of these.
#[derive(Debug, thiserror::Error)]
enum ArgumentError {
    #[error("expected {0}")]
    Parts(&'static str),
    #[error(transparent)]
    Name(#[from] NameError),
}

impl FromStr for ClusterName {
    type Err = ArgumentError;

    fn from_str(text: &str) -> Result<Self, ArgumentError> {
        let parts = text.split_once('/');
        let (region, name) = parts.ok_or(ArgumentError::Parts("REGION/NAME: us-east-1/prod"))?;
        Ok(Self(Region::parse(region)?, name.to_owned()))
    }
}

impl FromStr for SourceRole {
    type Err = ArgumentError;

    fn from_str(text: &str) -> Result<Self, ArgumentError> {
        let [account, role] = text.split('/').collect::<Vec<_>>()[..] else {
            return Err(ArgumentError::Parts("ACCOUNT/ROLE: 111111111111/Reader"));
        };
        Ok(Self(AccountId::parse(account)?, RoleName::parse(role)?))
    }
}

impl FromStr for TargetRole {
    type Err = ArgumentError;

    fn from_str(text: &str) -> Result<Self, ArgumentError> {
        let [account, role, region] = text.split('/').collect::<Vec<_>>()[..] else {
            return Err(ArgumentError::Parts("ACCOUNT/ROLE/REGION: 222222222222/Reader/us-east-1"));
        };
        Ok(Self(AccountId::parse(account)?, RoleName::parse(role)?, Region::parse(region)?))
    }
}

/// Writes or prints the file, which is read first: what it says is a federation.
pub(crate) fn run(args: Args, out: &Output) -> miette::Result<Exit> {
    let (place, force) = (args.out.clone(), args.force);
    let hint = args.issuer.as_ref().and_then(eks_region);
    let starter = starter(args)?;
    let text = render_starter(&starter);
    Federation::from_yaml(&text, &place.display().to_string())?;
    if place == Path::new("-") {
        out.text(text.trim_end());
        return Ok(Exit::Done);
    }
    write(&place, &text, starter.schema.is_some(), force)?;
    out.progress(format!("wrote {}", place.display()));
    if let Some(region) = hint {
        out.progress(format!(
            "this is an EKS cluster's issuer: with `--cluster {region}/NAME` in place of `--issuer` the file is for EKS \
             Pod Identity, which needs no OIDC provider"
        ));
    }
    Ok(Exit::Done)
}

fn starter(args: Args) -> miette::Result<Starter> {
    let of_eks = |ClusterName(region, name)| StarterCluster::Eks { name, region };
    let cluster = args.cluster.map(of_eks).or(args.issuer.map(StarterCluster::Issuer));
    let cluster = cluster.ok_or_else(|| miette::miette!("give --cluster or --issuer"))?;
    Ok(Starter {
        name: args.name.unwrap_or_else(|| args.service_account.clone()),
        cluster,
        namespace: args.namespace,
        service_account: args.service_account,
        source: (args.source.0, args.source.1),
        targets: args
            .targets
            .into_iter()
            .map(|TargetRole(a, role, region)| (a, role, region))
            .collect(),
        policies: args.policies,
        schema: args.schema.then(|| SCHEMA.to_owned()),
    })
}

/// Both files or none.
fn write(place: &Path, text: &str, with_schema: bool, force: bool) -> miette::Result<()> {
    let name = place.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| miette::miette!("{} is not a file's name", place.display()))?;
    let folder = place.parent().filter(|folder| *folder != Path::new(""));
    let mut files = vec![NewFile { name, contents: text.as_bytes(), mode: 0o644 }];
    if with_schema {
        let contents = FEDERATION_SCHEMA.as_bytes();
        files.push(NewFile { name: SCHEMA, contents, mode: 0o644 });
    }
    let replace = if force { Replace::Differing } else { Replace::Never };
    write_set(folder.unwrap_or(Path::new(".")), &files, replace).map(drop).map_err(|error| {
        match &error {
            FileError::Exists { path } => miette::miette!(
                help = "name another with --out FILE, or give --force to replace it",
                "{} is there and differs: nothing was written",
                path.display()
            ),
            _ => miette::miette!("{error}: nothing was written"),
        }
    })
}
