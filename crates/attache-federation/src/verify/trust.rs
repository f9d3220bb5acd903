//! Whether a role's trust policy allows the workload's call, as AWS decides it, and if not, why.
//!
//! The call is `AssumeRoleWithWebIdentity` with what every such call has. What only the caller decides (where it
//! calls from, the session's name) is not known: a condition on it is neither held for nor against
//! the workload.

use attache_identifiers::{Issuer, ProviderArn};
use attache_oidc::UnverifiedToken;
use attache_policy::condition_keys::{
    AssumeRoleKeys, PrincipalKeys, ResourceKeys, add_resource_tags,
};
use attache_policy::syntax::Effect;
use attache_policy::{
    Explanation, Invalid, Kind, Policy, PolicySet, Principal, Request, TokenClaims, WebIdentity,
};
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::observe::ObservedRole;

use super::chain::RoleHop;
use super::open_conditions::{
    KnownKeys, OpenCondition, OpenStatement, add_time, is_older_with_dollars, split,
};

pub(super) const ACTION: &str = "sts:AssumeRoleWithWebIdentity";

/// The claims that the trust policy is evaluated for.
pub(super) struct WorkloadClaims {
    audience: String,
    pub(super) subject: String,
    all: Vec<(String, Value)>,
}

impl WorkloadClaims {
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
        let all = vec![("aud".to_owned(), json!(audience))];
        Self { audience: audience.to_owned(), subject: subject.to_owned(), all }
    }
}

/// What a trust policy says to the workload's call.
#[derive(Debug)]
pub(super) enum TrustAnswer {
    /// It allows it, wherever the workload calls from.
    Allows,
    /// It depends on these conditions.
    Open(Vec<OpenCondition>),
    /// It does not allow it, whatever holds of what is not known.
    Refuses(Box<Explanation>),
    /// It is not a policy.
    Invalid(Invalid),
    /// It cannot be decided with unknown keys, for its `Version` is older and it has a `$`.
    OlderVersion,
}

/// Evaluates the trust policy for the call.
pub(super) fn answer(
    hop: &RoleHop,
    role: &ObservedRole,
    (issuer, provider): (&Issuer, &ProviderArn),
    claims: &WorkloadClaims,
    now: OffsetDateTime,
) -> TrustAnswer {
    let name = format!("trust policy of {}", hop.role.name());
    let trust = match Policy::parse(&role.trust, Kind::Trust) {
        Ok(trust) => trust.named(name),
        Err(invalid) => return TrustAnswer::Invalid(invalid),
    };
    let known = known_keys(hop, role, (issuer, provider), claims, now);
    let principal = Principal::WebIdentity { provider_arn: provider.to_string() };
    decide(&trust, hop, known, (principal, ACTION))
}

/// Decides a call of which all that is not known is the caller's.
pub(super) fn decide(
    trust: &Policy,
    hop: &RoleHop,
    known: KnownKeys,
    (principal, action): (Principal, &str),
) -> TrustAnswer {
    let split = match split(trust, &known) {
        Ok(split) => split,
        Err(invalid) => return TrustAnswer::Invalid(invalid),
    };
    let request = Request {
        principal,
        action: action.to_owned(),
        resource: hop.role.to_string(),
        resource_account: Some(hop.role.account()),
        context: known.context,
    };
    if !split.open.is_empty() && is_older_with_dollars(trust) {
        return TrustAnswer::OlderVersion;
    }
    let best = PolicySet::from(split.best);
    let decision = attache_policy::evaluate_trust(&best, &request);
    if !decision.is_allowed() {
        return TrustAnswer::Refuses(Box::new(decision.explain()));
    }
    let worst = PolicySet::from(split.worst);
    if attache_policy::evaluate_trust(&worst, &request).is_allowed() {
        return TrustAnswer::Allows;
    }
    let relevant = split.open.into_iter().filter(|open| applies(open, &request));
    TrustAnswer::Open(relevant.flat_map(|open| open.conditions).collect())
}

/// Whether a statement's other elements match the call.
fn applies(open: &OpenStatement, request: &Request) -> bool {
    use attache_policy::{Denial, Outcome};
    let alone = PolicySet::from(open.alone.clone());
    let outcome = attache_policy::evaluate_trust(&alone, request).outcome();
    let denies = open.alone.statements().iter().any(|own| own.effect == Effect::Deny);
    match outcome {
        Outcome::Allowed { .. } => true,
        Outcome::Denied(Denial::Explicit(_)) => denies,
        Outcome::Denied(Denial::Implicit(_)) => false,
    }
}

/// What every such call of the workload has.
fn known_keys(
    hop: &RoleHop,
    role: &ObservedRole,
    (issuer, provider): (&Issuer, &ProviderArn),
    claims: &WorkloadClaims,
    now: OffsetDateTime,
) -> KnownKeys {
    let account = hop.role.account();
    let provider = provider.to_string();
    let mut known = KnownKeys::default();
    known.context.add_web_identity(&WebIdentity {
        provider_arn: &provider,
        issuer: issuer.host_and_path(),
        audience: &claims.audience,
        subject: &claims.subject,
        claims: &claims.all,
        account,
    });
    let principal = Principal::WebIdentity { provider_arn: provider.clone() };
    let own =
        PrincipalKeys { federated_provider: Some(&provider), ..PrincipalKeys::of(&principal) };
    own.add_to(&mut known);
    add_time(&mut known, now, hop.region.as_ref().map(attache_identifiers::Region::as_str));
    ResourceKeys { account, organization: None }.add_to(&mut known);
    let tags = role.tags.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    add_resource_tags(&mut known, Some("iam"), tags);
    // Every call has a name for its session: the one that is tried here stands for it.
    let call = AssumeRoleKeys {
        session_name: Some(super::session::SESSION_NAME),
        ..AssumeRoleKeys::default()
    };
    // A claim that AWS refuses is the token's own check.
    TokenClaims::read(&claims.all).unwrap_or_default().add_to(&mut known, call);
    known
}
