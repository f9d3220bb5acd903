//! `AssumeRoleForPodIdentity` of EKS Auth, which the node signs for a pod.
//!
//! The SDK's own type drops what it does not know. So the answer is read a second time, and its other
//! members are kept: a later one is for the pod, whose SDK may know it.
//!
//! <https://docs.aws.amazon.com/eks/latest/APIReference/API_auth_AssumeRoleForPodIdentity.html>

use std::sync::{Arc, Mutex, PoisonError};

use attache_identifiers::Secret;
use aws_config::SdkConfig;
use aws_sdk_eksauth::error::SdkError;
use aws_sdk_eksauth::operation::assume_role_for_pod_identity::AssumeRoleForPodIdentityError;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use serde_json::{Map, Value};
use time::OffsetDateTime;

/// Ours: EKS Auth answers in well under a second; a pod's SDK waits two for its first attempt.
const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(5);

/// Ours: attempts of one call, the first included. The pod asks again, too.
const ATTEMPTS: u32 = 2;

/// The members of the answer that are not for the pod.
const KNOWN: [&str; 5] =
    ["subject", "audience", "podIdentityAssociation", "assumedRoleUser", "credentials"];

/// The members of its `credentials` that have a field here.
const KNOWN_CREDENTIALS: [&str; 4] =
    ["sessionToken", "secretAccessKey", "accessKeyId", "expiration"];

/// A session that EKS Auth gave for a pod's token.
#[derive(Debug, Clone)]
pub struct PodSession {
    /// `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`.
    pub assumed_role_arn: String,
    /// The association that named the role.
    pub association_id: String,
    /// The access key id.
    pub access_key_id: String,
    /// The secret access key.
    pub secret_access_key: Secret,
    /// The session token.
    pub session_token: Secret,
    /// When the session ends.
    pub expires_at: OffsetDateTime,
    /// What else was answered, by its own names. It can be secret, too.
    pub more: Unknown,
}

/// Members of an answer that are passed on unread.
#[derive(Clone, Default, PartialEq)]
pub struct Unknown(pub Map<String, Value>);

/// Their names alone.
impl std::fmt::Debug for Unknown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Trades a pod's token for a session, with the configuration's credentials and region.
///
/// # Errors
/// The SDK's own, boxed because it is large.
pub async fn assume_role_for_pod_identity(
    config: &SdkConfig,
    cluster: &str,
    token: &Secret,
) -> Result<PodSession, Box<SdkError<AssumeRoleForPodIdentityError, HttpResponse>>> {
    let timeouts = TimeoutConfig::builder().operation_attempt_timeout(TIMEOUT).build();
    let config = aws_sdk_eksauth::config::Builder::from(config)
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .timeout_config(timeouts)
        .build();
    let answer = Answer::default();
    let call = aws_sdk_eksauth::Client::from_conf(config)
        .assume_role_for_pod_identity()
        .cluster_name(cluster)
        .token(token.expose())
        .customize()
        .interceptor(answer.clone());
    let output = Box::pin(call.send()).await.map_err(Box::new)?;
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let credentials = output.credentials();
    let expires = credentials.map_or(0, |credentials| credentials.expiration().secs());
    Ok(PodSession {
        assumed_role_arn: text(output.assumed_role_user().map(|user| user.arn())),
        association_id: text(output.pod_identity_association().map(|own| own.association_id())),
        access_key_id: text(credentials.map(|own| own.access_key_id())),
        secret_access_key: Secret::new(text(credentials.map(|own| own.secret_access_key()))),
        session_token: Secret::new(text(credentials.map(|own| own.session_token()))),
        expires_at: OffsetDateTime::from_unix_timestamp(expires)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH),
        more: answer.unknown(),
    })
}

/// The answer as it came.
#[derive(Debug, Clone, Default)]
struct Answer(Arc<Mutex<Unknown>>);

impl Answer {
    fn unknown(&self) -> Unknown {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Intercept for Answer {
    fn name(&self) -> &'static str {
        "PodIdentityAnswer"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if context.response().status().is_success() {
            let body = context.response().body().bytes().unwrap_or_default();
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = unknown(body);
        }
        Ok(())
    }
}

/// What is in an answer beside what is known; of two of one name that of the credentials.
fn unknown(body: &[u8]) -> Unknown {
    let Ok(Value::Object(mut answer)) = serde_json::from_slice(body) else {
        return Unknown::default();
    };
    let credentials = match answer.remove("credentials") {
        Some(Value::Object(credentials)) => credentials,
        _ => Map::new(),
    };
    answer.retain(|name, _| !KNOWN.contains(&name.as_str()));
    let of_credentials =
        credentials.into_iter().filter(|(name, _)| !KNOWN_CREDENTIALS.contains(&name.as_str()));
    answer.extend(of_credentials);
    Unknown(answer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_not_known_is_kept_and_not_shown() {
        let body = json!({
            "subject": {"namespace": "a"}, "audience": "x", "podIdentityAssociation": {},
            "assumedRoleUser": {}, "workloadIdentityProviderArn": "arn:aws:x",
            "credentials": {"sessionToken": "t", "secretAccessKey": "s", "accessKeyId": "a",
                            "expiration": 1, "later": {"a": 1}},
        });
        let found = unknown(body.to_string().as_bytes());
        let wanted = json!({"workloadIdentityProviderArn": "arn:aws:x", "later": {"a": 1}});
        assert_eq!(Value::Object(found.0.clone()), wanted);
        assert!(!format!("{found:?}").contains("arn:aws:x"));
        assert_eq!(unknown(b"[]"), Unknown::default());
    }
}
