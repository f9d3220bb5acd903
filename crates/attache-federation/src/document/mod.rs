//! A `Federation` file: read, checked, and held as data that cannot be wrong.
//!
//! Knows the file's shape and everything that can be said about it without asking AWS. Does not
//! know what follows from it: see [`crate::desired`].

mod access;
pub(crate) mod check;
mod mode;
pub(crate) mod organization;
mod policy_name;
mod role;
mod shape;
mod workloads;

use std::collections::BTreeMap;

use attache_identifiers::{
    AccountId, Arn, Issuer, Partition, Region, RoleArn, service_account_subject,
};
use attache_manifests::{File, Invalid, yaml};
use attache_policy::condition_keys::POD_IDENTITY_SERVICE;
use serde::Serialize;

use organization::OrganizationTargets;

/// The audience that EKS projects tokens for, and STS wants.
pub const DEFAULT_AUDIENCE: &str = "sts.amazonaws.com";

/// One workload's access to any number of accounts, as a file declares it.
#[derive(Debug, Clone)]
pub struct Federation {
    pub(crate) name: String,
    pub(crate) mode: ModeSettings,
    pub(crate) partition: Partition,
    pub(crate) organization: Option<Organization>,
    pub(crate) workloads: Vec<ListedWorkload>,
    pub(crate) source: Role,
    pub(crate) targets: Vec<Target>,
}

/// How the workload's identity reaches a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The target's role trusts the cluster's issuer directly; the source role is not on the way.
    Direct,
    /// EKS gives the workload's pods sessions of the source role; the target's role trusts that one.
    PodIdentity,
}

/// A mode with what the file says for it alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ModeSettings {
    /// One for each cluster, at least one.
    Direct(Vec<OidcSettings>),
    PodIdentity(Cluster),
}

/// The provider that the accounts need for the workload's tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OidcSettings {
    /// The file's own name for the cluster, where it lists several.
    pub(crate) name: Option<String>,
    pub(crate) issuer: Issuer,
    /// The workload's first.
    pub(crate) audiences: Vec<String>,
    pub(crate) thumbprints: Vec<String>,
}

/// An EKS cluster in the source's account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cluster {
    /// Its name.
    pub name: String,
    /// The region that it is in.
    pub region: Region,
}

/// A workload, and the clusters that it runs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListedWorkload {
    pub(crate) workload: Workload,
    /// Their places among the file's.
    pub(crate) clusters: Vec<usize>,
}

/// One workload in one cluster: what a token is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity<'f> {
    /// The file's name for the cluster, where it lists several.
    pub cluster: Option<&'f str>,
    /// The cluster's issuer; none in the mode `podIdentity`, in which EKS alone reads the tokens.
    pub issuer: Option<&'f Issuer>,
    /// What the workload's tokens may be for in this cluster; at least one, the workload's own first.
    pub audiences: &'f [String],
    /// The workload.
    pub workload: &'f Workload,
    pub(crate) index: usize,
}

impl Identity<'_> {
    /// The audience of the workload's tokens.
    #[must_use]
    pub fn audience(&self) -> &str {
        self.audiences.first().map_or(POD_IDENTITY_SERVICE, String::as_str)
    }
}

/// `NAMESPACE/NAME`, and the cluster where the file lists several.
impl std::fmt::Display for Identity<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.workload.name())?;
        self.cluster.map_or(Ok(()), |cluster| write!(f, " in {cluster}"))
    }
}

/// The workload in its cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Workload {
    /// The namespace.
    pub namespace: String,
    /// The service account's name.
    pub service_account: String,
}

/// The organization that the targets are members of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// `o-…`.
    pub id: String,
    /// The management account.
    pub management: AccountId,
}

/// A role as it is to be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Role {
    pub(crate) arn: RoleArn,
    /// ARNs of the managed policies.
    pub(crate) policies: Vec<String>,
    pub(crate) inline: BTreeMap<String, serde_json::Value>,
    pub(crate) boundary: Setting<String>,
    /// Seconds.
    pub(crate) max_session: Setting<i32>,
    pub(crate) description: Setting<String>,
    pub(crate) tags: BTreeMap<String, String>,
    /// Statements of one's own in the trust policy, beside the workload's.
    pub(crate) trust_statements: Vec<serde_json::Value>,
    pub(crate) keep: Keep,
}

