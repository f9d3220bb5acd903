//! Managed policies that are not there, or that no role takes.

use std::collections::BTreeMap;

use attache_aws_accounts::{Page, list_all};
use attache_identifiers::Arn;
use aws_sdk_iam::types::PolicyScopeType;

use crate::apply::Operation;
use crate::clients::Clients;
use crate::error::FederationError;
use crate::plan::change::{Change, Finding};

/// Ours: how many names that are nearly right are told.
const MOST_NEAR: usize = 3;

/// AWS's: the longest page of a list. There are some 1,500 policies of AWS's.
const PAGE: i32 = 1_000;

/// Where AWS keeps the policies of service-linked roles, which no other role takes.
const OF_SERVICES: &str = "aws-service-role/";

/// What became of looking for a policy.
enum Found {
    There,
    NotAttachable(&'static str),
    Missing,
    Unknown(FederationError),
}

/// Blocks what would attach a policy that is not there, or set it as a boundary.
pub(super) async fn find(changes: &mut [Change], clients: &Clients) {
    let mut looked: BTreeMap<String, Found> = BTreeMap::new();
    let mut names: Option<Vec<String>> = None;
    for change in changes {
        let attached: Vec<(String, bool)> = change.operations.iter().filter_map(attached).collect();
        for (arn, is_boundary) in attached {
            if !looked.contains_key(&arn) {
                looked.insert(arn.clone(), look(clients, &arn).await);
            }
            let what = if is_boundary { "the permissions boundary" } else { "the policy" };
            match looked.get(&arn) {
                Some(Found::Missing) => {
                    if names.is_none() {
                        names = Some(all_names(clients).await.unwrap_or_default());
                    }
                    let near = near(&arn, names.as_deref().unwrap_or_default());
                    change.block(format!("{what} {arn} does not exist{}", suggested(&near)));
                }
                Some(Found::NotAttachable(why)) if !is_boundary => {
                    change.block(format!("{what} {arn} cannot be attached: {why}"));
                }
                Some(Found::Unknown(error)) => change.warn(Finding::warning(format!(
                    "it is not known whether {what} {arn} exists: {}",
                    error.brief()
                ))),
                _ => {}
            }
        }
    }
}

/// The managed policy that a step needs, and whether as a boundary.
fn attached(operation: &Operation) -> Option<(String, bool)> {
    match operation {
        Operation::Attach { policy, .. } => Some((policy.clone(), false)),
        Operation::SetBoundary { policy, .. } => Some((policy.clone(), true)),
        Operation::CreateRole(role) => Some((role.boundary.value()?.clone(), true)),
        _ => None,
    }
}

async fn look(clients: &Clients, arn: &str) -> Found {
    let call = clients.iam.get_policy().policy_arn(arn);
    match clients.send(|| call.clone().send()).await {
        Ok(found) => match found.policy {
            Some(policy) if !policy.is_attachable() => {
                Found::NotAttachable("IAM says that it is not attachable")
            }
            _ if path_and_name(arn).is_some_and(|name| name.starts_with(OF_SERVICES)) => {
                Found::NotAttachable("it is for a service-linked role")
            }
            _ => Found::There,
        },
        Err(error) => {
            let error = FederationError::of("read it", clients.account, &error);
            match error.code() {
                Some("NoSuchEntity") => Found::Missing,
                _ => Found::Unknown(error),
            }
        }
    }
}

/// The ARNs of AWS's policies and the account's own.
async fn all_names(clients: &Clients) -> Result<Vec<String>, FederationError> {
    let attempt = "list the managed policies";
    let read_page = |marker: Option<String>| async {
        let call = clients.iam.list_policies().scope(PolicyScopeType::All).max_items(PAGE);
        let call = call.set_marker(marker);
        let page = clients.send(|| call.clone().send()).await;
        let page = page.map_err(|e| FederationError::of(attempt, clients.account, &e))?;
        Ok(Page { items: page.policies.unwrap_or_default(), marker: page.marker })
    };
    let policies = list_all(read_page, clients.incomplete(attempt)).await?;
    Ok(policies.into_iter().filter_map(|policy| policy.arn).collect())
}

/// Those that were probably meant, best first: another path or account, a letter or two, or a part of a name.
fn near(misspelt: &str, all: &[String]) -> Vec<String> {
    let name = |arn: &str| {
        let name = path_and_name(arn).unwrap_or_default();
        name.rsplit('/').next().unwrap_or_default().to_ascii_lowercase()
    };
    let misspelt = name(misspelt);
    let most = (misspelt.len() / 6).clamp(2, 4);
    let mut found: Vec<(usize, usize, &String)> = all
        .iter()
        .filter_map(|arn| {
            let other = name(arn);
            let distance = strsim::damerau_levenshtein(&other, &misspelt);
            let part = misspelt.len() >= 5
                && (other.starts_with(&misspelt) || misspelt.starts_with(&other));
            let rank = if distance <= most {
                distance
            } else if part {
                most + 1
            } else {
                return None;
            };
            Some((rank, other.len(), arn))
        })
        .collect();
    found.sort();
    let written = |arn: &String| match arn.split_once(":iam::aws:policy/") {
        Some((_, name)) => name.to_owned(),
        None => arn.clone(),
    };
    found.into_iter().take(MOST_NEAR).map(|(_, _, arn)| written(arn)).collect()
}

fn suggested(near: &[String]) -> String {
    match near {
        [] => String::new(),
        [only] => format!(": did you mean {only}?"),
        several => format!(": did you mean one of {}?", several.join(", ")),
    }
}

/// `service-role/AWSLambdaBasicExecutionRole`.
fn path_and_name(arn: &str) -> Option<String> {
    let arn = Arn::parse(arn).ok()?;
    arn.resource().strip_prefix("policy/").map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_that_was_meant_is_found() {
        let all: Vec<String> = [
            "arn:aws:iam::aws:policy/ReadOnlyAccess",
            "arn:aws:iam::aws:policy/SecurityAudit",
            "arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess",
            "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
            "arn:aws:iam::222222222222:policy/team/CauselyReads",
        ]
        .map(str::to_owned)
        .to_vec();
        for (misspelt, expected) in [
            ("ReadOnlyAcess", "ReadOnlyAccess"),
            ("ReadOnly", "ReadOnlyAccess"),
            ("SecurityAduit", "SecurityAudit"),
            ("AmazonSQSReadonlyAcces", "AmazonSQSReadOnlyAccess"),
            ("AWSLambdaBasicExecutionRole", "service-role/AWSLambdaBasicExecutionRole"),
            ("CauselyReads", "arn:aws:iam::222222222222:policy/team/CauselyReads"),
        ] {
            let found = near(&format!("arn:aws:iam::aws:policy/{misspelt}"), &all);
            assert_eq!(found.first().map(String::as_str), Some(expected), "{misspelt}: {found:?}");
        }
        assert!(near("arn:aws:iam::aws:policy/Entirely", &all).is_empty());
    }
}
