//! The session for the token: the role is assumed, and the session used once.

use std::time::{Duration, SystemTime};

use attache_aws_accounts::{CallFailure, Connections, Link, sts};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;

use crate::error::{BadAnswer, FederationError};

use super::chain::RoleHop;
use super::check::{Check, Checks};
use super::token::PresentedToken;

/// Our sessions' name, as CloudTrail shows it.
const SESSION_NAME: &str = "attache-verify";

/// Ours: a role made seconds ago refuses at first; how long between two attempts.
const PAUSE: Duration = Duration::from_secs(2);

/// Assumes the role with the token, through the regional endpoint, and reads the session's identity.
pub(super) async fn check(
    hop: &RoleHop,
    token: Option<&PresentedToken>,
    connections: &Connections,
    patience: Duration,
) -> (Vec<Check>, Option<SharedCredentialsProvider>) {
    let mut checks = Checks::new(Link::Session, Some(hop.role.account()));
    let Some(token) = token else {
        checks.not_checked("assume the role", "there is no token");
        return (checks.into_list(), None);
    };
    let credentials = match assume_with_retry(hop, token, connections, patience).await {
        Ok(credentials) => credentials,
        Err(error) => {
            checks.fail("assume the role", error.brief(), remedy(&error));
            return (checks.into_list(), None);
        }
    };
    checks.ok("assume the role", hop.role.to_string());
    let credentials = SharedCredentialsProvider::new(credentials);
    identity(&mut checks, hop, connections, &credentials).await;
    (checks.into_list(), Some(credentials))
}

async fn assume_with_retry(
    hop: &RoleHop,
    token: &PresentedToken,
    connections: &Connections,
    patience: Duration,
) -> Result<Credentials, FederationError> {
    let started = tokio::time::Instant::now();
    loop {
        match assume(hop, token, connections).await {
            // What a role or a trust policy that is not everywhere yet answers.
            Err(error)
                if error.code() == Some("AccessDenied") && started.elapsed() + PAUSE < patience =>
            {
                tokio::time::sleep(PAUSE).await;
            }
            ended => return ended,
        }
    }
}

async fn assume(
    hop: &RoleHop,
    token: &PresentedToken,
    connections: &Connections,
) -> Result<Credentials, FederationError> {
    let attempt = format!("assume the role {} with the token", hop.role.name());
    let account = hop.role.account();
    let sts = sts(&connections.anonymous(hop.region.as_ref()));
    let call = sts.assume_role_with_web_identity().role_arn(hop.role.to_string());
    let call = call.role_session_name(SESSION_NAME).web_identity_token(token.text.expose());
    let answer = call.send().await;
    let answer = answer.map_err(|error| {
        let source = Box::new(CallFailure::hiding(&error, &[token.text.expose()]));
        FederationError::Call { attempt: attempt.clone(), account, source }
    })?;
    let Some(keys) = answer.credentials else {
        let source = BadAnswer::NoCredentials;
        return Err(FederationError::BadAnswer { attempt, account, source });
    };
    let until = SystemTime::try_from(keys.expiration).ok();
    let (id, secret) = (keys.access_key_id, keys.secret_access_key);
    Ok(Credentials::new(id, secret, Some(keys.session_token), until, SESSION_NAME))
}

async fn identity(
    checks: &mut Checks,
    hop: &RoleHop,
    connections: &Connections,
    credentials: &SharedCredentialsProvider,
) {
    let sts = sts(&connections.config(credentials.clone(), hop.region.as_ref()));
    let answer = match sts.get_caller_identity().send().await {
        Ok(answer) => answer,
        Err(error) => {
            let error = FederationError::of("use the session", hop.role.account(), &error);
            checks.fail("identity", error.brief(), "");
            return;
        }
    };
    let (arn, account) = (answer.arn().unwrap_or_default(), answer.account().unwrap_or_default());
    let expected = hop.role.session(SESSION_NAME).to_string();
    if arn == expected && account == hop.role.account().to_string() {
        checks.ok("identity", arn);
    } else {
        let detail = format!("expected {expected}, found {arn} in {account}");
        checks.fail("identity", detail, "check the endpoint: it answered for another role");
    }
}

/// What AWS's sparse messages mean.
fn remedy(error: &FederationError) -> &'static str {
    let Some((code, message)) = error.refusal() else {
        return "see whether STS can be reached from here";
    };
    let says = |part: &str| message.contains(part);
    match code {
        "AccessDenied" => {
            "the role does not exist, was made seconds ago, or its trust policy does not allow \
             this token: see the role's checks"
        }
        "InvalidIdentityToken" if says("No OpenIDConnect provider") => {
            "register the issuer's OIDC provider in the role's account: `attache apply` does"
        }
        "InvalidIdentityToken" if says("audience") || says("could not be validated") => {
            "register the token's audience as a client id of the provider: `attache apply` does"
        }
        "InvalidIdentityToken" if says("verification key") => {
            "the issuer has no such key, or AWS cannot reach its discovery document: it must be \
             public, and answer within 5 s"
        }
        "InvalidIdentityToken" if says("thumbprint") => {
            "set the thumbprint of the issuer's certificate authority on the provider"
        }
        "ExpiredTokenException" => "read the token's file again: the kubelet renews it",
        "IDPCommunicationError" => "the issuer did not answer AWS: try again",
        "RegionDisabledException" => "enable the region for STS in the account, or name another",
        _ => "",
    }
}
