//! The choice of each account's credentials, from the command line's options and the profiles.
//!
//! For each account, the first of: the profile that was named for it; the profile named by the
//! account's twelve digits; the default credentials, if they are this account's; a role, assumed
//! with the default credentials. An account that has none of these has no credentials, and
//! [`Connections::open`] says so.

use std::collections::BTreeMap;
use std::sync::Arc;

use attache_identifiers::{AccountId, IamPath, Partition, Region, RoleArn, RoleName};
use aws_config::SdkConfig;
use aws_types::os_shim_internal::Env;

use crate::connections::{Connections, sts};
use crate::credentials::{
    Builder, ContainerCredentials, NoCredentials, Provider, Reason, SESSION_NAME, shared,
};
use crate::endpoint::{BadEndpoint, check_endpoint, check_environment};
use crate::failure::CallFailure;
use crate::http::HttpSettings;
use crate::profiles::{Problem, ProfileError, Profiles, Role, SignIn};
use crate::settings::{Context, Settings};

/// How to reach the accounts.
#[derive(Debug, Clone)]
pub struct Access {
    /// The profile that acts in an account.
    pub profiles: BTreeMap<AccountId, String>,
    /// The role to assume in accounts that have no profile.
    pub assume_role: Option<RoleName>,
    /// The endpoint to talk to instead of AWS's.
    pub endpoint_url: Option<String>,
    /// The region that the accounts are in, whose partition decides the ARN of the role to assume; it
    /// is asked where neither the environment nor a profile has one.
    pub home: Option<Region>,
    /// The trusted certificate authorities and the proxy.
    pub http: HttpSettings,
}

/// Why an account's credentials cannot be chosen.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccessError {
    /// A profile cannot be used as it is written.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// An endpoint is none.
    #[error(transparent)]
    Endpoint(#[from] BadEndpoint),
    /// It is not known which account a profile acts in.
    #[error("it is not known which account the profile {profile} acts in: {source}")]
    Unidentified {
        /// The profile.
        profile: String,
        /// Why.
        source: UnidentifiedReason,
    },
}

/// Why it is not known whose credentials are.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UnidentifiedReason {
    /// There are none.
    #[error(transparent)]
    NoCredentials(Arc<NoCredentials>),
    /// AWS did not say.
    #[error("could not call sts:GetCallerIdentity: {0}")]
    Call(#[source] CallFailure),
    /// The answer names no account.
    #[error("sts:GetCallerIdentity names no account")]
    NoAccount,
}

impl Access {
    /// Chooses the credentials of each account. Those of profiles are not fetched yet.
    ///
    /// # Errors
    /// When a profile that is needed is not there, or cannot be used as it is written, or an endpoint
    /// is not a URL.
    pub async fn connect(
        self,
        profiles: &Profiles,
        accounts: &[AccountId],
    ) -> Result<Connections, AccessError> {
        let mut builder = self.builder(profiles)?;
        let default = default_profile(profiles);
        let settings = builder.settings(default.as_deref().unwrap_or("default"), SignIn::None)?;
        let mut connections = Connections::new(settings.config().await.clone());
        let default_provider = default_provider(&mut builder, default.as_deref());
        // Whether they fail is told where they are needed.
        if let Ok(provider) = &default_provider {
            connections.set_default(Arc::clone(provider), Arc::clone(&settings));
        }
        connections.set_connector(self.http.connector());
        let mut without = Vec::new();
        for account in accounts {
            match self.profile(*account, profiles)? {
                Some(name) => {
                    let (provider, settings) = builder.profile(&name)?;
                    connections.add_profile(*account, provider, settings);
                }
                None => without.push(*account),
            }
        }
        if without.is_empty() {
            return Ok(connections);
        }
        let (default_provider, identity) = DefaultIdentity::find(default_provider, &settings).await;
        for account in without {
            match (&identity, &default_provider, &self.assume_role) {
                (DefaultIdentity::Failed(failure), ..) => {
                    connections.add_failed(account, Arc::clone(failure));
                }
                (DefaultIdentity::Of(id), Some(default_provider), _) if *id == account => {
                    connections.add_profile(
                        account,
                        Arc::clone(default_provider),
                        Arc::clone(&settings),
                    );
                }
                (
                    DefaultIdentity::Of(_) | DefaultIdentity::Unknown,
                    Some(default_provider),
                    Some(role),
                ) => {
                    let role = self.role(account, role, &settings);
                    let provider =
                        builder.assumed(role, Arc::clone(default_provider), Arc::clone(&settings));
                    connections.add_profile(account, provider, Arc::clone(&settings));
                }
                (DefaultIdentity::Unknown, Some(default_provider), None) => {
                    connections.add_profile(
                        account,
                        Arc::clone(default_provider),
                        Arc::clone(&settings),
                    );
                }
                (DefaultIdentity::None | DefaultIdentity::Of(_) | DefaultIdentity::Unknown, ..) => {
                }
            }
        }
        Ok(connections)
    }

