//! The session for the token: the role is assumed, and the session used once.

use std::time::SystemTime;

use attache_aws_accounts::{CallFailure, Connections, FailedCall, sts};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;

use crate::error::{BadAnswer, FederationError};
use crate::patience::Patience;

use super::chain::RoleHop;
use super::check::Checks;
use super::token::PresentedToken;

/// Our sessions' name, as CloudTrail shows it.
pub(super) const SESSION_NAME: &str = "attache-verify";

/// What came of the token.
#[derive(Debug)]
pub(super) enum Session {
    /// There is no token to try.
    NotTried,
    /// STS refused it, or did not answer.
    Refused(FederationError),
    /// A session of this name.
    Made { credentials: SharedCredentialsProvider, name: String },
}

impl Session {
    /// Assumes the role with the token, through the regional endpoint.
    pub(super) async fn make(
        hop: &RoleHop,
        token: Option<&PresentedToken>,
        connections: &Connections,
        (name, patience): (&str, Patience),
    ) -> Self {
        let Some(token) = token else { return Self::NotTried };
        match assume(hop, token, connections, (name, patience)).await {
            Ok(keys) => Self::Made {
                credentials: SharedCredentialsProvider::new(keys),
                name: name.to_owned(),
            },
            Err(error) => Self::Refused(error),
        }
    }

    pub(super) fn credentials(&self) -> Option<SharedCredentialsProvider> {
        match self {
            Self::Made { credentials, .. } => Some(credentials.clone()),
            _ => None,
        }
    }

    pub(super) fn is_made(&self) -> bool {
        matches!(self, Self::Made { .. })
    }
}

async fn assume(
    hop: &RoleHop,
    token: &PresentedToken,
    connections: &Connections,
    (name, patience): (&str, Patience),
) -> Result<Credentials, FederationError> {
    let attempt = format!("assume the role {} with the token", hop.role.name());
    let account = hop.role.account();
    let sts = sts(&connections.anonymous(hop.region.as_ref()));
    let call = sts.assume_role_with_web_identity().role_arn(hop.role.to_string());
    let call = call.role_session_name(name).web_identity_token(token.text.expose());
    let answer = patience.send(|| call.clone().send()).await;
    let answer = answer.map_err(|error| {
        let source = Box::new(CallFailure::hiding(&error, &[token.text.expose()]));
        FailedCall { attempt: attempt.clone(), account, source }
    })?;
    let Some(keys) = answer.credentials else {
        let source = BadAnswer::NoCredentials;
        return Err(FederationError::BadAnswer { attempt, account, source });
    };
    let until = SystemTime::try_from(keys.expiration).ok();
    let (id, secret) = (keys.access_key_id, keys.secret_access_key);
    Ok(Credentials::new(id, secret, Some(keys.session_token), until, SESSION_NAME))
}

/// Reads the session's identity: whether the endpoint answered for this role.
pub(super) async fn identity(
    checks: &mut Checks,
    hop: &RoleHop,
    connections: &Connections,
    (credentials, name): (&SharedCredentialsProvider, &str),
    patience: Patience,
) {
    let sts = sts(&connections.config(credentials.clone(), hop.region.as_ref()));
    let call = sts.get_caller_identity();
    let answer = match patience.send(|| call.clone().send()).await {
        Ok(answer) => answer,
        Err(error) => {
            let error = FederationError::of("use the session", hop.role.account(), &error);
            checks.fail("identity", error.brief(), "");
            return;
        }
    };
    let (arn, account) = (answer.arn().unwrap_or_default(), answer.account().unwrap_or_default());
    let expected = hop.role.session(name).to_string();
    if arn == expected && account == hop.role.account().to_string() {
        checks.ok("identity", arn);
    } else {
        let detail = format!("expected {expected}, found {arn} in {account}");
        checks.fail("identity", detail, "check the endpoint: it answered for another role");
    }
}
