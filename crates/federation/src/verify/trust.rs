//! Whether a role's trust policy allows the token, as AWS decides it, and where it does not, why.

use names::{Issuer, ProviderArn};
use policy::{Context, Kind, Policy, Principal, Request};
use token::Unverified;

use crate::observe::ObservedRole;

use super::chain::Leg;
use super::check::Checks;

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
pub(super) fn check(
    checks: &mut Checks,
    leg: &Leg,
    role: &ObservedRole,
    issuer: &Issuer,
    provider: &ProviderArn,
    claims: &Claims,
) {
    let trust = match Policy::parse(&role.trust, Kind::Trust) {
        Ok(trust) => trust.named(format!("trust policy of {}", leg.role.name())),
        Err(invalid) => {
            let detail = format!("it is no policy: {invalid}");
            checks.fail("trust policy", detail, "`attache plan` shows what it should be");
            return;
        }
    };
    let decision = policy::evaluate_trust(&trust, &request(leg, issuer, provider, claims));
    if decision.is_allowed() {
        checks.ok("trust policy", "allows the token's issuer, subject and audience");
    } else {
        let detail = format!("does not allow the token\n{}", decision.explanation());
        checks.fail(
            "trust policy",
            detail,
            "`attache plan` shows the difference, `apply` mends it",
        );
    }
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