/// What others put on a role, and may stay.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Keep {
    /// ARNs of managed policies.
    pub(crate) policies: Vec<String>,
    /// Names of inline policies.
    pub(crate) inline: Vec<String>,
    /// The ARN of a boundary.
    pub(crate) boundary: Option<String>,
    /// Condition keys: conditions on them may stand on the workload's statement.
    pub(crate) trust_conditions: Vec<String>,
    /// Whether the trust policy may have Deny statements.
    pub(crate) trust_denies: bool,
}

/// What a file says of something that a role may have or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Setting<T> {
    /// Nothing: what a role has is left alone, and a new one gets AWS's default.
    Unmentioned,
    /// `null`: it is taken off.
    Removed,
    /// It is to be this.
    To(T),
}

impl<T> Setting<T> {
    /// The value that is wanted, where one is.
    #[must_use]
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::To(value) => Some(value),
            Self::Unmentioned | Self::Removed => None,
        }
    }
}

/// A target: its role, and the region it is scraped in first.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Target {
    pub(crate) role: Role,
    pub(crate) region: Region,
    /// The places of its workloads among the file's.
    pub(crate) workloads: Vec<usize>,
    /// What is asked with it, where the file says so by resource types.
    pub(crate) actions: Option<Vec<String>>,
}

/// A file, read and checked. Of targets in an organization it is not known yet in which accounts they are.
#[derive(Debug, Clone)]
pub struct FederationFile {
    /// With the targets whose accounts the file names.
    pub(crate) federation: Federation,
    pub(crate) organization_targets: Vec<OrganizationTargets>,
    /// Its name, for complaints.
    pub(crate) file: String,
}

impl FederationFile {
    /// Reads a `Federation` file. `name` is the file's name, for complaints.
    ///
    /// # Errors
    /// [`Invalid`] with the place, when the text is no YAML, has an unknown or a missing key, a
    /// value that is not what its key wants, or the documents' placeholder `region-code`.
    pub fn from_yaml(text: &str, name: &str) -> Result<Self, Invalid> {
        let file = File::new(name, text);
        check::federation(file, yaml(file)?)
    }

    /// Whether there are targets of which the organization has to say in which accounts they are.
    #[must_use]
    pub fn needs_organization(&self) -> bool {
        !self.organization_targets.is_empty()
    }

    /// The accounts that the file names itself, the source's first.
    #[must_use]
    pub fn named_accounts(&self) -> Vec<AccountId> {
        self.federation.accounts()
    }

    /// The organization's management account, where the file names it.
    #[must_use]
    pub fn management(&self) -> Option<AccountId> {
        self.federation.organization.as_ref().map(|own| own.management)
    }

    /// The region of the file's first target.
    #[must_use]
    pub fn home(&self) -> &str {
        let first = self.organization_targets.first().map(|own| own.region().as_str());
        match self.federation.targets.is_empty() {
            true => first.unwrap_or(self.federation.home()),
            false => self.federation.home(),
        }
    }
}

impl Federation {
    /// Reads a file all of whose targets have their account.
    ///
    /// # Errors
    /// As [`FederationFile::from_yaml`], and for a target in an organization.
    ///
    /// ```
    /// let text = include_str!("../../../../examples/federation.yaml");
    /// let federation = attache_federation::Federation::from_yaml(text, "federation.yaml")?;
    /// assert_eq!(federation.name(), "causely");
    /// # Ok::<(), attache_federation::Invalid>(())
    /// ```
    pub fn from_yaml(text: &str, name: &str) -> Result<Self, Invalid> {
        let file = File::new(name, text);
        let read = check::federation(file, yaml(file)?)?;
        match read.organization_targets.first() {
            None => Ok(read.federation),
            Some(own) => {
                let message = "the accounts of the organization are not known here";
                Err(file.wrong(own.at, message, Some("name each `account`".to_owned())))
            }
        }
    }

    /// The federation's name, which is also its ownership tag's value.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How the workload reaches its targets.
    #[must_use]
    pub fn mode(&self) -> Mode {
        match self.mode {
            ModeSettings::Direct(_) => Mode::Direct,
            ModeSettings::PodIdentity(_) => Mode::PodIdentity,
        }
    }

