//! The accounts of an organization, as `organizations:ListAccounts` lists them.

use attache_identifiers::{AccountId, Partition, Region};
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use aws_types::SdkConfig;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::failure::CallFailure;
use crate::lists::{IncompleteList, Page, list_all};
use crate::signed_call::{Attempts, ServiceRequest, SignedService};

/// AWS's: the most accounts a page.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html>
const PAGE: u32 = 20;

/// The prefix of its `X-Amz-Target`.
const TARGET: &str = "AWSOrganizationsV20161128";

/// An account of the organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationAccount {
    /// Its id.
    pub id: AccountId,
    /// `ACTIVE`, `SUSPENDED`, `CLOSED` …; none where the answer has none.
    pub state: Option<String>,
}

impl OrganizationAccount {
    /// Whether it may be used. One whose state is not known may be.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.state.as_deref().is_none_or(|state| state == "ACTIVE")
    }
}

/// Why the accounts cannot be listed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OrganizationError {
    /// The call failed.
    #[error(transparent)]
    Call(#[from] CallFailure),
    /// A page has not the shape that AWS documents.
    #[error("an answer of organizations:ListAccounts cannot be read: {0}")]
    BadPage(#[source] serde_json::Error),
    /// The pages do not end.
    #[error("could not list the organization's accounts: {0}")]
    Incomplete(#[source] IncompleteList),
}

impl OrganizationError {
    /// AWS's error code, where AWS answered with an error.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Call(failure) => failure.refusal().map(|(code, _)| code),
            _ => None,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AccountPage {
    accounts: Vec<ListedAccount>,
    next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListedAccount {
    id: AccountId,
    state: Option<String>,
    /// Retired by AWS in September 2026, and still what older emulators answer.
    status: Option<String>,
}

/// Every account of the organization, of which the credentials must be the management account's or a
/// delegated administrator's.
///
/// # Errors
/// [`OrganizationError`].
pub(crate) async fn accounts(
    connector: &SharedHttpConnector,
    config: &SdkConfig,
    partition: &Partition,
) -> Result<Vec<OrganizationAccount>, OrganizationError> {
    let service = SignedService {
        connector,
        config,
        name: "organizations",
        id: "Organizations",
        region: Region::of_organizations(partition),
        attempts: Attempts::USUAL,
    };
    let read_page = |token: Option<String>| {
        let mut input = json!({ "MaxResults": PAGE });
        if let Some(token) = token {
            input["NextToken"] = Value::String(token);
        }
        let service = &service;
        async move {
            let request = ServiceRequest::Json11(TARGET, "ListAccounts", &input);
            let answer = service.call(&request).await?;
            let page: AccountPage =
                serde_json::from_value(answer).map_err(OrganizationError::BadPage)?;
            Ok(Page { items: page.accounts, marker: page.next_token })
        }
    };
    let listed = list_all(read_page, OrganizationError::Incomplete).await?;
    let account =
        |one: ListedAccount| OrganizationAccount { id: one.id, state: one.state.or(one.status) };
    Ok(listed.into_iter().map(account).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_active_by_its_state_or_in_older_answers_its_status() {
        for (answer, expected) in [
            (r#"{"Id": "222222222222", "State": "ACTIVE"}"#, true),
            (r#"{"Id": "222222222222", "Status": "ACTIVE"}"#, true),
            (r#"{"Id": "222222222222", "State": "SUSPENDED", "Status": "ACTIVE"}"#, false),
            (r#"{"Id": "222222222222", "State": "PENDING_CLOSURE"}"#, false),
            (r#"{"Id": "222222222222"}"#, true),
        ] {
            let listed: ListedAccount = serde_json::from_str(answer).unwrap();
            let account =
                OrganizationAccount { id: listed.id, state: listed.state.or(listed.status) };
            assert_eq!(account.is_active(), expected, "{answer}");
        }
    }
}
