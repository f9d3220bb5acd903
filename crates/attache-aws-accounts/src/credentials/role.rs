//! Roles that are assumed through STS, with other credentials or with a token.

use std::path::Path;
use std::time::SystemTime;

use attache_identifiers::Secret;
use aws_config::SdkConfig;
use aws_config::identity::IdentityCache;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_sts::types::Credentials as Given;

use super::Reason;
use crate::connections::sts;
use crate::failure::CallFailure;
use crate::profiles::Role;

/// Our sessions' name where none is given, as CloudTrail shows it.
pub(crate) const SESSION_NAME: &str = "attache";

/// STS's: the longest token that it takes; a little more than a token is read, white space around it.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html>
const MAX_TOKEN_BYTES: u64 = 20_000;

/// `AssumeRole` with these credentials.
pub(super) async fn assume(
    role: &Role,
    with: Credentials,
    config: &SdkConfig,
) -> Result<Credentials, Reason> {
    let config = config
        .to_builder()
        .credentials_provider(SharedCredentialsProvider::new(with))
        .identity_cache(IdentityCache::no_cache())
        .build();
    let call = sts(&config).assume_role().role_arn(&role.arn);
    let call = call.role_session_name(role.session_name.as_deref().unwrap_or(SESSION_NAME));
    let call = call.set_external_id(role.external_id.clone()).set_duration_seconds(role.duration);
    let failed = |failure| Reason::AssumeRole { role: role.arn.clone(), failure };
    let answer = call.send().await.map_err(|error| failed(CallFailure::of(&error)))?;
    given(answer.credentials).ok_or_else(|| failed(nothing()))
}

/// `AssumeRoleWithWebIdentity` with the token that the file has now.
pub(super) async fn assume_with_token(
    role: &Role,
    token_file: &Path,
    config: &SdkConfig,
) -> Result<Credentials, Reason> {
    let path = token_file.to_owned();
    let read = move || attache_files::read_text(&path, 2 * MAX_TOKEN_BYTES);
    let read = tokio::task::spawn_blocking(read).await.map_err(|_| Reason::Stopped)?;
    let token = read.map_err(Reason::TokenFile)?;
    let token = Secret::new(token.trim());
    let mut config = config.to_builder();
    config.set_credentials_provider(None);
    let call = sts(&config.build()).assume_role_with_web_identity().role_arn(&role.arn);
    let call = call.role_session_name(role.session_name.as_deref().unwrap_or(SESSION_NAME));
    let call = call.set_duration_seconds(role.duration).web_identity_token(token.expose());
    let failed = |failure| Reason::AssumeRole { role: role.arn.clone(), failure };
    let answer = call.send().await;
    let answer = answer.map_err(|error| failed(CallFailure::hiding(&error, &[token.expose()])))?;
    given(answer.credentials).ok_or_else(|| failed(nothing()))
}

fn nothing() -> CallFailure {
    CallFailure::NoAnswer { why: "the answer holds no credentials".to_owned() }
}

fn given(keys: Option<Given>) -> Option<Credentials> {
    let keys = keys?;
    let until = SystemTime::try_from(keys.expiration).ok();
    let (id, secret) = (keys.access_key_id, keys.secret_access_key);
    Some(Credentials::new(id, secret, Some(keys.session_token), until, "attache"))
}
