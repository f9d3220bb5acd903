//! From a verified token to a session: of the association's role, then of its target role.

use attache_aws_accounts::{CallFailure, status, sts};
use attache_identifiers::{Arn, RoleArn, Secret};
use attache_oidc::PodBinding;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sts::types::{AssumedRoleUser, Tag};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use serde_json::Map;
use time::OffsetDateTime;

use super::Association;
use super::refusal::StsRefusal;
use crate::{ExchangeError, PodCredentials};

/// Ours: STS answers in well under a second.
const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(5);

/// Ours: attempts of one call, the first included. The pod asks again, too.
const ATTEMPTS: u32 = 3;

/// AWS's: the longest name of a session.
const LONGEST_SESSION_NAME: usize = 64;

/// AWS's: the longest session that another session begins.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining>
const CHAINED_SECONDS: i32 = 3_600;

/// A pod whose token was verified.
pub(super) struct Pod<'p> {
    pub(super) token: &'p Secret,
    pub(super) bound: PodBinding<'p>,
    pub(super) association: &'p Association,
}

/// Begins sessions.
pub(super) struct Sessions {
    /// Without credentials: a token signs the first call.
    anonymous: SdkConfig,
    first: aws_sdk_sts::Client,
    cluster: Option<String>,
    seconds: i32,
}

/// The SDK's configuration has its own `Debug`.
impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sessions").field("cluster", &self.cluster).finish_non_exhaustive()
    }
}

impl Sessions {
    pub(super) fn new(
        config: SdkConfig,
        cluster: Option<String>,
        duration: time::Duration,
    ) -> Self {
        let timeouts = TimeoutConfig::builder().operation_attempt_timeout(TIMEOUT).build();
        let anonymous = config
            .into_builder()
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
            .timeout_config(timeouts)
            .build();
        let first = sts(&anonymous);
        let seconds = i32::try_from(duration.whole_seconds()).unwrap_or(CHAINED_SECONDS);
        Self { anonymous, first, cluster, seconds }
    }

    /// The credentials of the pod.
    pub(super) async fn of(&self, pod: &Pod<'_>) -> Result<PodCredentials, ExchangeError> {
        let name = session_name(self.cluster.as_deref(), pod.bound.pod);
        let first = self.first(pod, &name).await?;
        match &pod.association.target_role {
            None => first.credentials(),
            Some(target) => self.target(pod, &name, &first, target).await?.credentials(),
        }
    }

    async fn first(&self, pod: &Pod<'_>, name: &str) -> Result<Session, ExchangeError> {
        let association = pod.association;
        // A session policy is for the last role.
        let policy = association.policy.clone().filter(|_| association.target_role.is_none());
        let answer = self
            .first
            .assume_role_with_web_identity()
            .role_arn(association.role.to_string())
            .role_session_name(name)
            .web_identity_token(pod.token.expose())
            .duration_seconds(self.seconds)
            .set_policy(policy)
            .send();
        let attempt = format!("assume {} with the pod's token", association.role);
        let answer =
            Box::pin(answer).await.map_err(|e| refused(&attempt, &e, &[pod.token.expose()]))?;
        Session::read(&attempt, answer.assumed_role_user, answer.credentials)
    }

    async fn target(
        &self,
        pod: &Pod<'_>,
        name: &str,
        first: &Session,
        target: &RoleArn,
    ) -> Result<Session, ExchangeError> {
        let (secret, token) = (&first.secret_access_key, &first.session_token);
        let keys = Credentials::new(
            &first.access_key_id,
            secret.expose(),
            Some(token.expose().to_owned()),
            None,
            "association",
        );
        let config = self.anonymous.to_builder();
        let config = config.credentials_provider(SharedCredentialsProvider::new(keys)).build();
        let association = pod.association;
        let tags = if association.disable_session_tags { Vec::new() } else { self.tags(pod) };
        let keys = tags.iter().map(|(key, _)| (*key).to_owned()).collect::<Vec<_>>();
        let attempt = format!("assume {target} with the session of {}", association.role);
        let mut call = sts(&config)
            .assume_role()
            .role_arn(target.to_string())
            .role_session_name(name)
            .duration_seconds(CHAINED_SECONDS)
            .set_external_id(association.external_id.clone())
            .set_policy(association.policy.clone());
        for (key, value) in tags {
            let tag = Tag::builder().key(key).value(value).build();
            let tag = tag.map_err(|e| ExchangeError::NoAnswer { why: e.to_string() })?;
            call = call.tags(tag);
        }
        // All of them pass on, as EKS's do.
        let answer = call.set_transitive_tag_keys((!keys.is_empty()).then_some(keys)).send();
        let secrets = [secret.expose(), token.expose()];
        let answer = Box::pin(answer).await.map_err(|e| refused(&attempt, &e, &secrets))?;
        Session::read(&attempt, answer.assumed_role_user, answer.credentials)
    }

