//! The accounts of an organization, with the units that they are in and their tags.

use std::collections::BTreeMap;

use attache_identifiers::{AccountId, Partition, Region};
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use aws_types::SdkConfig;
use serde::Deserialize;
use serde::de::DeserializeOwned;
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
    /// The ids of the root and of the units that it is in; none where the answer does not have them.
    pub parents: Option<Vec<String>>,
    /// The id of the organization, and its management account; none where the answer has no ARN.
    pub organization: Option<(String, AccountId)>,
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
    #[error("an answer of organizations:{operation} cannot be read: {source}")]
    BadPage {
        /// The operation.
        operation: &'static str,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The pages do not end.
    #[error("organizations:{operation}: {source}")]
    Incomplete {
        /// The operation.
        operation: &'static str,
        /// Why.
        source: IncompleteList,
    },
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
    /// `o-…/r-…/ou-…/ACCOUNT/`; not in older answers.
    paths: Option<Vec<String>>,
    /// `arn:aws:organizations::MANAGEMENT:account/o-…/ACCOUNT`.
    arn: Option<String>,
}

impl From<ListedAccount> for OrganizationAccount {
    fn from(listed: ListedAccount) -> Self {
        let is_parent = |part: &&str| part.starts_with("r-") || part.starts_with("ou-");
        let parents = listed.paths.filter(|paths| !paths.is_empty()).map(|paths| {
            let parts = paths.iter().flat_map(|path| path.split('/'));
            parts.filter(is_parent).map(str::to_owned).collect()
        });
        let organization = listed.arn.as_deref().and_then(|arn| {
            let (head, resource) = arn.split_once(":account/")?;
            let management = AccountId::parse(head.rsplit(':').next()?).ok()?;
            Some((resource.split('/').next()?.to_owned(), management))
        });
        Self { id: listed.id, state: listed.state.or(listed.status), parents, organization }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UnitPage {
    organizational_units: Vec<ListedUnit>,
    next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListedUnit {
    id: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TagPage {
    tags: Vec<ListedTag>,
    next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListedTag {
    key: String,
    value: String,
}

/// The organization, by the credentials of its management account or of a delegated administrator.
#[derive(Debug, Clone)]
pub struct OrganizationClient {
    connector: SharedHttpConnector,
    config: SdkConfig,
    region: Region,
}

impl OrganizationClient {
    pub(crate) fn new(
        connector: SharedHttpConnector,
        config: SdkConfig,
        partition: &Partition,
    ) -> Self {
        Self { connector, config, region: Region::of_organizations(partition) }
    }

    /// Every account of the organization, by `ListAccounts`.
    ///
    /// # Errors
    /// [`OrganizationError`].
    pub async fn accounts(&self) -> Result<Vec<OrganizationAccount>, OrganizationError> {
        let of = |page: AccountPage| Page { items: page.accounts, marker: page.next_token };
        let input = json!({ "MaxResults": PAGE });
        let listed = self.list(("ListAccounts", input), of).await?;
        Ok(listed.into_iter().map(OrganizationAccount::from).collect())
    }

    /// The tags of an account, by `ListTagsForResource`.
    ///
    /// # Errors
    /// [`OrganizationError`].
    pub async fn tags(
        &self,
        account: AccountId,
    ) -> Result<BTreeMap<String, String>, OrganizationError> {
        let of = |page: TagPage| Page { items: page.tags, marker: page.next_token };
        let input = json!({ "ResourceId": account.to_string() });
        let tags = self.list(("ListTagsForResource", input), of).await?;
        Ok(tags.into_iter().map(|tag| (tag.key, tag.value)).collect())
    }

    /// The accounts right in a root or an organizational unit, by `ListAccountsForParent`.
    ///
    /// # Errors
    /// [`OrganizationError`]: `ParentNotFoundException` where there is no such parent.
    pub async fn accounts_in(&self, parent: &str) -> Result<Vec<AccountId>, OrganizationError> {
        let of = |page: AccountPage| Page { items: page.accounts, marker: page.next_token };
        let input = json!({ "ParentId": parent, "MaxResults": PAGE });
        let listed = self.list(("ListAccountsForParent", input), of).await?;
        Ok(listed.into_iter().map(|account| account.id).collect())
    }

    /// The units right in a root or an organizational unit, by `ListOrganizationalUnitsForParent`.
    ///
    /// # Errors
    /// [`OrganizationError`]: `ParentNotFoundException` where there is no such parent.
    pub async fn units_in(&self, parent: &str) -> Result<Vec<String>, OrganizationError> {
        let of =
            |page: UnitPage| Page { items: page.organizational_units, marker: page.next_token };
        let input = json!({ "ParentId": parent, "MaxResults": PAGE });
        let listed = self.list(("ListOrganizationalUnitsForParent", input), of).await?;
        Ok(listed.into_iter().map(|unit| unit.id).collect())
    }

    async fn list<P: DeserializeOwned, T>(
        &self,
        (operation, input): (&'static str, Value),
        of: impl Fn(P) -> Page<T> + Copy,
    ) -> Result<Vec<T>, OrganizationError> {
        let service = SignedService {
            connector: &self.connector,
            config: &self.config,
            name: "organizations",
            id: "Organizations",
            region: self.region.clone(),
            attempts: Attempts::USUAL,
        };
        let read_page = |token: Option<String>| {
            let mut input = input.clone();
            if let Some(token) = token {
                input["NextToken"] = Value::String(token);
            }
            let service = &service;
            async move {
                let request = ServiceRequest::Json11(TARGET, operation, &input);
                let answer = service.call(&request).await?;
                let bad = |source| OrganizationError::BadPage { operation, source };
                Ok(of(serde_json::from_value(answer).map_err(bad)?))
            }
        };
        list_all(read_page, |source| OrganizationError::Incomplete { operation, source }).await
    }
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
            let account = OrganizationAccount::from(listed);
            assert_eq!(account.is_active(), expected, "{answer}");
        }
    }

    #[test]
    fn an_account_is_in_the_units_of_its_paths() {
        let path = "o-exampleorg/r-abcd/ou-abcd-11111111/ou-abcd-22222222/222222222222/";
        let arn = "arn:aws:organizations::111111111111:account/o-exampleorg/222222222222";
        let answer = json!({ "Id": "222222222222", "Paths": [path], "Arn": arn });
        let listed: ListedAccount = serde_json::from_value(answer).unwrap();
        let account = OrganizationAccount::from(listed);
        let parents = account.parents.unwrap();
        assert_eq!(parents, ["r-abcd", "ou-abcd-11111111", "ou-abcd-22222222"]);
        let (organization, management) = account.organization.unwrap();
        assert_eq!(
            (organization.as_str(), management.to_string().as_str()),
            ("o-exampleorg", "111111111111")
        );
        let listed: ListedAccount = serde_json::from_str(r#"{"Id": "222222222222"}"#).unwrap();
        assert_eq!(OrganizationAccount::from(listed).parents, None);
    }
}