    /// How AWS is reached with the default credentials, whosever they are: those of the node that this
    /// runs on. They are not fetched yet.
    ///
    /// # Errors
    /// As of [`Self::connect`].
    pub async fn default_config(self, profiles: &Profiles) -> Result<SdkConfig, AccessError> {
        let mut builder = self.builder(profiles)?;
        let default = default_profile(profiles);
        let settings = builder.settings(default.as_deref().unwrap_or("default"), SignIn::None)?;
        let provider = default_provider(&mut builder, default.as_deref())?;
        let config = settings.config().await.to_builder();
        Ok(config.credentials_provider(shared(&provider)).build())
    }

    /// The credentials of the container that this runs in. They are not fetched yet.
    ///
    /// # Errors
    /// As of [`Self::connect`].
    pub fn container(self, profiles: &Profiles) -> Result<ContainerCredentials, AccessError> {
        Ok(ContainerCredentials(self.builder(profiles)?.container()?))
    }

    /// Connects to the account of a profile, whichever it is.
    ///
    /// # Errors
    /// As [`Access::connect`], and when AWS does not say which account it is.
    pub async fn connect_profile(
        self,
        profiles: &Profiles,
        name: &str,
    ) -> Result<(AccountId, Connections), AccessError> {
        let mut builder = self.builder(profiles)?;
        if !profiles.contains(name) {
            return Err(profiles.missing(name).into());
        }
        let (provider, settings) = builder.profile(name)?;
        let unknown = |source| AccessError::Unidentified { profile: name.to_owned(), source };
        provider
            .credentials()
            .await
            .map_err(|source| unknown(UnidentifiedReason::NoCredentials(source)))?;
        let config = settings.config().await.to_builder();
        let config = config.credentials_provider(shared(&provider)).build();
        let identity = sts(&config).get_caller_identity().send().await;
        let identity =
            identity.map_err(|error| unknown(UnidentifiedReason::Call(CallFailure::of(&error))))?;
        let account = identity.account().and_then(|account| AccountId::parse(account).ok());
        let account = account.ok_or_else(|| unknown(UnidentifiedReason::NoAccount))?;
        let mut connections = Connections::new(settings.config().await.clone());
        connections.add_profile(account, provider, settings);
        Ok((account, connections))
    }

