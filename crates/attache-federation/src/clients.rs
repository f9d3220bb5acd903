//! An account's clients.

use std::future::Future;

use attache_aws_accounts::{AccountError, Connections, Eks, IncompleteList, iam};
use attache_identifiers::{AccountId, Region};
use aws_sdk_iam::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_types::SdkConfig;

use crate::error::{BadAnswer, FederationError};
use crate::patience::{Patience, is_throttling};

/// Ours: how many accounts are called at the same time. IAM answers some tens of calls a second an account,
/// and the accounts' limits are apart; our own sockets are the limit.
pub(crate) const ACCOUNTS_AT_ONCE: usize = 64;

/// To hold one is to know that it acts in `account`.
#[derive(Debug, Clone)]
pub(crate) struct Clients {
    pub(crate) account: AccountId,
    pub(crate) iam: aws_sdk_iam::Client,
    eks: Option<Eks>,
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
                Ok(config) => return Ok(Self::new(connections, account, &config, patience)),
                Err(AccountError::Identity { source, .. })
                    if source.refusal().is_some_and(|(code, _)| is_throttling(code))
                        && pauses.rest().await => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Those of a configuration that is certain to act in the account.
    pub(crate) fn new(
        connections: &Connections,
        account: AccountId,
        config: &SdkConfig,
        patience: Patience,
    ) -> Self {
        let has_other_endpoint = config.endpoint_url().is_some();
        let (iam, eks) = (iam(config), connections.eks(config));
        Self { account, iam, eks, patience, has_other_endpoint }
    }

    /// EKS in the account.
    pub(crate) fn eks(&self) -> Result<&Eks, FederationError> {
        let why =
            || format!("EKS cannot be called in {}: nothing brings HTTP for it", self.account);
        self.eks.as_ref().ok_or_else(|| FederationError::Unreadable { why: why() })
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
