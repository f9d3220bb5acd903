//! What several accounts held at one time: roles, users, providers, policies.

mod read;

use std::collections::{BTreeMap, HashMap};

use attache_identifiers::{AccountId, Arn, Partition};
use attache_policy::syntax::Effect;
use attache_policy::{Kind, Pattern};

use crate::SnapshotError;
use crate::assume_check::ASSUME;
use crate::document::{Document, DocumentId};

/// The number of a user or role in its snapshot.
pub(crate) type MemberId = usize;

/// What several accounts held at one time, with every policy read and compiled.
#[derive(Debug, Default)]
pub struct Snapshot {
    pub(crate) documents: Vec<Document>,
    pub(crate) members: Vec<Member>,
    pub(crate) by_arn: HashMap<String, MemberId>,
    /// By `AROA…` and `AIDA…`.
    pub(crate) by_unique_id: HashMap<String, MemberId>,
    pub(crate) accounts: BTreeMap<AccountId, Account>,
    pub(crate) service_accounts: Vec<ServiceAccount>,
    pub(crate) organization: Organization,
    pub(crate) warnings: Vec<String>,
    /// What is missing from it and could allow more.
    pub(crate) unknown: Vec<String>,
}

/// A user or a role.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) arn: String,
    pub(crate) account: AccountId,
    pub(crate) unique_id: Option<String>,
    /// A role's; a user has none.
    pub(crate) trust: Option<DocumentId>,
    pub(crate) identity: Vec<DocumentId>,
    pub(crate) boundary: Option<DocumentId>,
    pub(crate) tags: Vec<(String, String)>,
}

/// An account of the snapshot.
#[derive(Debug, Default)]
pub(crate) struct Account {
    /// Provider ARN to client ids; nothing where the providers are not known.
    pub(crate) providers: Option<BTreeMap<String, Vec<String>>>,
    /// Nothing where they are not known.
    pub(crate) associations: Option<Vec<Association>>,
}

/// A Pod Identity association.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Association {
    /// Its cluster's issuer, or the cluster's name where that is not known.
    pub(crate) issuer: String,
    pub(crate) cluster: String,
    pub(crate) cluster_arn: Option<String>,
    pub(crate) namespace: String,
    pub(crate) service_account: String,
    pub(crate) role: String,
    pub(crate) target: Option<String>,
    pub(crate) external_id: Option<String>,
    pub(crate) session_tags: bool,
}

/// A Kubernetes service account that is known to be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServiceAccount {
    /// Host and path.
    pub(crate) issuer: String,
    /// `system:serviceaccount:NAMESPACE:NAME`.
    pub(crate) subject: String,
}

/// The organization over the accounts.
#[derive(Debug, Default)]
pub(crate) struct Organization {
    pub(crate) id: Option<String>,
    pub(crate) management: Option<AccountId>,
    /// Documents for each level, the root's first.
    pub(crate) service_control: BTreeMap<AccountId, Vec<Vec<DocumentId>>>,
    pub(crate) resource_control: BTreeMap<AccountId, Vec<Vec<DocumentId>>>,
}

impl Snapshot {
    /// Reads snapshots and puts them together: name and text of each file. A file is either a
    /// snapshot, or what `aws iam get-account-authorization-details` prints.
    ///
    /// # Errors
    /// [`SnapshotError`] at the first place that cannot be read.
    pub fn read<'f>(
        files: impl IntoIterator<Item = (&'f str, &'f str)>,
    ) -> Result<Self, SnapshotError> {
        let mut snapshot = Self::default();
        for (name, text) in files {
            read::file(&mut snapshot, name, text)?;
        }
        Ok(snapshot)
    }

    /// How many roles there are.
    #[must_use]
    pub fn roles(&self) -> usize {
        self.members.iter().filter(|member| member.trust.is_some()).count()
    }

    /// The accounts that it covers.
    pub fn accounts(&self) -> impl Iterator<Item = AccountId> {
        self.accounts.keys().copied()
    }

    /// What is missing from it, so that an answer may lack something.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// What is missing from it and could allow more: while there is any, "no path" is not known.
    #[must_use]
    pub fn unknown(&self) -> &[String] {
        &self.unknown
    }

    pub(crate) fn document(&self, id: DocumentId) -> Option<&Document> {
        self.documents.get(id)
    }

    pub(crate) fn member(&self, id: MemberId) -> Option<&Member> {
        self.members.get(id)
    }

    /// The roles that identity policies name in full and allow to assume, with the policy.
    pub(crate) fn roles_that_may_be_assumed(&self) -> impl Iterator<Item = (&Document, &str)> {
        let identity = self.documents.iter().filter(|d| d.policy.kind() == Kind::Identity);
        identity.flat_map(move |document| {
            let about = document.policy.statements_about(&[ASSUME]);
            let allowing = about.filter(|statement| statement.effect == Effect::Allow);
            let resources = allowing.filter_map(|statement| statement.resources.as_ref());
            let named = resources
                .filter(|resources| !resources.negated)
                .flat_map(|resources| &resources.list);
            let named = named.map(|arn| arn.text.as_str());
            let roles = named.filter(|arn| !Pattern::has_wildcards(arn) && is_of_role(arn));
            roles.map(move |arn| (document, arn))
        })
    }

    /// The organization's id, for an account that is known to be in it.
    pub(crate) fn organization_of(&self, account: AccountId) -> Option<&str> {
        let organization = &self.organization;
        let inside = organization.management == Some(account)
            || organization.service_control.contains_key(&account)
            || organization.resource_control.contains_key(&account);
        organization.id.as_deref().filter(|_| inside)
    }

    /// The partition that its accounts are in.
    pub(crate) fn partition(&self) -> Partition {
        let arn = self.members.first().and_then(|member| Arn::parse(&member.arn).ok());
        arn.map_or_else(Partition::aws, |arn| arn.partition().clone())
    }

    /// A role by its ARN.
    pub(crate) fn role(&self, arn: &str) -> Option<MemberId> {
        let id = *self.by_arn.get(arn)?;
        self.member(id)?.trust.map(|_| id)
    }
}

/// Whether an ARN is a role's. What a policy names need not be a legal name: it may have variables.
fn is_of_role(arn: &str) -> bool {
    Arn::parse(arn).is_ok_and(|arn| arn.service() == "iam" && arn.resource().starts_with("role/"))
}

/// Without `https://`, as ARNs and condition keys have it.
pub(crate) fn host_and_path(issuer: &str) -> &str {
    issuer.strip_prefix("https://").unwrap_or(issuer)
}
