//! An account's clients.

use attache_aws_accounts::{AccountError, Connections, iam};
use attache_identifiers::{AccountId, Region};

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
}
