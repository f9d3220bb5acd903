//! Whether a role's trust policy allows the token, as AWS decides it, and where it does not, why.

use names::{Issuer, ProviderArn};
use policy::{Context, Kind, Policy, PolicySet, Principal, Request};
use token::Unverified;

use crate::observe::ObservedRole;

use super::chain::Leg;

const ACTION: &str = "sts:AssumeRoleWithWebIdentity";

/// The claims that become condition keys.
pub(super) struct Claims(Vec<(String, Vec<String>)>);

impl Claims {
    /// Those of a token. Nested claims, such as `kubernetes.io`, reach no key.
    pub(super) fn of(token: &Unverified, audience: &str) -> Self {
        let scalar = |value: &serde_json::Value| match value {
            serde_json::Value::String(text) => Some(text.clone()),
            serde_json::Value::Bool(_) | serde_json::Value::Number(_) => Some(value.to_string()),
            _ => None,
        };
        let values = |value: &serde_json::Value| -> Vec<String> {
            match value.as_array() {
                Some(list) => list.iter().filter_map(scalar).collect(),
                None => scalar(value).into_iter().collect(),
            }
        };
        let claims = token.claims().iter().map(|(name, value)| (name.clone(), values(value)));
        let claims = claims.filter(|(name, values)| name != "aud" && !values.is_empty());
        let audience = token.audience().unwrap_or(audience).to_owned();
        Self(claims.chain([("aud".to_owned(), vec![audience])]).collect())
    }

    /// Those of the workload that a federation expects.
    pub(super) fn expected(subject: &str, audience: &str) -> Self {
        let claim = |name: &str, value: &str| (name.to_owned(), vec![value.to_owned()]);
        Self(vec![claim("sub", subject), claim("aud", audience)])
    }
}

/// Evaluates the trust policy for the claims.
///
/// # Errors
/// Why it does not allow them: a sentence, then the policy's own explanation.
pub(super) fn judge(
    leg: &Leg,
    role: &ObservedRole,
    issuer: &Issuer,
    provider: &ProviderArn,
    claims: &Claims,
) -> Result<(), String> {
    let trust = Policy::parse(&role.trust, Kind::Trust)
        .map_err(|invalid| format!("it is no policy: {invalid}"))?
        .named(format!("trust policy of {}", leg.role.name()));
    let (trust, request) = (PolicySet::from(trust), request(leg, issuer, provider, claims));
    let decision = policy::evaluate_trust(&trust, &request);
    if decision.is_allowed() {
        return Ok(());
    }
    Err(format!("does not allow the token\n{}", decision.explain()))
}

fn request(leg: &Leg, issuer: &Issuer, provider: &ProviderArn, claims: &Claims) -> Request {
    let provider = provider.to_string();
    let mut context = Context::new();
    for (claim, values) in &claims.0 {
        let key = format!("{}:{claim}", issuer.host_and_path());
        match values.as_slice() {
            [one] => context.set(&key, one.clone()),
            many => context.set_many(&key, many.to_vec()),
        }
    }
    // As AWS was seen to set them while it judges a web identity.
    context.set("aws:FederatedProvider", provider.clone());
    context.set("aws:PrincipalAccount", leg.role.account().to_string());
    context.set("aws:PrincipalType", "User");
    context.set("aws:userid", provider.clone());
    Request {
        principal: Principal::WebIdentity { provider_arn: provider },
        action: ACTION.to_owned(),
        resource: leg.role.to_string(),
        resource_account: Some(leg.role.account()),
        context,
    }
}