    /// EKS's session tags, those of the cluster where it is known.
    fn tags(&self, pod: &Pod<'_>) -> Vec<(&'static str, String)> {
        let bound = &pod.bound;
        let mut tags = vec![
            ("kubernetes-namespace", bound.namespace.to_owned()),
            ("kubernetes-service-account", bound.service_account.to_owned()),
            ("kubernetes-pod-name", bound.pod.to_owned()),
            ("kubernetes-pod-uid", bound.pod_uid.to_owned()),
        ];
        if let Some(arn) = &pod.association.cluster_arn {
            tags.push(("eks-cluster-arn", arn.clone()));
        }
        if let Some(name) = &self.cluster {
            tags.push(("eks-cluster-name", name.clone()));
        }
        tags
    }
}

/// A session as STS gives it.
struct Session {
    arn: String,
    access_key_id: String,
    secret_access_key: Secret,
    session_token: Secret,
    expires_at: OffsetDateTime,
}

impl Session {
    fn read(
        attempt: &str,
        user: Option<AssumedRoleUser>,
        credentials: Option<aws_sdk_sts::types::Credentials>,
    ) -> Result<Self, ExchangeError> {
        let (Some(user), Some(credentials)) = (user, credentials) else {
            let why = format!("could not {attempt}: STS's answer has no session");
            return Err(ExchangeError::NoAnswer { why });
        };
        let expires = credentials.expiration.secs();
        Ok(Self {
            arn: user.arn,
            access_key_id: credentials.access_key_id,
            secret_access_key: Secret::new(credentials.secret_access_key),
            session_token: Secret::new(credentials.session_token),
            expires_at: OffsetDateTime::from_unix_timestamp(expires)
                .unwrap_or(OffsetDateTime::UNIX_EPOCH),
        })
    }

    fn credentials(&self) -> Result<PodCredentials, ExchangeError> {
        let account = Arn::parse(&self.arn).ok().and_then(|arn| arn.account());
        let account = account.ok_or_else(|| ExchangeError::NoAnswer {
            why: "STS's answer names no account: expected AssumedRoleUser.Arn".to_owned(),
        })?;
        Ok(PodCredentials::new(
            account,
            &self.access_key_id,
            &self.secret_access_key,
            &self.session_token,
            self.expires_at,
            Map::new(),
        ))
    }
}

fn refused<E>(
    attempt: &str,
    error: &SdkError<E, aws_sdk_sts::config::http::HttpResponse>,
    secrets: &[&str],
) -> ExchangeError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match CallFailure::hiding(error, secrets) {
        CallFailure::Refused { code, message, .. } => {
            let status = status(error).unwrap_or(500);
            StsRefusal { attempt, status, code: &code, message: &message }.in_words_of_eks_auth()
        }
        failure => ExchangeError::NoAnswer { why: format!("could not {attempt}: {failure}") },
    }
}

/// `eks-<cluster>-<pod>-<uuid>`, cut in its middle to what a session's name may have: EKS's form, so
/// that CloudTrail is searched alike. <https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html>
fn session_name(cluster: Option<&str>, pod: &str) -> String {
    let unique = uuid::Uuid::new_v4().to_string();
    // A cluster's name has letters, digits, - and _; a pod's also points: all may be in a session's.
    let within = |text: &str, most: usize| text.chars().take(most).collect::<String>();
    let Some(cluster) = cluster else {
        let room = LONGEST_SESSION_NAME.saturating_sub("eks--".len() + unique.len());
        return format!("eks-{}-{unique}", within(pod, room));
    };
    let room = LONGEST_SESSION_NAME.saturating_sub("eks---".len() + unique.len());
    let cluster = within(cluster, room / 2);
    let pod = within(pod, room.saturating_sub(cluster.chars().count()));
    format!("eks-{cluster}-{pod}-{unique}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sessions_name_has_eks_form_and_at_most_64_characters() {
        for (cluster, pod, begins) in [
            (Some("prod"), "web-0", "eks-prod-web-0-"),
            (None, "web-0", "eks-web-0-"),
            (Some(&*"c".repeat(100)), &*"p".repeat(253), "eks-ccccccccccc-ppppppppppp-"),
            (None, &*"p".repeat(253), "eks-ppppppppppppppppppppppp-"),
        ] {
            let name = session_name(cluster, pod);
            assert!(name.starts_with(begins) && name.len() <= 64, "{name}");
            assert!(uuid::Uuid::parse_str(&name[name.len() - 36..]).is_ok(), "{name}");
        }
    }
}
