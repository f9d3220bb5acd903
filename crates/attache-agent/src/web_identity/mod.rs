//! Off EKS: the token is verified here, a row of [`Associations`] or the service account's annotation
//! names the role, and STS trades the token for a session of it by web identity.
//!
//! Knows: the order of the checks, and EKS Auth's codes for what fails. STS is asked only about a
//! token that is the cluster's, for this agent, signed and of now: whatever a pod sends, at most its
//! own service account's role is assumed.

mod annotations;
mod associations;
mod associations_file;
mod issuer_keys;
mod refusal;
mod role_table;
mod sessions;

use std::pin::Pin;

use attache_identifiers::Issuer;
use attache_oidc::{PodBinding, VerifiedToken};
use aws_types::SdkConfig;

use crate::{AUDIENCE, Clock, CredentialSource, ExchangeError, Issued, PodToken};
use sessions::{Pod, Sessions};

pub use annotations::AnnotatedRoles;
pub use associations::{Association, Associations, AssociationsError};
pub use associations_file::AssociationsFile;
pub use issuer_keys::{IssuerKeys, KeySource};
pub use role_table::RoleTable;

/// How tokens are traded off EKS.
#[derive(Debug)]
pub struct WebIdentitySettings {
    /// How STS is reached: an endpoint's region, without credentials.
    pub config: SdkConfig,
    /// The cluster's name, for the sessions' names and tags.
    pub cluster: Option<String>,
    /// How long a session of an association's role lasts: at most the role's own maximum.
    pub session_duration: time::Duration,
    /// The keys of the cluster's issuer.
    pub keys: IssuerKeys,
    /// Which role a service account has.
    pub roles: RoleTable,
    /// The clock.
    pub clock: Clock,
}

/// Trades tokens by web identity.
#[derive(Debug)]
pub struct WebIdentity {
    keys: IssuerKeys,
    roles: RoleTable,
    sessions: Sessions,
    clock: Clock,
}

impl WebIdentity {
    /// By these settings.
    #[must_use]
    pub fn new(settings: WebIdentitySettings) -> Self {
        let WebIdentitySettings { config, cluster, session_duration, keys, roles, clock } =
            settings;
        let sessions = Sessions::new(config, cluster, session_duration);
        Self { keys, roles, sessions, clock }
    }

    /// The issuer whose tokens are traded.
    #[must_use]
    pub fn issuer(&self) -> &Issuer {
        self.keys.issuer()
    }

    /// The token, once it is the cluster's, for us, signed and of now.
    async fn verify(&self, token: &PodToken) -> Result<VerifiedToken, ExchangeError> {
        let read = token.unverified();
        let refused = |error| ExchangeError::of_token(&error);
        read.require_issuer(&self.keys.issuer().to_string()).map_err(refused)?;
        read.require_audience(&[AUDIENCE]).map_err(refused)?;
        self.keys.verify(read, (self.clock)()).await
    }

    async fn trade(&self, token: &PodToken) -> Result<Issued, ExchangeError> {
        let verified = self.verify(token).await?;
        let invalid = |why: &str| ExchangeError::refused("InvalidTokenException", why);
        let bound = PodBinding::read(verified.claims())
            .ok_or_else(|| invalid("The token is not bound to a pod."))?;
        if verified.subject() != bound.subject() {
            return Err(invalid("The token is not a service account token."));
        }
        let association = self.roles.of(bound.namespace, bound.service_account)?;
        let pod = Pod { token: token.text(), bound, association: &association };
        let credentials = self.sessions.of(&pod).await?;
        Ok(Issued { credentials, association: Some(association) })
    }
}

impl CredentialSource for WebIdentity {
    fn exchange<'a>(
        &'a self,
        token: &'a PodToken,
    ) -> Pin<Box<dyn Future<Output = Result<Issued, ExchangeError>> + Send + 'a>> {
        Box::pin(self.trade(token))
    }

    fn is_current(&self, association: &Association) -> bool {
        self.roles.is_current(association)
    }

    fn prepare(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(self.keys.load())
    }

    fn is_ready(&self) -> bool {
        self.keys.are_known() && self.roles.is_known()
    }
}
