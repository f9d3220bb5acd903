//! The desired state of each account, as it follows from the file.

use std::collections::{BTreeMap, BTreeSet};

use attache_identifiers::{AccountId, Issuer, ProviderArn, RoleArn};
use attache_policy::condition_keys::POD_IDENTITY_SERVICE;
use serde::Serialize;
use serde_json::Value;

use crate::document::{
    Cluster, Federation, Keep, ListedWorkload, ModeSettings, OidcSettings, Role, Setting, Workload,
};
use crate::trust::{self, ClusterName, Trusted, trust_policy};

/// The inline policy that the source role gets in the mode `podIdentity`.
pub(crate) const TARGETS_POLICY: &str = "AttacheAssumeTargets";

/// The tag that says which federation a role or a provider belongs to.
pub const OWNER_TAG: &str = "attache:federation";

impl DesiredRole {
    /// The description that a new role gets; none where the file has `null`.
    #[must_use]
    pub fn new_description(&self) -> Option<&str> {
        match &self.description {
            Setting::Unmentioned => Some(&self.default_description),
            Setting::Removed => None,
            Setting::To(text) => Some(text),
        }
    }
}

/// One account, as it is to be.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Account {
    /// Its number.
    pub id: AccountId,
    /// One for each cluster that a role of the account is for; none in the mode `podIdentity`.
    pub providers: Vec<Provider>,
    /// In the mode `podIdentity`, where this is the source account.
    pub association: Option<DesiredAssociation>,
    /// The source's first, where this is the source account.
    pub roles: Vec<DesiredRole>,
}

/// The OIDC provider of the cluster's issuer in an account.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Provider {
    /// Its ARN, in the account.
    pub arn: ProviderArn,
    /// The cluster's issuer: the provider's URL.
    pub issuer: Issuer,
    /// One for each audience, the workload's first.
    pub client_ids: Vec<String>,
    /// SHA-1, 40 hexadecimal digits each; none where AWS trusts the issuer's certificate.
    pub thumbprints: Vec<String>,
    /// Set when it is created. An existing provider is shared, and keeps its tags.
    pub tags: BTreeMap<String, String>,
}

/// The Pod Identity association of the workload, as it is to be.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DesiredAssociation {
    /// The EKS cluster, in the account of the source role.
    pub cluster: Cluster,
    /// The service account that gets the role.
    pub workload: Workload,
    /// The source role.
    pub role: RoleArn,
    /// Where the federation has one target alone: EKS assumes its role for the pods.
    pub target: Option<RoleArn>,
    /// The owner's tag.
    pub tags: BTreeMap<String, String>,
}

impl DesiredAssociation {
    /// The ARN of the cluster.
    #[must_use]
    pub fn cluster_arn(&self) -> String {
        self.cluster.arn(&self.role)
    }

    /// `CLUSTER/NAMESPACE/SERVICE-ACCOUNT`.
    #[must_use]
    pub fn name(&self) -> String {
        let Workload { namespace, service_account } = &self.workload;
        format!("{}/{namespace}/{service_account}", self.cluster.name)
    }
}

/// A role, as it is to be.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DesiredRole {
    /// Its ARN.
    pub arn: RoleArn,
    /// Its trust policy, a whole document.
    pub trust: Value,
    /// How many of its statements are the workloads': they come first, then the file's `trustStatements`.
    pub own_statements: usize,
    /// Whom the trust policy lets in, in words.
    pub trusts: String,
    /// Of a new role, where the file has none.
    pub default_description: String,
    /// What the file says of its description; a new role's is [`Self::new_description`].
    pub description: Setting<String>,
    /// ARNs of the managed policies.
    pub policies: BTreeSet<String>,
    /// The inline policies by name, each a whole document.
    pub inline: BTreeMap<String, Value>,
    /// The ARN of the managed policy that is its permissions boundary.
    pub boundary: Setting<String>,
    /// Seconds.
    pub max_session: Setting<i32>,
    /// The owner's tag among them.
    pub tags: BTreeMap<String, String>,
    pub(crate) keep: Keep,
}

/// Every account of the federation, the source's first.
#[must_use]
pub fn accounts(federation: &Federation) -> Vec<Account> {
    federation.accounts().into_iter().map(|id| account(federation, id)).collect()
}

/// One account; without a role where the file does not name it.
pub(crate) fn account(federation: &Federation, id: AccountId) -> Account {
    let all: Vec<&ListedWorkload> = federation.workloads.iter().collect();
    let targets = federation.targets.iter();
    let targets = targets.map(|target| (&target.role, federation.workloads_of(target)));
    let roles = std::iter::once((&federation.source, all.clone())).chain(targets);
    let roles: Vec<_> = roles.filter(|(role, _)| role.arn.account() == id).collect();
    // In an account without a role, that of an earlier file, any of them may be the federation's.
    let here: Vec<&ListedWorkload> = match roles.is_empty() {
        true => all,
        false => roles.iter().flat_map(|(_, workloads)| workloads.iter().copied()).collect(),
    };
    let clusters = federation.oidc().iter().enumerate();
    let used = clusters.filter(|(index, _)| here.iter().any(|own| own.clusters.contains(index)));
    let providers = used.map(|(_, oidc)| provider(federation, oidc, id)).collect();
    let roles = roles.into_iter().map(|(role, own)| desired_role(federation, role, &own)).collect();
    let cluster = federation.cluster().filter(|_| id == federation.source.arn.account());
    let association = cluster
        .zip(federation.workloads().next())
        .map(|(cluster, workload)| association(federation, cluster, workload));
    Account { id, providers, association, roles }
}