    /// Every workload in every cluster that it runs in: by workload, then by cluster, in the file's order. At least
    /// one.
    pub fn identities(&self) -> impl Iterator<Item = Identity<'_>> {
        self.workloads.iter().enumerate().flat_map(move |(index, listed)| {
            let clusters = listed.clusters.iter();
            clusters.map(move |cluster| {
                let oidc = self.oidc().get(*cluster);
                Identity {
                    cluster: oidc.and_then(|oidc| oidc.name.as_deref()),
                    issuer: oidc.map(|oidc| &oidc.issuer),
                    audiences: oidc.map_or(&[], |oidc| &oidc.audiences),
                    workload: &listed.workload,
                    index,
                }
            })
        })
    }

    /// The workloads that a target is for.
    pub(crate) fn workloads_of(&self, target: &Target) -> Vec<&ListedWorkload> {
        target.workloads.iter().filter_map(|index| self.workloads.get(*index)).collect()
    }

    /// The role's workloads, in every cluster that each runs in: all of them where it is the source's, else those
    /// that the file's targets of this role are for.
    pub fn identities_of(&self, role: &RoleArn) -> impl Iterator<Item = Identity<'_>> {
        let target = self.targets.iter().find(|target| target.role.arn == *role);
        self.identities()
            .filter(move |own| target.is_none_or(|one| one.workloads.contains(&own.index)))
    }

    /// The providers' settings, a cluster each; none in the mode `podIdentity`.
    pub(crate) fn oidc(&self) -> &[OidcSettings] {
        match &self.mode {
            ModeSettings::Direct(clusters) => clusters,
            ModeSettings::PodIdentity(_) => &[],
        }
    }

    /// The cluster of the mode `podIdentity`.
    #[must_use]
    pub fn cluster(&self) -> Option<&Cluster> {
        match &self.mode {
            ModeSettings::Direct(_) => None,
            ModeSettings::PodIdentity(cluster) => Some(cluster),
        }
    }

    /// The workloads, in the file's order; at least one.
    pub fn workloads(&self) -> impl Iterator<Item = &Workload> {
        self.workloads.iter().map(|listed| &listed.workload)
    }

    /// The role that the workloads' service accounts are annotated with.
    #[must_use]
    pub fn source(&self) -> &RoleArn {
        &self.source.arn
    }

    /// The roles to scrape with, each with its region, in the file's order.
    pub fn targets(&self) -> impl Iterator<Item = (&RoleArn, &Region)> {
        self.targets.iter().map(|target| (&target.role.arn, &target.region))
    }

    /// Every account that is touched, without repetition: the source's first, then the targets'.
    #[must_use]
    pub fn accounts(&self) -> Vec<AccountId> {
        let mut accounts = vec![self.source.arn.account()];
        for target in &self.targets {
            let account = target.role.arn.account();
            if !accounts.contains(&account) {
                accounts.push(account);
            }
        }
        accounts
    }

    /// The region whose endpoints are asked about an account: a target's own, and the first
    /// target's for the source. It also decides the partition of IAM's endpoint.
    #[must_use]
    pub fn region(&self, account: AccountId) -> Option<&Region> {
        let target = self.targets.iter().find(|target| target.role.arn.account() == account);
        target.or(self.targets.first()).map(|target| &target.region)
    }

    /// The region to ask where no account has its own: the first target's.
    #[must_use]
    pub fn home(&self) -> &str {
        self.targets.first().map_or("us-east-1", |target| target.region.as_str())
    }
}

impl Cluster {
    /// Its ARN in the account of the source role.
    pub(crate) fn arn(&self, source: &RoleArn) -> String {
        let Self { name, region } = self;
        let (partition, account) = (source.partition().clone(), source.account());
        let resource = format!("cluster/{name}");
        Arn::new(partition, "eks", region.as_str(), Some(account), resource).to_string()
    }
}

impl ModeSettings {
    /// The names of the clusters that the file lists; none where it has one without a name.
    pub(crate) fn cluster_names(&self) -> Vec<&str> {
        match self {
            Self::Direct(clusters) => {
                clusters.iter().filter_map(|own| own.name.as_deref()).collect()
            }
            Self::PodIdentity(_) => Vec::new(),
        }
    }
}

impl Workload {
    /// `NAMESPACE/NAME`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}/{}", self.namespace, self.service_account)
    }

    /// `system:serviceaccount:NAMESPACE:NAME`, the token's subject.
    #[must_use]
    pub fn subject(&self) -> String {
        service_account_subject(&self.namespace, &self.service_account)
    }
}
