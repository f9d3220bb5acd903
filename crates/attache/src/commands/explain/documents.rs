//! The policy documents of a request.

use std::path::{Path, PathBuf};

use attache_identifiers::AccountId;
use attache_policy::{EffectivePolicies, Kind, PolicySet};

use crate::input;

/// Policies by their kind.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Policies")]
pub(super) struct Documents {
    /// An identity policy of the principal; may be given several times.
    #[arg(long, value_name = "FILE")]
    policy: Vec<PathBuf>,

    /// The trust policy of the role that is to be assumed.
    #[arg(long, value_name = "FILE", conflicts_with = "resource_policy")]
    trust: Option<PathBuf>,

    /// The resource's own policy.
    #[arg(long, value_name = "FILE")]
    resource_policy: Option<PathBuf>,

    /// The principal's permissions boundary.
    #[arg(long, value_name = "FILE")]
    boundary: Option<PathBuf>,

    /// A session policy; may be given several times.
    #[arg(long, value_name = "FILE")]
    session_policy: Vec<PathBuf>,

    /// The service control policies of a level of the organization, the root's first: once for each
    /// level, several files of one level with commas between.
    #[arg(long, value_name = "FILE[,FILE]")]
    scp: Vec<String>,

    /// The resource control policies of a level, likewise.
    #[arg(long, value_name = "FILE[,FILE]")]
    rcp: Vec<String>,
}

impl Documents {
    /// Whether there is a role's trust policy.
    pub(super) fn has_trust(&self) -> bool {
        self.trust.is_some()
    }
}

/// Reads them all.
pub(super) fn read_all(
    args: &Documents,
    management: Option<AccountId>,
) -> miette::Result<EffectivePolicies> {
    let level = |files: &String, kind| set(files.split(',').map(Path::new), kind);
    let levels = |all: &[String], kind| -> miette::Result<Vec<PolicySet>> {
        all.iter().map(|files| level(files, kind)).collect()
    };
    let one = |file: &Option<PathBuf>, kind| file.iter().map(|file| set([&**file], kind)).next();
    let session = args.session_policy.iter().map(PathBuf::as_path);
    let session = (!args.session_policy.is_empty()).then(|| set(session, Kind::Session));
    let resource = one(&args.trust, Kind::Trust);
    let resource = resource.or_else(|| one(&args.resource_policy, Kind::Resource));
    Ok(EffectivePolicies {
        identity: set(args.policy.iter().map(PathBuf::as_path), Kind::Identity)?,
        boundary: one(&args.boundary, Kind::Boundary).transpose()?,
        session: session.transpose()?,
        scope_down: Vec::new(),
        resource: resource.transpose()?,
        service_control: levels(&args.scp, Kind::ServiceControl)?,
        resource_control: levels(&args.rcp, Kind::ResourceControl)?,
        management_account: management,
    })
}

fn set<'f>(files: impl IntoIterator<Item = &'f Path>, kind: Kind) -> miette::Result<PolicySet> {
    let policies = files.into_iter().map(|file| {
        let text = input::text(file, input::MAX_POLICY_BYTES)?;
        input::policy(&text, &file.display().to_string(), kind)
    });
    Ok(PolicySet::compile(policies.collect::<miette::Result<Vec<_>>>()?))
}
