//! Where a federation is looked for beside the accounts that its file names.

use std::collections::BTreeMap;

use attache_aws_accounts::{Connections, OrganizationAccount, OrganizationError};
use attache_identifiers::AccountId;

use crate::document::Federation;

/// AWS's answer in an account that is in no organization.
const NO_ORGANIZATION: &str = "AWSOrganizationsNotInUseException";

/// The accounts beside those of the file, and what is known of all of them.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// Accounts that the file does not name, and in which what carries the federation's tag is found.
    pub elsewhere: Vec<AccountId>,
    /// The state of the organization's accounts that are not active.
    pub inactive: BTreeMap<AccountId, String>,
    /// What could not be looked at, and why: one sentence each.
    pub notes: Vec<String>,
}

/// Lists the accounts of the organization: with the default credentials, with those of the management account that
/// the file names, or else with those of the source account, whichever are there and may do so. Empty where there
/// is none; the sentence says why it could not be listed.
pub async fn organization_accounts(
    federation: &Federation,
    connections: &Connections,
) -> (Vec<OrganizationAccount>, Option<String>) {
    let management = federation.organization.as_ref().map(|found| found.management);
    let callers = [None, management, Some(federation.source.arn.account())];
    let mut refusal = None;
    for (index, caller) in callers.into_iter().enumerate() {
        if index == 1 && caller.is_none() {
            continue;
        }
        let listed = connections.organization_accounts(caller, &federation.partition).await;
        match listed {
            None => {}
            Some(Ok(accounts)) => return (accounts, None),
            Some(Err(error)) => refusal = refusal.or(Some(error)),
        }
    }
    let reason = refusal.filter(|error| management.is_some() || is_worth_telling(error));
    let note = reason.map(|error| {
        format!("the organization's accounts could not be listed, and were not searched: {error}")
    });
    (Vec::new(), note)
}

/// An account in no organization, or a member that may not list it, is no failure.
fn is_worth_telling(error: &OrganizationError) -> bool {
    !matches!(error.code(), Some(NO_ORGANIZATION | "AccessDeniedException" | "AccessDenied"))
}
