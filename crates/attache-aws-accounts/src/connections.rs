//! The credentials of each account, and the clients that use them.

use std::collections::BTreeMap;
use std::sync::Arc;

use attache_identifiers::{AccountId, Partition, Region, displayable};
use aws_config::identity::IdentityCache;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use aws_types::SdkConfig;
use aws_types::region::Region as SdkRegion;

use crate::cloud_trail::CloudTrail;
use crate::credentials::{NoCredentials, Provider, shared};
use crate::eks::Eks;
use crate::failure::CallFailure;
use crate::organization::OrganizationClient;
use crate::settings::Settings;
use crate::whole_answers::WholeAnswers;

/// Ours: characters of an ARN that another party gave. AWS's longest has 2,048.
const LONGEST_ARN: usize = 2_048;

/// Why an account cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccountError {
    /// No credentials were given for the account.
    #[error(
        "there are no credentials for the account {account}: name a profile {account}, or give \
         --profile {account}=NAME or --assume-role NAME"
    )]
    NotGiven {
        /// The account.
        account: AccountId,
    },
    /// Those that were given could not be fetched.
    #[error("there are no credentials for the account {account}: {source}")]
    NoCredentials {
        /// The account.
        account: AccountId,
        /// Why.
        source: Arc<NoCredentials>,
    },
    /// AWS did not say which account they belong to.
    #[error("could not call sts:GetCallerIdentity in {account}: {source}")]
    Identity {
        /// The account.
        account: AccountId,
        /// Why.
        source: CallFailure,
    },
    /// The credentials are another account's. Nothing was changed.
    #[error(
        "the credentials for the account {expected} are those of {arn}, which is in {found}: nothing \
         was changed; correct the profile or the role"
    )]
    WrongAccount {
        /// The account that was meant.
        expected: AccountId,
        /// The account that the credentials act in.
        found: String,
        /// Who the credentials are.
        arn: String,
    },
}

impl AccountError {
    /// Whether AWS or the network failed, and not a file or an option.
    #[must_use]
    pub fn is_remote(&self) -> bool {
        match self {
            Self::NotGiven { .. } | Self::WrongAccount { .. } => false,
            Self::NoCredentials { source, .. } => source.is_remote(),
            Self::Identity { .. } => true,
        }
    }
}

/// An SDK configuration, and the credentials of each account.
#[derive(Clone)]
pub struct Connections {
    base: SdkConfig,
    accounts: BTreeMap<AccountId, AccountCredentials>,
    /// The default credentials, whichever account's they are.
    default: Option<(Arc<Provider>, Arc<Settings>)>,
    /// For the calls that no SDK crate makes.
    connector: Option<SharedHttpConnector>,
}

/// An SDK configuration's own `Debug` is the SDK's; only the accounts are shown.
impl std::fmt::Debug for Connections {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connections").field("accounts", &self.accounts.keys()).finish()
    }
}

/// The credentials of an account.
#[derive(Clone)]
enum AccountCredentials {
    /// These credentials, with the base configuration.
    Credentials(SharedCredentialsProvider),
    /// A profile, or what follows from one, with its own configuration.
    Profile(Arc<Provider>, Arc<Settings>),
    /// None: the credentials that would have been used could not be fetched.
    Failed(Arc<NoCredentials>),
}

impl Connections {
    /// No account yet. `base` brings the HTTP client, the endpoint if it is not AWS's own, the
    /// retries; its credentials and region are not used.
    #[must_use]
    pub fn new(base: SdkConfig) -> Self {
        let base = base.into_builder().identity_cache(IdentityCache::no_cache()).build();
        Self { base, accounts: BTreeMap::new(), default: None, connector: None }
    }

    /// Adds the credentials of an account.
    #[must_use]
    pub fn with(mut self, account: AccountId, credentials: SharedCredentialsProvider) -> Self {
        self.accounts.insert(account, AccountCredentials::Credentials(credentials));
        self
    }

    pub(crate) fn add_profile(
        &mut self,
        account: AccountId,
        credentials: Arc<Provider>,
        settings: Arc<Settings>,
    ) {
        self.accounts.insert(account, AccountCredentials::Profile(credentials, settings));
    }

    pub(crate) fn add_failed(&mut self, account: AccountId, failure: Arc<NoCredentials>) {
        self.accounts.insert(account, AccountCredentials::Failed(failure));
    }

    pub(crate) fn set_default(&mut self, credentials: Arc<Provider>, settings: Arc<Settings>) {
        self.default = Some((credentials, settings));
    }

    pub(crate) fn set_connector(&mut self, connector: SharedHttpConnector) {
        self.connector = Some(connector);
    }

