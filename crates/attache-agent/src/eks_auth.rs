//! On EKS: the cluster's associations are AWS's to keep, and EKS Auth trades the token.

use std::pin::Pin;

use attache_aws_accounts::{CallFailure, PodSession, assume_role_for_pod_identity, status};
use attache_aws_protocol::ServiceError;
use attache_identifiers::{Arn, Secret};
use aws_types::SdkConfig;

use crate::{CredentialSource, ExchangeError, Issued, PodCredentials, PodToken};

/// EKS Auth, called with the node's credentials.
pub struct EksAuth {
    config: SdkConfig,
    cluster: String,
}

impl EksAuth {
    /// For the tokens of a cluster. The configuration has the node's credentials and the region.
    #[must_use]
    pub fn new(config: SdkConfig, cluster: impl Into<String>) -> Self {
        Self { config, cluster: cluster.into() }
    }

    async fn session(&self, token: &Secret) -> Result<PodSession, ExchangeError> {
        let answer = assume_role_for_pod_identity(&self.config, &self.cluster, token).await;
        answer.map_err(|error| match CallFailure::hiding(&error, &[token.expose()]) {
            CallFailure::Refused { code, message, .. } => {
                // Its status is the service's: an answer without one is no answer.
                let status = status(&error).unwrap_or(500);
                ExchangeError::Refused(ServiceError::new(status, code, message))
            }
            failure => ExchangeError::NoAnswer {
                why: format!("could not call eks-auth:AssumeRoleForPodIdentity: {failure}"),
            },
        })
    }
}

/// Only the cluster: the SDK's configuration has its own `Debug`.
impl std::fmt::Debug for EksAuth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EksAuth").field("cluster", &self.cluster).finish_non_exhaustive()
    }
}

impl CredentialSource for EksAuth {
    fn exchange<'a>(
        &'a self,
        token: &'a PodToken,
    ) -> Pin<Box<dyn Future<Output = Result<Issued, ExchangeError>> + Send + 'a>> {
        Box::pin(async move {
            let session = self.session(token.text()).await?;
            let account = Arn::parse(&session.assumed_role_arn).ok().and_then(|arn| arn.account());
            let account = account.ok_or_else(|| ExchangeError::NoAnswer {
                why: "EKS Auth's answer names no account: expected assumedRoleUser.arn".to_owned(),
            })?;
            tracing::debug!(
                association = session.association_id,
                role = session.assumed_role_arn,
                "EKS Auth gave a session"
            );
            let credentials = PodCredentials::new(
                account,
                &session.access_key_id,
                &session.secret_access_key,
                &session.session_token,
                session.expires_at,
                session.more.0,
            );
            Ok(Issued { credentials, association: None })
        })
    }
}
