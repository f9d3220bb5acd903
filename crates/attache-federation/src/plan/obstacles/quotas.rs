//! AWS's quotas, before a call runs into one.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use attache_identifiers::RoleName;
use serde::Deserialize;

use crate::apply::Operation;
use crate::clients::Clients;
use crate::desired::{Account, DesiredRole};
use crate::observe::{ObservedAccount, ObservedRole};
use crate::plan::change::{Action, Change, Finding, Kind};

/// A quota of the file beside this one.
#[derive(Debug, Deserialize)]
struct Quota {
    name: String,
    /// What an account has that has asked for nothing.
    default: usize,
    /// What AWS gives at most.
    most: usize,
    /// Its name in the answer of `GetAccountSummary`; none where it is not there.
    summary: Option<String>,
    page: String,
}

static QUOTAS: LazyLock<Vec<Quota>> =
    LazyLock::new(|| serde_json::from_str(include_str!("quotas.json")).unwrap_or_default());

/// One thing that is counted: the change that it is told at, the quota's name, and the count after the plan.
struct Count {
    change: usize,
    quota: &'static str,
    count: usize,
}

/// Blocks what goes over a quota, and warns of what may.
pub(super) async fn find(
    changes: &mut [Change],
    desired: &Account,
    observed: &ObservedAccount,
    clients: &Clients,
) {
    make_room(changes, desired, observed);
    let counts: Vec<(Count, &Quota)> = counts(changes, desired, observed)
        .into_iter()
        .filter_map(|count| {
            let quota = QUOTAS.iter().find(|quota| quota.name == count.quota)?;
            Some((count, quota))
        })
        .collect();
    // One call for an account in which something changes, and none where nothing does.
    let asks = counts.iter().any(|(_, quota)| quota.summary.is_some());
    let summary = if asks { summary(clients).await } else { BTreeMap::new() };
    for (Count { change, count, .. }, quota) in counts {
        let Some(change) = changes.get_mut(change) else { continue };
        let known = quota.summary.as_ref().and_then(|name| summary.get(name)).copied();
        let Quota { name, default, most, page, .. } = quota;
        match known {
            Some(known) if count > known => change.block(format!(
                "it takes {count} {name}, and this account's quota is {known} (at most {most}: {page})"
            )),
            Some(_) => {}
            None if count <= *default => {}
            None if count > *most => {
                change.block(format!("it takes {count} {name}, and AWS allows at most {most}: {page}"));
            }
            None => change.warn(Finding::warning(format!(
                "it takes {count} {name}: AWS refuses more than {default} unless the account's quota was \
                 raised, to at most {most}: {page}"
            ))),
        }
    }
}

/// What the plan changes, counted as it will be.
fn counts(changes: &[Change], desired: &Account, observed: &ObservedAccount) -> Vec<Count> {
    let mut counts = Vec::new();
    for expected in &desired.roles {
        let name = expected.arn.name();
        let is_it = |change: &Change| {
            change.resource.kind == Kind::Role && change.resource.name == name.as_str()
        };
        let Some(change) = changes.iter().position(is_it) else { continue };
        if changes[change].action == Action::Blocked {
            continue;
        }
        let found = observed.roles.get(name);
        for (quota, count) in of_role(expected, found, changes) {
            counts.push(Count { change, quota, count });
        }
    }
    let created = |change: &&Change| change.action == Action::Create;
    let of_kind = |kind: Kind| move |change: &&Change| change.resource.kind == kind;
    let new_roles = changes.iter().filter(created).filter(of_kind(Kind::Role)).count();
    let first = changes.iter().position(|change| created(&change) && of_kind(Kind::Role)(&change));
    if let (Some(change), Some(now)) = (first, observed.role_count) {
        counts.push(Count { change, quota: "roles in an account", count: now + new_roles });
    }
    let new_providers = changes.iter().filter(created).filter(of_kind(Kind::Provider)).count();
    let is_first = |change: &Change| created(&change) && of_kind(Kind::Provider)(&change);
    if let (Some(change), Some(arns)) = (changes.iter().position(is_first), &observed.provider_arns)
    {
        let (quota, count) = ("OIDC providers in an account", arns.len() + new_providers);
        counts.push(Count { change, quota, count });
    }
    for (arn, found) in &observed.providers {
        let adds = |own: &Operation| matches!(own, Operation::AddClientId { provider, .. } if provider == arn);
        let added = |change: &Change| change.operations.iter().filter(|own| adds(own)).count();
        if let Some(change) = changes.iter().position(|change| added(change) > 0) {
            let count = found.provider.client_ids.len() + added(&changes[change]);
            counts.push(Count { change, quota: "client ids of an OIDC provider", count });
        }
    }
    counts
}

