//! An account's clients.

use attache_aws_accounts::{AccountError, Connections, IncompleteList, iam};
use attache_identifiers::{AccountId, Region};

use crate::error::{BadAnswer, FederationError};

/// To hold one is to know that it acts in `account`.
#[derive(Debug, Clone)]
pub(crate) struct Clients {
    pub(crate) account: AccountId,
    pub(crate) iam: aws_sdk_iam::Client,
}

impl Clients {
    /// The account's clients, once it is certain that they act in this account and no other.
    pub(crate) async fn open(
        connections: &Connections,
        account: AccountId,
        region: Option<&Region>,
    ) -> Result<Self, AccountError> {
        let config = connections.open(account, region).await?;
        Ok(Self { account, iam: iam(&config) })
    }

    /// The error of an answer that cannot be used. `attempt` is a verb phrase.
    pub(crate) fn bad_answer(&self, attempt: &str, source: BadAnswer) -> FederationError {
        FederationError::BadAnswer { attempt: attempt.to_owned(), account: self.account, source }
    }

    /// The same for a list that is not whole.
    pub(crate) fn incomplete(&self, attempt: &str) -> impl Fn(IncompleteList) -> FederationError {
        move |source| self.bad_answer(attempt, source.into())
    }
}
