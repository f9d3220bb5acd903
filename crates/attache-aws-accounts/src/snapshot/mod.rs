//! An account as `attache reach` reads it: every role and user with their policies, and every OIDC
//! provider, in the shape of AWS's own answers.

mod details;

use attache_identifiers::AccountId;
use aws_sdk_iam::Client;
use serde_json::{Value, json};

use crate::connections::{AccountError, Connections, iam};
use crate::failed_call::FailedCall;
use crate::lists::{IncompleteList, Page, list_all};

/// Why an account's snapshot could not be made. Nothing was changed, and nothing partial is kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotExportError {
    /// There are no credentials for the account, or they may be another account's.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// A call failed.
    #[error(transparent)]
    Call(#[from] FailedCall),
    /// A list has no end.
    #[error("could not {attempt} in {account}: {source}")]
    Incomplete {
        /// What was attempted, as a verb phrase.
        attempt: &'static str,
        /// In which account.
        account: AccountId,
        /// What is wrong with its pages.
        source: IncompleteList,
    },
}

/// Reads an account whole, as one of a snapshot's `accounts`. Needs
/// `iam:GetAccountAuthorizationDetails`, `iam:ListOpenIDConnectProviders` and
/// `iam:GetOpenIDConnectProvider`.
///
/// # Errors
/// When there are no credentials for the account, they are another's, or AWS refuses.
pub async fn export_account_snapshot(
    connections: &Connections,
    account: AccountId,
) -> Result<Value, SnapshotExportError> {
    let iam = iam(&connections.open(account, None).await?);
    Ok(json!({
        "id": account,
        "authorization_details": authorization_details(&iam, account).await?,
        "oidc_providers": oidc_providers(&iam, account).await?,
    }))
}

async fn authorization_details(
    iam: &Client,
    account: AccountId,
) -> Result<Value, SnapshotExportError> {
    let attempt = "read the account's authorization details";
    let read_page = |marker| async {
        let page = iam.get_account_authorization_details().set_marker(marker).send().await;
        let page = page.map_err(|error| FailedCall::of(attempt, account, &error))?;
        let marker = page.marker.clone();
        Ok(Page { items: vec![page], marker })
    };
    let incomplete = |source| SnapshotExportError::Incomplete { attempt, account, source };
    Ok(details::merged(&list_all(read_page, incomplete).await?))
}

async fn oidc_providers(
    iam: &Client,
    account: AccountId,
) -> Result<Vec<Value>, SnapshotExportError> {
    let listed = iam.list_open_id_connect_providers().send().await;
    let listed =
        listed.map_err(|error| FailedCall::of("list the OIDC providers", account, &error))?;
    let mut providers = Vec::new();
    for arn in listed.open_id_connect_provider_list().iter().filter_map(|entry| entry.arn()) {
        let call = iam.get_open_id_connect_provider().open_id_connect_provider_arn(arn);
        let provider = call
            .send()
            .await
            .map_err(|error| FailedCall::of(format!("read {arn}"), account, &error))?;
        providers.push(details::oidc_provider(arn, &provider));
    }
    Ok(providers)
}
