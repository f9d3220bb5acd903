//! From the token file to a session with an identity.

use std::path::PathBuf;
use std::sync::Arc;

use attache_aws_accounts::{CallFailure, bounded_client};
use attache_identifiers::{AccountId, Arn, Region, RoleArn, Secret, displayable};
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

/// AWS's: no ARN is longer.
const LONGEST_ARN: usize = 2_048;

/// Assumes roles with the token in a file.
#[derive(Debug, Clone)]
pub(crate) struct Assumer {
    token_file: PathBuf,
    endpoint_url: Option<String>,
    http: SharedHttpClient,
    session_name: String,
    pub(crate) clock: Clock,
}

impl Assumer {
    pub(crate) fn new(
        token_file: PathBuf,
        endpoint_url: Option<String>,
        connector: SharedHttpConnector,
        clock: Clock,
    ) -> Self {
        let http = bounded_client(connector, MAX_ANSWER_BYTES);
        // In CloudTrail this distinguishes one mediator's calls from another's.
        let session_name = format!("attache-{:08x}", rand::random::<u32>());
        Self { token_file, endpoint_url, http, session_name, clock }
    }

    /// Reads the token anew, assumes the role in the region's own STS endpoint, and calls
    /// `GetCallerIdentity` with the session.
    ///
    /// Regional, because sessions of the global endpoint are not valid in opt-in regions.
    pub(crate) async fn assume(
        &self,
        role: &RoleArn,
        home: &Region,
    ) -> Result<Session, (SessionError, Evidence)> {
        let token = self.token().await.map_err(|source| {
            let path = self.token_file.clone();
            (SessionError::NoToken { path, source: Arc::new(source) }, Evidence::default())
        })?;
        let evidence = Evidence::of(token.expose());
        match self.session(role, home, &token, &evidence).await {
            Ok(session) => Ok(session),
            Err(refused) => Err((refused, evidence)),
        }
    }

    /// The token as the file has it now. A little more than a token is read: white space around it.
    async fn token(&self) -> Result<Secret, TokenFileError> {
        let path = self.token_file.clone();
        let read = move || attache_files::read_text(&path, 2 * MAX_TOKEN_BYTES);
        let text = tokio::task::spawn_blocking(read).await??;
        Ok(Secret::new(text.trim()))
    }

    async fn session(
        &self,
        role: &RoleArn,
        home: &Region,
        token: &Secret,
        evidence: &Evidence,
    ) -> Result<Session, SessionError> {
        let assumed_at = self.clock.now();
        let answer = aws_sdk_sts::Client::from_conf(self.config(home, None))
            .assume_role_with_web_identity()
            .role_arn(role.to_string())
            .role_session_name(&self.session_name)
            .web_identity_token(token.expose())
            .send()
            .await
            .map_err(|e| refused(&e, token))?;
        let Some(given) = answer.credentials() else {
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
        let (identity_arn, account) = self.identity(home, credentials.clone()).await?;
        let partition = identity_arn.partition().clone();
        let expires_at = OffsetDateTime::from(expires);
        Ok(Session {
            credentials,
            identity_arn: displayable(&identity_arn.to_string(), &[token.expose()], LONGEST_ARN),
            account,
            partition,
            provider: answer
                .provider()
                .map(|provider| displayable(provider, &[token.expose()], LONGEST_ARN)),
            evidence: evidence.clone(),
            expires_at,
            renew_at: renewal_time(assumed_at, expires_at, jitter()),
        })
    }

    /// The session's identity. No policy can deny this call.
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

/// What a failed assumption means. Neither STS nor the SDK is trusted to keep the token to itself.
fn refused<E>(error: &SdkError<E, HttpResponse>, token: &Secret) -> SessionError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match CallFailure::hiding(error, &[token.expose()]) {
        CallFailure::Refused { code, message, .. } => SessionError::from_sts(&code, &message),
        failure => SessionError::Unreachable { why: failure.to_string() },
    }
}
