//! The desired state of each account, as it follows from the file.

use std::collections::{BTreeMap, BTreeSet};

use attache_identifiers::{AccountId, Issuer, ProviderArn, RoleArn};
use serde_json::Value;

use crate::document::{Federation, Keep, Role, Setting};
use crate::trust::trust_policy;

/// The tag that says which federation a role or a provider belongs to.
pub const OWNER_TAG: &str = "attache:federation";

impl DesiredRole {
    /// The description that a new role gets; none where the file has `null`.
    pub(crate) fn new_description(&self) -> Option<&str> {
        match &self.description {
            Setting::Unmentioned => Some(&self.default_description),
            Setting::Removed => None,
            Setting::To(text) => Some(text),
        }
    }
}

/// One account, as it is to be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Account {
    pub(crate) id: AccountId,
    pub(crate) provider: Provider,
    /// The source's first, where this is the source account.
    pub(crate) roles: Vec<DesiredRole>,
}

/// The OIDC provider of the cluster's issuer in an account.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Provider {
    pub(crate) arn: ProviderArn,
    pub(crate) issuer: Issuer,
    pub(crate) client_id: String,
    pub(crate) thumbprints: Vec<String>,
    /// Set when it is created. An existing provider is shared, and keeps its tags.
    pub(crate) tags: BTreeMap<String, String>,
}

/// A role, as it is to be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DesiredRole {
    pub(crate) arn: RoleArn,
    pub(crate) trust: Value,
    /// Of a new role, where the file has none.
    pub(crate) default_description: String,
    pub(crate) description: Setting<String>,
    pub(crate) policies: BTreeSet<String>,
    pub(crate) inline: BTreeMap<String, Value>,
    pub(crate) boundary: Setting<String>,
    /// Seconds.
    pub(crate) max_session: Setting<i32>,
    /// The owner's tag among them.
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) keep: Keep,
}

/// Every account of the federation, the source's first.
pub(crate) fn accounts(federation: &Federation) -> Vec<Account> {
    federation.accounts().into_iter().map(|id| account(federation, id)).collect()
}

/// One account; without a role where the file does not name it.
pub(crate) fn account(federation: &Federation, id: AccountId) -> Account {
    let provider = Provider {
        arn: federation.provider(id),
        issuer: federation.issuer.clone(),
        client_id: federation.audience.clone(),
        thumbprints: federation.thumbprints.clone(),
        tags: owner(federation),
    };
    let targets = federation.targets.iter().map(|target| &target.role);
    let roles = std::iter::once(&federation.source).chain(targets);
    let roles = roles.filter(|role| role.arn.account() == id);
    let roles = roles.map(|role| desired_role(federation, role, &provider)).collect();
    Account { id, provider, roles }
}

fn desired_role(federation: &Federation, role: &Role, provider: &Provider) -> DesiredRole {
    let subject = federation.workload.subject();
    let mut tags = owner(federation);
    tags.extend(role.tags.clone());
    let mut trust = trust_policy(&provider.arn, &provider.issuer, &subject, &provider.client_id);
    if let Some(Value::Array(statements)) = trust.pointer_mut("/Statement") {
        statements.extend(role.trust_statements.iter().cloned());
    }
    DesiredRole {
        arn: role.arn.clone(),
        trust,
        default_description: format!("{}keyless access of {subject}", describes(&federation.name)),
        description: role.description.clone(),
        policies: role.policies.iter().cloned().collect(),
        inline: role.inline.clone(),
        boundary: role.boundary.clone(),
        max_session: role.max_session,
        tags,
        keep: role.keep.clone(),
    }
}

/// How the descriptions of a federation's own roles begin.
pub(crate) fn describes(federation: &str) -> String {
    format!("Federation {federation}: ")
}

fn owner(federation: &Federation) -> BTreeMap<String, String> {
    BTreeMap::from([(OWNER_TAG.to_owned(), federation.name.clone())])
}