    /// What makes credentials of profiles, once the settings are seen to be usable.
    fn builder<'p>(&self, profiles: &'p Profiles) -> Result<Builder<'p>, AccessError> {
        check_environment()?;
        self.endpoint_url.as_deref().map(check_endpoint).transpose()?;
        let context = Context::new(self.http.clone(), self.endpoint_url.clone(), self.home.clone());
        Ok(Builder::new(profiles, context))
    }

    /// The account's profile, if there is one. One that was named and is not there is an error.
    fn profile(
        &self,
        account: AccountId,
        profiles: &Profiles,
    ) -> Result<Option<String>, ProfileError> {
        if let Some(name) = self.profiles.get(&account) {
            let there = profiles.contains(name);
            return if there { Ok(Some(name.clone())) } else { Err(profiles.missing(name)) };
        }
        let name = account.to_string();
        Ok(profiles.contains(&name).then_some(name))
    }

    /// The role in the account.
    fn role(&self, account: AccountId, name: &RoleName, settings: &Settings) -> Role {
        let region = self.home.clone().or_else(|| settings.region());
        let partition = region.map_or_else(Partition::aws, |region| region.partition());
        let arn = RoleArn::at(partition, account, IamPath::root(), name.clone());
        Role {
            arn: arn.to_string(),
            external_id: None,
            session_name: Some(SESSION_NAME.to_owned()),
            duration: None,
        }
    }
}

/// The profile of the default credentials: the one that `AWS_PROFILE` names, else `default`.
fn default_profile(profiles: &Profiles) -> Option<String> {
    let env = Env::real();
    let named =
        ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"].into_iter().find_map(|name| env.get(name).ok());
    let named = named.filter(|name| !name.is_empty());
    named.or_else(|| profiles.contains("default").then(|| "default".to_owned()))
}

/// In the SDKs' order: keys of the environment, a profile, a web identity, what is at hand where this
/// runs.
fn default_provider(
    builder: &mut Builder<'_>,
    profile: Option<&str>,
) -> Result<Arc<Provider>, ProfileError> {
    let env = Env::real();
    let get = |name: &str| env.get(name).ok().filter(|value| !value.is_empty());
    if get("AWS_ACCESS_KEY_ID").and(get("AWS_SECRET_ACCESS_KEY")).is_some() {
        return builder.environment();
    }
    match profile.map(|name| builder.profile(name)) {
        Some(Ok((provider, _))) => return Ok(provider),
        // A `default` with settings alone, such as a region.
        Some(Err(error))
            if error.problem == Problem::NoCredentials
                && profile == Some(error.profile.as_str()) => {}
        Some(Err(error)) => return Err(error),
        None => {}
    }
    let (token_file, arn) = (get("AWS_WEB_IDENTITY_TOKEN_FILE"), get("AWS_ROLE_ARN"));
    let Some((token_file, arn)) = token_file.zip(arn) else { return builder.at_hand() };
    let session_name = get("AWS_ROLE_SESSION_NAME");
    let role = Role { arn, external_id: None, session_name, duration: None };
    builder.web_identity(role, token_file.into())
}

/// The account of the default credentials.
enum DefaultIdentity {
    /// There are none.
    None,
    /// There would be, and they could not be had.
    Failed(Arc<NoCredentials>),
    /// This account's.
    Of(AccountId),
    /// AWS did not say. They are used all the same, so that the command ends with AWS's or the
    /// network's own reason and not with "no credentials".
    Unknown,
}

impl DefaultIdentity {
    /// The default credentials, and whose they are.
    async fn find(
        provider: Result<Arc<Provider>, ProfileError>,
        settings: &Settings,
    ) -> (Option<Arc<Provider>>, Self) {
        let provider = match provider {
            Ok(provider) => provider,
            Err(error) => {
                let origin = "the default credentials".to_owned();
                let failure = NoCredentials { origin, reason: Reason::Profile(error) };
                return (None, Self::Failed(Arc::new(failure)));
            }
        };
        match provider.credentials().await {
            Ok(_) => {}
            Err(failure) if matches!(failure.reason, Reason::Nothing) => return (None, Self::None),
            Err(failure) => return (None, Self::Failed(failure)),
        }
        let credentials = shared(&provider);
        let config = settings.config().await.to_builder().credentials_provider(credentials).build();
        let identity = sts(&config).get_caller_identity().send().await;
        let account = identity.ok().and_then(|identity| AccountId::parse(identity.account()?).ok());
        (Some(provider), account.map_or(Self::Unknown, Self::Of))
    }
}
