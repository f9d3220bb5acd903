//! Where a federation is looked for beside the accounts that its file names.

use std::collections::BTreeMap;

use attache_aws_accounts::{
    Connections, OrganizationAccount, OrganizationClient, OrganizationError,
};
use attache_identifiers::AccountId;

use crate::document::FederationFile;

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

/// What is known of the organization's accounts.
#[derive(Debug, Clone, Default)]
pub struct OrganizationListing {
    /// By whose credentials they were listed; none where they were not.
    pub(crate) client: Option<OrganizationClient>,
    /// All of them; empty where they were not listed.
    pub accounts: Vec<OrganizationAccount>,
    /// Why they could not be listed, in words.
    pub refusal: Option<String>,
    /// The same as a note, where it is worth telling to who did not ask for them.
    pub note: Option<String>,
}

/// Lists the accounts of the organization: with the default credentials, with those of the management account that
/// the file names, or else with those of the source account, whichever are there and may do so. Empty where there
/// is none.
pub async fn organization_accounts(
    file: &FederationFile,
    connections: &Connections,
) -> OrganizationListing {
    let federation = &file.federation;
    let management = federation.organization.as_ref().map(|found| found.management);
    let callers = [None, management, Some(federation.source.arn.account())];
    let mut refusal = None;
    for (index, caller) in callers.into_iter().enumerate() {
        if index == 1 && caller.is_none() {
            continue;
        }
        let Some(client) = connections.organization(caller, &federation.partition).await else {
            continue;
        };
        match client.accounts().await {
            Ok(accounts) => {
                return OrganizationListing {
                    client: Some(client),
                    accounts,
                    ..OrganizationListing::default()
                };
            }
            Err(error) => refusal = refusal.or(Some(error)),
        }
    }
    let told = refusal.as_ref().filter(|error| management.is_some() || is_worth_telling(error));
    let note = told.map(|error| {
        format!("the organization's accounts could not be listed, and were not searched: {error}")
    });
    let refusal = refusal.map(|error| error.to_string());
    OrganizationListing { note, refusal, ..OrganizationListing::default() }
}

/// An account in no organization, or a member that may not list it, is no failure.
fn is_worth_telling(error: &OrganizationError) -> bool {
    !matches!(error.code(), Some(NO_ORGANIZATION | "AccessDeniedException" | "AccessDenied"))
}
