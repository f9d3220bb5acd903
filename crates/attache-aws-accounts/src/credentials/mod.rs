//! Credentials, fetched when they are first needed and kept until shortly before they end.
//!
//! Knows every way of a profile, and what its failure means. Does not know accounts. A profile that
//! several others name as their source is fetched once for all of them.
//!
//! Start at [`Provider::credentials`]; `build.rs` makes providers of profiles.

mod build;
mod container;
mod process;
mod role;
mod sign_in;

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use attache_identifiers::Secret;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use tokio::sync::Mutex;

use crate::failure::{CallFailure, words};
use crate::profiles::{CredentialSource, Keys, ProfileError, Role};
use crate::settings::Settings;

pub(crate) use build::Builder;
pub use container::ContainerCredentials;
pub use process::ProcessError;
pub(crate) use role::SESSION_NAME;

/// Ours: credentials with less than this left are fetched again, so that a call signed with them
/// arrives in time.
const MARGIN: Duration = Duration::from_secs(60);

/// Why there are no credentials.
#[derive(Debug, thiserror::Error)]
#[error("{origin}: {reason}")]
pub struct NoCredentials {
    /// Whose they would be: `the profile NAME (PATH:LINE)`.
    pub origin: String,
    /// Why.
    #[source]
    pub reason: Reason,
}

impl NoCredentials {
    /// Whether AWS or the network failed, and not a file or an option.
    #[must_use]
    pub fn is_remote(&self) -> bool {
        match &self.reason {
            Reason::AssumeRole { .. } | Reason::Call { .. } => true,
            Reason::Source(source) => source.is_remote(),
            _ => false,
        }
    }
}

/// Why a provider gave no credentials.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// A person has to sign in.
    #[error("{why}. Run: {command}")]
    SignIn {
        /// What is wrong with the sign-in that is there.
        why: String,
        /// The command that signs in.
        command: String,
    },
    /// STS gave no session of the role.
    #[error("could not assume {role}: {failure}")]
    AssumeRole {
        /// The role's ARN.
        role: String,
        /// Why.
        #[source]
        failure: CallFailure,
    },
    /// Another call failed.
    #[error("could not {attempt}: {failure}")]
    Call {
        /// What was attempted, as a verb phrase.
        attempt: &'static str,
        /// Why.
        #[source]
        failure: CallFailure,
    },
    /// What the role is assumed with failed.
    #[error("its source, {0}")]
    Source(#[source] Arc<NoCredentials>),
    /// The token file cannot be read.
    #[error("its web_identity_token_file: {0}")]
    TokenFile(#[source] attache_files::FileError),
    /// The program failed.
    #[error("{0}")]
    Process(#[source] ProcessError),
    /// What is at hand where this runs holds no credentials.
    #[error("no credentials found in {name}: {why}")]
    NotAtHand {
        /// The name of the place.
        name: &'static str,
        /// Why not.
        why: String,
    },
    /// Nothing is at hand.
    #[error(
        "there are none: neither a profile nor the environment, a container or an instance has any"
    )]
    Nothing,
    /// The profile cannot be used as it is written.
    #[error("{0}")]
    Profile(#[source] ProfileError),
    /// The work was stopped.
    #[error("it was stopped")]
    Stopped,
}

/// Where credentials come from, and those that were fetched last.
#[derive(Debug)]
pub(crate) struct Provider {
    /// Whose they are, for errors.
    origin: String,
    fetch: Fetch,
    /// How many sources stand behind it.
    depth: usize,
    kept: Mutex<Option<Credentials>>,
}

#[derive(Debug)]
enum Fetch {
    Keys(Keys),
    Role {
        role: Role,
        source: Arc<Provider>,
        settings: Arc<Settings>,
    },
    WebIdentity {
        role: Role,
        token_file: PathBuf,
        settings: Arc<Settings>,
    },
    Sso {
        profile: String,
        settings: Arc<Settings>,
        sign_in: Arc<SharedSignIn>,
    },
    Login {
        profile: String,
        settings: Arc<Settings>,
        sign_in: Arc<SharedSignIn>,
    },
    Process {
        command: Secret,
    },
    Named {
        source: CredentialSource,
        settings: Arc<Settings>,
    },
    /// What is at hand where this runs: container, instance.
    AtHand {
        settings: Arc<Settings>,
    },
}

type Fetched<'a> =
    Pin<Box<dyn Future<Output = Result<Credentials, Arc<NoCredentials>>> + Send + 'a>>;

impl Provider {
    fn new(origin: String, fetch: Fetch) -> Arc<Self> {
        let depth = match &fetch {
            Fetch::Role { source, .. } => source.depth + 1,
            _ => 0,
        };
        Arc::new(Self { origin, fetch, depth, kept: Mutex::new(None) })
    }

    /// The cached credentials, or new ones. Concurrent calls wait for the first.
    pub(crate) fn credentials(&self) -> Fetched<'_> {
        Box::pin(async move {
            let mut kept = self.kept.lock().await;
            if let Some(credentials) = kept.as_ref().filter(|kept| lasts(kept)) {
                return Ok(credentials.clone());
            }
            let failed = |reason| Arc::new(NoCredentials { origin: self.origin.clone(), reason });
            let credentials = self.fetch().await.map_err(failed)?;
            *kept = Some(credentials.clone());
            Ok(credentials)
        })
    }

    async fn fetch(&self) -> Result<Credentials, Reason> {
        match &self.fetch {
            Fetch::Keys(keys) => Ok(keys.credentials()),
            Fetch::Role { role, source, settings } => {
                let with = source.credentials().await.map_err(Reason::Source)?;
                role::assume(role, with, settings.config().await).await
            }
            Fetch::WebIdentity { role, token_file, settings } => {
                role::assume_with_token(role, token_file, settings.config().await).await
            }
            Fetch::Sso { profile, settings, sign_in } => {
                let fetched = sign_in.fetch(by_the_sdk(settings, settings.provider_config())).await;
                fetched.map_err(|error| sign_in::sso(profile, &error))
            }
            Fetch::Login { profile, settings, sign_in } => {
                let fetched = sign_in.fetch(by_the_sdk(settings, settings.provider_config())).await;
                fetched.map_err(|error| sign_in::login(profile, &error))
            }
            Fetch::Process { command } => process::run(command).await.map_err(Reason::Process),
            Fetch::Named { source, settings } => {
                let config = match source {
                    CredentialSource::EcsContainer => settings.provider_config_without_proxy(),
                    _ => settings.provider_config(),
                };
                by_the_sdk(settings, config).await.map_err(|error| Reason::NotAtHand {
                    name: source.name(),
                    why: words(&error, &[]),
                })
            }
            Fetch::AtHand { settings } => at_hand(settings).await,
        }
    }
}

