//! Planning as a specification: the observed account, the desired state, the steps.

use std::collections::BTreeMap;

use attache_identifiers::RoleName;
use serde_json::Value;

use super::*;
use crate::adoption::ADOPTED_TAG;
use crate::apply::Operation;
use crate::document::Setting;
use crate::observe::{FoundProvider, ObservedProvider, ObservedRole};
use crate::permissions::UnknownPolicy;
use crate::provider_use::ProviderUse;

mod classes;
mod pods;
mod print;
mod removal;
mod steps;

const FILE: &str = include_str!("../../../../../examples/federation.yaml");

const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";

/// The example's target account.
fn target() -> Account {
    desired::accounts(&Federation::from_yaml(FILE, "federation.yaml").unwrap()).remove(1)
}

/// The account as `apply` leaves it.
fn as_applied(desired: &Account) -> ObservedAccount {
    let roles = desired.roles.iter().map(|role| {
        let inline = role.inline.iter().map(|(name, policy)| (name.clone(), policy.to_string()));
        let found = ObservedRole {
            created: None,
            arn: role.arn.to_string(),
            path: role.arn.path().to_owned(),
            trust: role.trust.to_string(),
            policies: role.policies.clone(),
            inline: inline.collect(),
            description: Some(role.default_description.clone()),
            boundary: role.boundary.value().cloned(),
            max_session: role.max_session.value().copied().unwrap_or(3600),
            tags: role.tags.clone(),
        };
        (role.arn.name().clone(), found)
    });
    let roles: BTreeMap<_, _> = roles.collect();
    let uses: BTreeMap<_, _> =
        roles.keys().map(|name| (name.to_string(), ProviderUse::Possible)).collect();
    let providers = desired.providers.iter().map(|own| {
        let provider = ObservedProvider {
            created: None,
            client_ids: own.client_ids.iter().cloned().collect(),
            thumbprints: vec![],
            tags: own.tags.clone(),
        };
        (own.arn.clone(), FoundProvider { provider, uses: uses.clone() })
    });
    let providers = providers.collect();
    ObservedAccount { providers, roles, ..ObservedAccount::default() }
}

/// Plans each case, which deviates from what was applied, and compares the changes in words.
fn plan_does(cases: &[Case]) {
    for (name, deviate, expected) in cases {
        let mut desired = target();
        let mut observed = as_applied(&desired);
        deviate(&mut desired, &mut observed);
        let changes = steps_for("causely", &desired, &observed, PlanOptions::default());
        assert_eq!(words(&changes), *expected, "{name}");
    }
}

/// Another role of the account, which says that of the provider.
fn another(observed: &mut ObservedAccount, name: &str, says: ProviderUse) {
    own(observed).uses.insert(name.to_owned(), says);
}

fn role(observed: &mut ObservedAccount) -> &mut ObservedRole {
    observed.roles.get_mut(&RoleName::parse("CauselyAccess").unwrap()).unwrap()
}

fn provider(observed: &mut ObservedAccount) -> &mut ObservedProvider {
    &mut own(observed).provider
}

fn own(observed: &mut ObservedAccount) -> &mut FoundProvider {
    observed.providers.values_mut().next().unwrap()
}

/// The changes in words, those that do nothing left out.
fn words(changes: &[Change]) -> Vec<String> {
    let does = changes.iter().filter(|c| !matches!(c.action, Action::Unchanged));
    does.map(|change| {
        let steps: Vec<String> = change.operations.iter().map(ToString::to_string).collect();
        format!("{}: {}", change.action, steps.join(", "))
    })
    .collect()
}

/// A name, how the account deviates from what `apply` leaves, and the steps.
type Case = (&'static str, fn(&mut Account, &mut ObservedAccount), &'static [&'static str]);

/// Marks the role as taken over, with these policies put on it.
fn mark(observed: &mut ObservedAccount, policies: &[&str]) {
    let mut mark = crate::adoption::Adoption::default();
    policies.iter().for_each(|arn| mark.add(&crate::adoption::managed(arn)));
    let value = mark.value().unwrap();
    role(observed).tags.insert(ADOPTED_TAG.to_owned(), value);
}

/// The tags that planning puts on the provider, where the account deviates so.
fn plan_of(
    desired: &Account,
    observed: &ObservedAccount,
    deviate: impl Fn(&mut ObservedAccount),
) -> BTreeMap<String, String> {
    let mut observed = observed.clone();
    deviate(&mut observed);
    let changes = steps_for("causely", desired, &observed, PlanOptions::default());
    let tags = changes[0].operations.iter().find_map(|operation| match operation {
        Operation::TagProvider { tags, .. } => Some(tags.clone()),
        _ => None,
    });
    tags.unwrap()
}

const ADMIN: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
const DENIES: &str = "arn:aws:iam::222222222222:policy/Denies";
const UNREAD: &str = "arn:aws:iam::222222222222:policy/Unread";
const ALLOW: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}]}"#;
const DENY: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "ec2:Describe*", "Resource": "*"}]}"#;
