//! Whether a role's trust policy allows the token, as AWS decides it, and if not, why.

use attache_identifiers::{Issuer, ProviderArn};
use attache_oidc::UnverifiedToken;
use attache_policy::{
    Context, Explanation, Invalid, Kind, Policy, PolicySet, Principal, Request, WebIdentity,
};
use serde_json::Value;

use crate::observe::ObservedRole;

use super::chain::RoleHop;

const ACTION: &str = "sts:AssumeRoleWithWebIdentity";

/// The claims that the trust policy is evaluated for.
pub(super) struct TokenClaims {
    audience: String,
    subject: String,
    all: Vec<(String, Value)>,
}

impl TokenClaims {
    /// Those of a token.
    pub(super) fn of(token: &UnverifiedToken, audience: &str) -> Self {
        Self {
            audience: token.audience().unwrap_or(audience).to_owned(),
            subject: token.subject().to_owned(),
            all: token.claims().as_slice().to_vec(),
        }
    }

    /// Those of the workload that a federation expects.
    pub(super) fn expected(subject: &str, audience: &str) -> Self {
        Self { audience: audience.to_owned(), subject: subject.to_owned(), all: Vec::new() }
    }
}

/// Why a trust policy does not let a token in.
#[derive(Debug, thiserror::Error)]
pub(super) enum TrustRefusal {
    /// It is not a policy.
    #[error("it is not a valid trust policy: {0}")]
    Invalid(#[source] Invalid),
    /// It does not allow the claims: a sentence, then the policy's own explanation.
    #[error("does not allow the token\n{0}")]
    NotAllowed(Box<Explanation>),
}

/// Evaluates the trust policy for the claims.
///
/// # Errors
/// [`TrustRefusal`].
pub(super) fn check_trust(
    hop: &RoleHop,
    role: &ObservedRole,
    issuer: &Issuer,
    provider: &ProviderArn,
    claims: &TokenClaims,
) -> Result<(), TrustRefusal> {
    let trust = Policy::parse(&role.trust, Kind::Trust)
        .map_err(TrustRefusal::Invalid)?
        .named(format!("trust policy of {}", hop.role.name()));
    let (trust, request) = (PolicySet::from(trust), request(hop, issuer, provider, claims));
    let decision = attache_policy::evaluate_trust(&trust, &request);
    if decision.is_allowed() {
        return Ok(());
    }
    Err(TrustRefusal::NotAllowed(Box::new(decision.explain())))
}

fn request(
    hop: &RoleHop,
    issuer: &Issuer,
    provider: &ProviderArn,
    claims: &TokenClaims,
) -> Request {
    let provider = provider.to_string();
    let mut context = Context::new();
    context.add_web_identity(&WebIdentity {
        provider_arn: &provider,
        issuer: issuer.host_and_path(),
        audience: &claims.audience,
        subject: &claims.subject,
        claims: &claims.all,
        account: hop.role.account(),
    });
    Request {
        principal: Principal::WebIdentity { provider_arn: provider },
        action: ACTION.to_owned(),
        resource: hop.role.to_string(),
        resource_account: Some(hop.role.account()),
        context,
    }
}