/// A sign-in that several profiles share. The first of them renews its token, if it must be renewed,
/// and the others wait: a refresh token can be used once.
#[derive(Debug, Default)]
struct SharedSignIn {
    renewed: Mutex<bool>,
}

impl SharedSignIn {
    async fn fetch(
        &self,
        fetch: impl Future<Output = Result<Credentials, CredentialsError>>,
    ) -> Result<Credentials, CredentialsError> {
        let mut renewed = self.renewed.lock().await;
        if *renewed {
            drop(renewed);
            return fetch.await;
        }
        let fetched = fetch.await;
        *renewed = fetched.is_ok();
        fetched
    }
}

fn lasts(credentials: &Credentials) -> bool {
    credentials.expiry().is_none_or(|until| until > SystemTime::now() + MARGIN)
}

/// What the SDK makes of a profile that has nothing but its own sign-in.
async fn by_the_sdk(
    settings: &Settings,
    config: ProviderConfig,
) -> Result<Credentials, CredentialsError> {
    let provider = ProfileFileCredentialsProvider::builder()
        .configure(&config)
        .profile_files(settings.files())
        .profile_name("default")
        .build();
    // A task of its own: the SDK does not survive every answer.
    let fetched = tokio::spawn(async move { provider.provide_credentials().await });
    fetched.await.unwrap_or_else(|_| Err(CredentialsError::unhandled("the answer is incomplete")))
}

/// Of the places that the SDKs look at after the profiles, the first that has credentials.
/// Source: <https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html>.
async fn at_hand(settings: &Settings) -> Result<Credentials, Reason> {
    use aws_config::{ecs, imds};
    let config = settings.provider_config();
    let direct = settings.provider_config_without_proxy();
    let container = ecs::EcsCredentialsProvider::builder().configure(&direct);
    let instance = imds::credentials::ImdsCredentialsProvider::builder().configure(&config);
    let chain = CredentialsProviderChain::first_try("EcsContainer", container.build())
        .or_else("Ec2InstanceMetadata", instance.build());
    chain.provide_credentials().await.map_err(|error| match error {
        CredentialsError::CredentialsNotLoaded(_) => Reason::Nothing,
        error => {
            let name = "the container's or the instance's metadata";
            Reason::NotAtHand { name, why: words(&error, &[]) }
        }
    })
}

/// A failure on its way through the SDK.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct SharedFailure(#[source] pub(crate) Arc<NoCredentials>);

impl ProvideCredentials for Provider {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async move {
            let fetched = self.credentials().await;
            fetched.map_err(|failure| CredentialsError::provider_error(SharedFailure(failure)))
        })
    }
}

/// As the SDK's clients take it.
pub(crate) fn shared(provider: &Arc<Provider>) -> SharedCredentialsProvider {
    let provider: Arc<dyn ProvideCredentials> = Arc::<Provider>::clone(provider);
    SharedCredentialsProvider::from(provider)
}
