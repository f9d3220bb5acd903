//! From the token file, or the container's credentials, to a session with an identity.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use attache_aws_accounts::{CallFailure, ContainerCredentials, bounded_client};
use attache_identifiers::{AccountId, Arn, PrincipalArn, Region, RoleArn, Secret, displayable};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_sts::config::{BehaviorVersion, Region as SdkRegion};
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::http::{SharedHttpClient, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use time::OffsetDateTime;

use super::{Evidence, Session, SessionError, TokenFileError, jitter, renewal_time};
use crate::{Clock, LONGEST_MESSAGE};

/// Ours: STS answers in well under a second; a region that is away must not hold a scrape up.
const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(10);

/// Ours: attempts of one call, first one included. What still fails is tried at the next scrape.
const ATTEMPTS: u32 = 4;

/// STS's: the longest token that it takes.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html>
const MAX_TOKEN_BYTES: u64 = 20_000;

/// Ours: an answer of STS. A session with the largest token and tags has some ten thousand bytes.
const MAX_ANSWER_BYTES: usize = 1024 * 1024;

/// Ours: how long credentials are used whose end is not told.
const UNKNOWN_LIFE: time::Duration = time::Duration::minutes(15);

/// AWS's: no ARN is longer.
const LONGEST_ARN: usize = 2_048;

/// What the accounts' roles are assumed with.
#[derive(Debug, Clone)]
pub enum SessionSource {
    /// The projected token in a file, read anew for each session.
    Token(PathBuf),
    /// The credentials that the pod has of its own, such as those of a Pod Identity agent.
    Container(ContainerCredentials),
}

impl From<PathBuf> for SessionSource {
    fn from(token_file: PathBuf) -> Self {
        Self::Token(token_file)
    }
}

/// Assumes roles.
#[derive(Debug, Clone)]
pub(crate) struct Assumer {
    source: SessionSource,
    endpoint_url: Option<String>,
    http: SharedHttpClient,
    session_name: String,
    pub(crate) clock: Clock,
}

impl Assumer {
    pub(crate) fn new(
        source: SessionSource,
        endpoint_url: Option<String>,
        connector: SharedHttpConnector,
        clock: Clock,
    ) -> Self {
        let http = bounded_client(connector, MAX_ANSWER_BYTES);
        // In CloudTrail this distinguishes one mediator's calls from another's.
        let session_name = format!("attache-{:08x}", rand::random::<u32>());
        Self { source, endpoint_url, http, session_name, clock }
    }

    /// Assumes the role in the region's own STS endpoint, and calls `GetCallerIdentity` with the session.
    ///
    /// Regional, because sessions of the global endpoint are not valid in opt-in regions.
    pub(crate) async fn assume(
        &self,
        role: &RoleArn,
        home: &Region,
    ) -> Result<Session, (SessionError, Evidence)> {
        match &self.source {
            SessionSource::Token(path) => self.assume_with_token(path, role, home).await,
            SessionSource::Container(own) => self.assume_with_credentials(own, role, home).await,
        }
    }

    /// Reads the token anew, and trades it.
    async fn assume_with_token(
        &self,
        path: &Path,
        role: &RoleArn,
        home: &Region,
    ) -> Result<Session, (SessionError, Evidence)> {
        let token = read_token(path.to_owned()).await.map_err(|source| {
            let path = path.to_owned();
            (SessionError::NoToken { path, source: Arc::new(source) }, Evidence::default())
        })?;
        let evidence = Evidence::of(token.expose());
        let hidden = [token.expose()];
        let assumed_at = self.clock.now();
        let answer = aws_sdk_sts::Client::from_conf(self.config(home, None))
            .assume_role_with_web_identity()
            .role_arn(role.to_string())
            .role_session_name(&self.session_name)
            .web_identity_token(token.expose())
            .send()
            .await;
        let answer = answer.map_err(|e| (refused(&e, &hidden), evidence.clone()))?;
        let provider = answer.provider().map(|name| displayable(name, &hidden, LONGEST_ARN));
        let session =
            self.session(answer.credentials(), home, &hidden, assumed_at, &evidence).await;
        match session {
            Ok(session) => Ok(Session { provider, ..session }),
            Err(refused) => Err((refused, evidence)),
        }
    }

    /// Assumes the role with credentials of the pod's own. Those of the role itself are used as they are: a role
    /// need not trust itself.
    async fn assume_with_credentials(
        &self,
        own: &ContainerCredentials,
        role: &RoleArn,
        home: &Region,
    ) -> Result<Session, (SessionError, Evidence)> {
        let none = |error| (error, Evidence::default());
        let own = own
            .fetch()
            .await
            .map_err(|error| none(SessionError::NoCredentials { source: error }))?;
        let assumed_at = self.clock.now();
        let identified = self.identity(home, own.clone()).await;
        let (identity, account) = identified.map_err(|error| match error {
            SessionError::Identity { why } => none(SessionError::SourceIdentity { why }),
            other => none(other),
        })?;
        let evidence = Evidence::of_credentials(&identity);
        if is_session_of(&identity, role) {
            let end = own.expiry().map(OffsetDateTime::from);
            let expires_at = end.unwrap_or(assumed_at + UNKNOWN_LIFE);
            return Ok(Session {
                credentials: own,
                identity_arn: displayable(&identity.to_string(), &[], LONGEST_ARN),
                account,
                partition: identity.partition().clone(),
                provider: None,
                evidence,
                expires_at,
                renew_at: renewal_time(assumed_at, expires_at, jitter()),
            });
        }
        let keys = own.clone();
        let hidden = [keys.secret_access_key(), keys.session_token().unwrap_or_default()];
        let answer = aws_sdk_sts::Client::from_conf(self.config(home, Some(own)))
            .assume_role()
            .role_arn(role.to_string())
            .role_session_name(&self.session_name)
            .send()
            .await;
        let answer = answer.map_err(|e| (refused(&e, &hidden), evidence.clone()))?;
        let session =
            self.session(answer.credentials(), home, &hidden, assumed_at, &evidence).await;
        session.map_err(|refused| (refused, evidence))
    }

    /// The session that STS gave, with its identity.
    async fn session(
        &self,
        given: Option<&aws_sdk_sts::types::Credentials>,
        home: &Region,
        hidden: &[&str],
        assumed_at: OffsetDateTime,
        evidence: &Evidence,
    ) -> Result<Session, SessionError> {
        let Some(given) = given else {
            return Err(SessionError::Identity { why: "STS gave no credentials".to_owned() });
        };
        let expires = std::time::SystemTime::try_from(*given.expiration())
            .map_err(|e| SessionError::Identity { why: format!("the session's end: {e}") })?;
        let credentials = Credentials::new(
            given.access_key_id(),
            given.secret_access_key(),
            Some(given.session_token().to_owned()),
            Some(expires),
            "attache",
        );
        let identified = self.identity(home, credentials.clone()).await;
        let (identity_arn, account) = identified?;
        let partition = identity_arn.partition().clone();
        let expires_at = OffsetDateTime::from(expires);
        Ok(Session {
            credentials,
            identity_arn: displayable(&identity_arn.to_string(), hidden, LONGEST_ARN),
            account,
            partition,
            provider: None,
            evidence: evidence.clone(),
            expires_at,
            renew_at: renewal_time(assumed_at, expires_at, jitter()),
        })
    }

    /// Whose the credentials are. No policy can deny this call.
    async fn identity(
        &self,
        home: &Region,
        credentials: Credentials,
    ) -> Result<(Arn, AccountId), SessionError> {
        let keys = credentials.clone();
        let secrets = &[keys.secret_access_key(), keys.session_token().unwrap_or_default()];
        let config = self.config(home, Some(credentials));
        let answer = aws_sdk_sts::Client::from_conf(config).get_caller_identity().send().await;
        let failed = |why: String| SessionError::Identity {
            why: displayable(&why, secrets, LONGEST_MESSAGE),
        };
        let answer = answer.map_err(|e| failed(CallFailure::hiding(&e, secrets).to_string()))?;
        let account = AccountId::parse(answer.account().unwrap_or_default());
        let account = account.map_err(|e| failed(e.to_string()))?;
        let arn =
            Arn::parse(answer.arn().unwrap_or_default()).map_err(|e| failed(e.to_string()))?;
        Ok((arn, account))
    }

    fn config(&self, home: &Region, credentials: Option<Credentials>) -> aws_sdk_sts::Config {
        let timeouts = TimeoutConfig::builder().operation_attempt_timeout(TIMEOUT).build();
        let mut config = aws_sdk_sts::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(SdkRegion::new(home.to_string()))
            .http_client(self.http.clone())
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
            .timeout_config(timeouts);
        config.set_endpoint_url(self.endpoint_url.clone());
        config.set_credentials_provider(credentials.map(SharedCredentialsProvider::new));
        config.build()
    }
}

/// The token as the file has it now. A little more than a token is read: white space around it.
async fn read_token(path: PathBuf) -> Result<Secret, TokenFileError> {
    let read = move || attache_files::read_text(&path, 2 * MAX_TOKEN_BYTES);
    let text = tokio::task::spawn_blocking(read).await??;
    Ok(Secret::new(text.trim()))
}

/// Whether the identity is a session of the role.
fn is_session_of(identity: &Arn, role: &RoleArn) -> bool {
    let identity = PrincipalArn::parse(&identity.to_string());
    matches!(identity, Ok(PrincipalArn::Session(session)) if session.is_of(role))
}

/// What a failed assumption means. Neither STS nor the SDK is trusted to keep what is secret to itself.
fn refused<E>(error: &SdkError<E, HttpResponse>, hidden: &[&str]) -> SessionError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match CallFailure::hiding(error, hidden) {
        CallFailure::Refused { code, message, .. } => SessionError::from_sts(&code, &message),
        failure => SessionError::Unreachable { why: failure.to_string() },
    }
}