fn provider(federation: &Federation, oidc: &OidcSettings, account: AccountId) -> Provider {
    Provider {
        arn: oidc.issuer.provider(federation.partition.clone(), account),
        issuer: oidc.issuer.clone(),
        client_ids: oidc.audiences.clone(),
        thumbprints: oidc.thumbprints.clone(),
        tags: owner(federation),
    }
}

/// A service account has one association in a cluster. With one target EKS can make both steps; with several the
/// workload itself assumes the targets' roles.
fn association(
    federation: &Federation,
    cluster: &Cluster,
    workload: &Workload,
) -> DesiredAssociation {
    let target = match federation.targets.as_slice() {
        [only] => Some(only.role.arn.clone()),
        _ => None,
    };
    DesiredAssociation {
        cluster: cluster.clone(),
        workload: workload.clone(),
        role: federation.source.arn.clone(),
        target,
        tags: owner(federation),
    }
}

fn desired_role(
    federation: &Federation,
    role: &Role,
    workloads: &[&ListedWorkload],
) -> DesiredRole {
    let subjects = in_words(workloads.iter().map(|own| own.workload.subject()));
    let mut tags = owner(federation);
    tags.extend(role.tags.clone());
    let (mut trust, trusts) = role_trust(federation, role, workloads);
    let mut own_statements = 0;
    if let Some(Value::Array(statements)) = trust.pointer_mut("/Statement") {
        own_statements = statements.len();
        statements.extend(role.trust_statements.iter().cloned());
    }
    let mut inline = role.inline.clone();
    if federation.cluster().is_some() && role.arn == federation.source.arn {
        let targets = federation.targets.iter().map(|target| &target.role.arn);
        inline.insert(TARGETS_POLICY.to_owned(), trust::assume_targets(targets));
    }
    DesiredRole {
        arn: role.arn.clone(),
        trust,
        own_statements,
        trusts,
        default_description: format!("{}keyless access of {subjects}", describes(&federation.name)),
        description: role.description.clone(),
        policies: role.policies.iter().cloned().collect(),
        inline,
        boundary: role.boundary.clone(),
        max_session: role.max_session,
        tags,
        keep: role.keep.clone(),
    }
}

/// The workload's statement, and whom it lets in, in words.
fn role_trust(
    federation: &Federation,
    role: &Role,
    workloads: &[&ListedWorkload],
) -> (Value, String) {
    let source = &federation.source.arn;
    let cluster = match &federation.mode {
        ModeSettings::Direct(clusters) => {
            return token_trust(federation, clusters, role, workloads);
        }
        ModeSettings::PodIdentity(cluster) => cluster,
    };
    // The mode has one workload in a file.
    let [ListedWorkload { workload, .. }, ..] = workloads else {
        return (Value::Null, String::new());
    };
    let subject = workload.subject();
    let arn = cluster.arn(source);
    let name = ClusterName { arn: &arn, role: source };
    let pods = format!("the pods of {subject} in {}", cluster.name);
    if role.arn == *source {
        let trusts = format!("{pods}, by {POD_IDENTITY_SERVICE}");
        return (trust::pod_identity_trust(&name, workload), trusts);
    }
    (trust::chained_trust(&name, workload), format!("{pods}, by {source}"))
}

/// By their tokens: a statement for each cluster that one of the workloads runs in.
fn token_trust(
    federation: &Federation,
    clusters: &[OidcSettings],
    role: &Role,
    workloads: &[&ListedWorkload],
) -> (Value, String) {
    let (mut statements, mut words) = (Vec::new(), Vec::new());
    let account = role.arn.account();
    let tokens: Vec<_> = clusters
        .iter()
        .enumerate()
        .map(|(index, oidc)| {
            let here = workloads.iter().filter(|own| own.clusters.contains(&index));
            let subjects: Vec<String> = here.map(|own| own.workload.subject()).collect();
            (oidc, oidc.issuer.provider(federation.partition.clone(), account), subjects)
        })
        .filter(|(_, _, subjects)| !subjects.is_empty())
        .collect();
    for (OidcSettings { name, issuer, audiences, .. }, provider, subjects) in &tokens {
        statements.push(Trusted { provider, issuer, subjects, audiences });
        let place = name.as_ref().map(|name| format!(" in {name}")).unwrap_or_default();
        let subjects = in_words(subjects.iter().cloned());
        words.push(format!("{subjects}{place} for {}", audiences.join(" or ")));
    }
    (trust_policy(&statements), words.join("; "))
}

/// Ours: so many subjects are named in a description, which has 1,000 characters at most.
const NAMED: usize = 3;

fn in_words(subjects: impl Iterator<Item = String>) -> String {
    let mut subjects: Vec<String> = subjects.collect();
    let more = subjects.len().saturating_sub(NAMED);
    subjects.truncate(NAMED);
    let subjects = subjects.join(", ");
    if more == 0 { subjects } else { format!("{subjects} and {more} more") }
}

/// How the descriptions of a federation's own roles begin.
pub(crate) fn describes(federation: &str) -> String {
    format!("Federation {federation}: ")
}

fn owner(federation: &Federation) -> BTreeMap<String, String> {
    BTreeMap::from([(OWNER_TAG.to_owned(), federation.name.clone())])
}