    /// Takes the accounts of other connections that these do not have.
    pub fn add_missing(&mut self, other: Self) {
        for (account, credentials) in other.accounts {
            self.accounts.entry(account).or_insert(credentials);
        }
    }

    /// The organization, by the default credentials (`None`) or by those of an account. `None` where there are no
    /// such credentials.
    pub async fn organization(
        &self,
        by: Option<AccountId>,
        partition: &Partition,
    ) -> Option<OrganizationClient> {
        let connector = self.connector.clone()?;
        let config = match by {
            Some(account) if self.has(account) => self.open(account, None).await.ok()?,
            Some(_) => return None,
            None => {
                let (credentials, settings) = self.default.as_ref()?;
                credentials.credentials().await.ok()?;
                let config = settings.config().await.to_builder();
                config.credentials_provider(shared(credentials)).build()
            }
        };
        Some(OrganizationClient::new(connector, config, partition))
    }

    /// EKS in the account of a configuration; none where nothing brings HTTP for it.
    #[must_use]
    pub fn eks(&self, config: &SdkConfig) -> Option<Eks> {
        let connector = self.connector.clone()?;
        Some(Eks::new(connector, config.clone()))
    }

    /// CloudTrail in the account of a configuration.
    #[must_use]
    pub fn cloud_trail(&self, config: &SdkConfig) -> CloudTrail {
        CloudTrail::new(self.connector.clone(), config.clone())
    }

    /// Whether the account has credentials, as far as is known before they are fetched.
    #[must_use]
    pub fn has(&self, account: AccountId) -> bool {
        self.accounts
            .get(&account)
            .is_some_and(|known| !matches!(known, AccountCredentials::Failed(_)))
    }

    /// How the account is reached, once it is certain that the credentials are this account's and
    /// no other's.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn open(
        &self,
        account: AccountId,
        region: Option<&Region>,
    ) -> Result<SdkConfig, AccountError> {
        let config = match self.accounts.get(&account) {
            None => return Err(AccountError::NotGiven { account }),
            Some(AccountCredentials::Failed(failure)) => {
                return Err(AccountError::NoCredentials { account, source: Arc::clone(failure) });
            }
            Some(AccountCredentials::Credentials(credentials)) => {
                self.config(credentials.clone(), region)
            }
            Some(AccountCredentials::Profile(credentials, settings)) => {
                // First by itself: its failure is not a failed call.
                let failed = |source| AccountError::NoCredentials { account, source };
                credentials.credentials().await.map_err(failed)?;
                let config = settings.config().await.to_builder();
                let config = match region {
                    Some(region) => config.region(SdkRegion::new(region.to_string())),
                    None => config,
                };
                config.credentials_provider(shared(credentials)).build()
            }
        };
        check_identity(account, &sts(&config)).await?;
        Ok(config)
    }

    /// With other credentials, such as those of a session.
    #[must_use]
    pub fn config(
        &self,
        credentials: SharedCredentialsProvider,
        region: Option<&Region>,
    ) -> SdkConfig {
        self.regional(region).credentials_provider(credentials).build()
    }

    /// Without credentials, for the calls that a token itself signs.
    #[must_use]
    pub fn anonymous(&self, region: Option<&Region>) -> SdkConfig {
        let mut builder = self.regional(region);
        builder.set_credentials_provider(None);
        builder.build()
    }

    fn regional(&self, region: Option<&Region>) -> aws_types::sdk_config::Builder {
        let region = region.map_or("us-east-1", Region::as_str).to_owned();
        self.base.to_builder().region(SdkRegion::new(region))
    }
}

/// IAM, of whose answers only whole ones are taken.
#[must_use]
pub fn iam(config: &SdkConfig) -> aws_sdk_iam::Client {
    let config = aws_sdk_iam::config::Builder::from(config).interceptor(WholeAnswers);
    aws_sdk_iam::Client::from_conf(config.build())
}

/// STS, likewise.
#[must_use]
pub fn sts(config: &SdkConfig) -> aws_sdk_sts::Client {
    let config = aws_sdk_sts::config::Builder::from(config).interceptor(WholeAnswers);
    aws_sdk_sts::Client::from_conf(config.build())
}

async fn check_identity(
    expected: AccountId,
    sts: &aws_sdk_sts::Client,
) -> Result<(), AccountError> {
    let identity = sts.get_caller_identity().send().await;
    let identity = identity.map_err(|error| AccountError::Identity {
        account: expected,
        source: CallFailure::of(&error),
    })?;
    let shown = |text: &str| displayable(text, &[], LONGEST_ARN);
    let found = shown(identity.account().unwrap_or("no account"));
    if found == expected.to_string() {
        return Ok(());
    }
    let arn = shown(identity.arn().unwrap_or("an unnamed principal"));
    Err(AccountError::WrongAccount { expected, found, arn })
}
