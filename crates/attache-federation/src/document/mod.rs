//! A `Federation` file: read, checked, and held as data that cannot be wrong.
//!
//! Knows the file's shape and everything that can be said about it without asking AWS. Does not
//! know what follows from it: see [`crate::desired`].

mod check;
mod mode;
mod policy_name;
mod role;
mod shape;

use std::collections::BTreeMap;

use attache_identifiers::{
    AccountId, Arn, Issuer, Partition, Region, RoleArn, service_account_subject,
};
use attache_manifests::{File, Invalid, yaml};
use attache_policy::condition_keys::POD_IDENTITY_SERVICE;

/// The audience that EKS projects tokens for, and STS wants.
pub const DEFAULT_AUDIENCE: &str = "sts.amazonaws.com";

/// One workload's access to any number of accounts, as a file declares it.
#[derive(Debug, Clone)]
pub struct Federation {
    pub(crate) name: String,
    pub(crate) mode: ModeSettings,
    pub(crate) partition: Partition,
    pub(crate) organization: Option<Organization>,
    pub(crate) workload: Workload,
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
    Direct(OidcSettings),
    PodIdentity(Cluster),
}

/// The provider that the accounts need for the workload's tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OidcSettings {
    pub(crate) issuer: Issuer,
    /// The workload's first.
    pub(crate) audiences: Vec<String>,
    pub(crate) thumbprints: Vec<String>,
}

/// An EKS cluster in the source's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// Its name.
    pub name: String,
    /// The region that it is in.
    pub region: Region,
}

/// The workload in its cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
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
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
}

impl Federation {
    /// Reads a `Federation` file. `name` is the file's name, for complaints.
    ///
    /// # Errors
    /// [`Invalid`] with the place, when the text is no YAML, has an unknown or a missing key, a
    /// value that is not what its key wants, or the documents' placeholder `region-code`.
    ///
    /// ```
    /// let text = include_str!("../../../../examples/federation.yaml");
    /// let federation = attache_federation::Federation::from_yaml(text, "federation.yaml")?;
    /// assert_eq!(federation.name(), "causely");
    /// # Ok::<(), attache_federation::Invalid>(())
    /// ```
    pub fn from_yaml(text: &str, name: &str) -> Result<Self, Invalid> {
        let file = File::new(name, text);
        check::federation(file, yaml(file)?)
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

    /// The cluster's issuer; none in the mode `podIdentity`, in which EKS alone reads the tokens.
    #[must_use]
    pub fn issuer(&self) -> Option<&Issuer> {
        self.oidc().map(|oidc| &oidc.issuer)
    }

    /// The audience of the workload's tokens.
    #[must_use]
    pub fn audience(&self) -> &str {
        let first = self.oidc().and_then(|oidc| oidc.audiences.first());
        first.map_or(POD_IDENTITY_SERVICE, String::as_str)
    }

    pub(crate) fn oidc(&self) -> Option<&OidcSettings> {
        match &self.mode {
            ModeSettings::Direct(oidc) => Some(oidc),
            ModeSettings::PodIdentity(_) => None,
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

    /// Who the workload is.
    #[must_use]
    pub fn workload(&self) -> &Workload {
        &self.workload
    }

    /// The role that the workload's service account is annotated with.
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

impl Workload {
    /// `system:serviceaccount:NAMESPACE:NAME`, the token's subject.
    #[must_use]
    pub fn subject(&self) -> String {
        service_account_subject(&self.namespace, &self.service_account)
    }
}