/// Only what the plan changes: what stands there is within the account's quotas.
fn of_role(
    expected: &DesiredRole,
    found: Option<&ObservedRole>,
    changes: &[Change],
) -> Vec<(&'static str, usize)> {
    let name = expected.arn.name();
    let operations = || changes.iter().flat_map(|change| &change.operations);
    let does = |wanted: &dyn Fn(&Operation) -> bool| operations().any(wanted);
    let mut counts = Vec::new();
    let attaches = |own: &Operation| matches!(own, Operation::Attach { role, .. } if role == name);
    if does(&attaches) {
        counts.push(("managed policies on a role", expected.policies.len()));
    }
    let trusts = |own: &Operation| matches!(own, Operation::SetTrust { role, .. } if role == name);
    if found.is_none() || does(&trusts) {
        counts.push(("characters of a role's trust policy", size(&expected.trust.to_string())));
    }
    let puts = |own: &Operation| matches!(own, Operation::PutInline { role, .. } if role == name);
    if does(&puts) {
        let sizes = expected.inline.values().map(|document| size(&document.to_string()));
        counts.push(("characters of a role's inline policies", sizes.sum()));
    }
    let mut keys: Vec<&String> = expected.tags.keys().collect();
    keys.extend(found.iter().flat_map(|found| found.tags.keys()));
    keys.sort();
    keys.dedup();
    counts.push(("tags on a role", keys.len()));
    counts
}

/// IAM does not count white space.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
fn size(document: &str) -> usize {
    document.chars().filter(|c| !c.is_whitespace()).count()
}

/// Policies come before others go, so that a role is at no time without one. Where both together are too many,
/// the others go first.
fn make_room(changes: &mut [Change], desired: &Account, observed: &ObservedAccount) {
    for expected in &desired.roles {
        let name = expected.arn.name();
        let Some(found) = observed.roles.get(name) else { continue };
        let together = expected.policies.union(&found.policies).count();
        if together > default_of("managed policies on a role") {
            reorder(changes, name, Kind::ManagedPolicy, |change| change.action != Action::Detach);
        }
        let desired_size: usize = expected.inline.values().map(|own| size(&own.to_string())).sum();
        let stands: usize = found.inline.values().map(|own| size(own)).sum();
        if desired_size + stands > default_of("characters of a role's inline policies") {
            reorder(changes, name, Kind::InlinePolicy, |change| {
                let grows = growth(change, found);
                (change.action != Action::Delete, grows)
            });
        }
    }
}

/// By how much a document becomes longer.
fn growth(change: &Change, found: &ObservedRole) -> isize {
    let of = |size: usize| isize::try_from(size).unwrap_or(isize::MAX);
    let put = change.operations.iter().find_map(|operation| match operation {
        Operation::PutInline { document, .. } => Some(of(size(&document.to_string()))),
        _ => None,
    });
    let stands = found.inline.get(&change.resource.name).map_or(0, |text| of(size(text)));
    put.map_or(0, |put| put - stands)
}

/// Sorts those of the changes that are of the kind and on the role, which stand side by side.
fn reorder<K: Ord>(
    changes: &mut [Change],
    role: &RoleName,
    kind: Kind,
    key: impl FnMut(&Change) -> K,
) {
    let is_its = |change: &Change| {
        change.resource.kind == kind && change.resource.role.as_ref() == Some(role)
    };
    let Some(first) = changes.iter().position(is_its) else { return };
    let count = changes[first..].iter().take_while(|change| is_its(change)).count();
    changes[first..first + count].sort_by_key(key);
}

fn default_of(name: &str) -> usize {
    QUOTAS.iter().find(|quota| quota.name == name).map_or(usize::MAX, |quota| quota.default)
}

/// The account's own quotas; empty where they may not be read.
async fn summary(clients: &Clients) -> BTreeMap<String, usize> {
    let call = clients.iam.get_account_summary();
    let Ok(answer) = clients.send(|| call.clone().send()).await else { return BTreeMap::new() };
    let map = answer.summary_map.unwrap_or_default().into_iter();
    let number = |(key, value): (aws_sdk_iam::types::SummaryKeyType, i32)| {
        Some((key.as_str().to_owned(), usize::try_from(value).ok()?))
    };
    map.filter_map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_quotas_is_whole() {
        assert_eq!(QUOTAS.len(), 7);
        for quota in QUOTAS.iter() {
            assert!(quota.default <= quota.most, "{quota:?}");
            assert!(quota.page.starts_with("https://docs.aws.amazon.com/"), "{quota:?}");
        }
    }

    #[test]
    fn white_space_is_not_counted() {
        assert_eq!(size("{ \"a\":\n\t1 }"), 7);
    }
}
