//! An account's clients.

use std::future::Future;

use attache_aws_accounts::{AccountError, Connections, IncompleteList, iam};
use attache_identifiers::{AccountId, Region};
use aws_sdk_iam::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use crate::error::{BadAnswer, FederationError};
use crate::patience::{Patience, is_throttling};

/// To hold one is to know that it acts in `account`.
#[derive(Debug, Clone)]
pub(crate) struct Clients {
    pub(crate) account: AccountId,
    pub(crate) iam: aws_sdk_iam::Client,
    pub(crate) patience: Patience,
    /// Whether it is another endpoint than AWS's own that is called.
    pub(crate) has_other_endpoint: bool,
}

impl Clients {
    /// The account's clients, once it is certain that they act in this account and no other.
    pub(crate) async fn open(
        connections: &Connections,
        account: AccountId,
        region: Option<&Region>,
        patience: Patience,
    ) -> Result<Self, AccountError> {
        let mut pauses = patience.pauses();
        loop {
            match connections.open(account, region).await {
                Ok(config) => {
                    let has_other_endpoint = config.endpoint_url().is_some();
                    return Ok(Self { account, iam: iam(&config), patience, has_other_endpoint });
                }
                Err(AccountError::Identity { source, .. })
                    if source.refusal().is_some_and(|(code, _)| is_throttling(code))
                        && pauses.rest().await => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Makes a call, and again where it is throttled.
    pub(crate) async fn send<T, E, F>(
        &self,
        call: impl Fn() -> F,
    ) -> Result<T, SdkError<E, HttpResponse>>
    where
        E: ProvideErrorMetadata,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        self.patience.send(call).await
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
