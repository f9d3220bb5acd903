//! Who acts in which account, and with which clients.

use std::collections::BTreeMap;

use attache_identifiers::{AccountId, Region};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::SdkConfig;
use aws_types::region::Region as SdkRegion;

use crate::FederationError;
use crate::answer::WholeAnswers;

/// An SDK configuration, and for each account the credentials that act there.
#[derive(Debug, Clone)]
pub struct Connections {
    base: SdkConfig,
    accounts: BTreeMap<AccountId, SharedCredentialsProvider>,
}

impl Connections {
    /// No account yet. `base` brings the HTTP client, the endpoint if it is not AWS's own, the
    /// retries; its credentials and region are not used.
    #[must_use]
    pub fn new(base: SdkConfig) -> Self {
        Self { base, accounts: BTreeMap::new() }
    }

    /// Adds who acts in an account.
    #[must_use]
    pub fn with(mut self, account: AccountId, who: SharedCredentialsProvider) -> Self {
        self.accounts.insert(account, who);
        self
    }

    /// Whether somebody acts in the account.
    #[must_use]
    pub fn has(&self, account: AccountId) -> bool {
        self.accounts.contains_key(&account)
    }

    /// The account's clients, once it is certain that they act in this account and no other.
    pub(crate) async fn open(
        &self,
        account: AccountId,
        region: Option<&Region>,
    ) -> Result<Clients, FederationError> {
        let Some(who) = self.accounts.get(&account) else {
            return Err(FederationError::NoCredentials { account });
        };
        let config = self.config(who.clone(), region);
        let clients = Clients { account, iam: iam(&config) };
        check_identity(account, &sts(&config)).await?;
        Ok(clients)
    }

    /// IAM and STS with other credentials, such as those of a session.
    pub(crate) fn config(
        &self,
        who: SharedCredentialsProvider,
        region: Option<&Region>,
    ) -> SdkConfig {
        let region = region.map_or("us-east-1", Region::as_str).to_owned();
        let builder = self.base.to_builder().region(SdkRegion::new(region));
        builder.credentials_provider(who).build()
    }

    /// STS without credentials, for the calls that the token itself signs.
    pub(crate) fn anonymous_sts(&self, region: Option<&Region>) -> aws_sdk_sts::Client {
        let region = region.map_or("us-east-1", Region::as_str).to_owned();
        let mut builder = self.base.to_builder().region(SdkRegion::new(region));
        builder.set_credentials_provider(None);
        sts(&builder.build())
    }
}

/// IAM, of whose answers only whole ones are taken.
pub(crate) fn iam(config: &SdkConfig) -> aws_sdk_iam::Client {
    let config = aws_sdk_iam::config::Builder::from(config).interceptor(WholeAnswers);
    aws_sdk_iam::Client::from_conf(config.build())
}

/// STS, likewise.
pub(crate) fn sts(config: &SdkConfig) -> aws_sdk_sts::Client {
    let config = aws_sdk_sts::config::Builder::from(config).interceptor(WholeAnswers);
    aws_sdk_sts::Client::from_conf(config.build())
}

/// An account's clients. To hold one is to know that it acts in `account`.
#[derive(Debug, Clone)]
pub(crate) struct Clients {
    pub(crate) account: AccountId,
    pub(crate) iam: aws_sdk_iam::Client,
}

async fn check_identity(
    wanted: AccountId,
    sts: &aws_sdk_sts::Client,
) -> Result<(), FederationError> {
    let identity = sts.get_caller_identity().send().await;
    let identity = identity.map_err(|e| FederationError::of("ask who we are", wanted, &e))?;
    let got = identity.account().unwrap_or("no account").to_owned();
    if got == wanted.to_string() {
        return Ok(());
    }
    let arn = identity.arn().unwrap_or("somebody without a name").to_owned();
    Err(FederationError::WrongAccount { wanted, got, arn })
}
