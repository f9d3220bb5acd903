//! Whether a role's trust policy is the one that lets the token in.

use names::{Issuer, ProviderArn};
use token::Unverified;

use crate::observe::ObservedRole;
use crate::plan::differences;

use super::chain::Leg;
use super::check::Checks;

/// Who asks.
pub(super) struct Claims {
    subject: String,
    audience: String,
}

impl Claims {
    /// A token's.
    pub(super) fn of(token: &Unverified, audience: &str) -> Self {
        Self::expected(token.subject(), token.audience().unwrap_or(audience))
    }

    /// Those of the workload that a federation expects.
    pub(super) fn expected(subject: &str, audience: &str) -> Self {
        Self { subject: subject.to_owned(), audience: audience.to_owned() }
    }
}

/// Compares the trust policy with the one that names exactly these claims.
pub(super) fn check(
    checks: &mut Checks,
    _leg: &Leg,
    role: &ObservedRole,
    issuer: &Issuer,
    provider: &ProviderArn,
    claims: &Claims,
) {
    let wanted = crate::trust_policy(provider, issuer, &claims.subject, &claims.audience);
    let differences = differences("trust policy", &role.trust, &wanted);
    if differences.is_empty() {
        checks.ok("trust policy", "names the token's issuer, subject and audience");
        return;
    }
    let lines: Vec<String> = differences.iter().map(ToString::to_string).collect();
    let detail = format!("differs from the one for this token:\n{}", lines.join("\n"));
    checks.fail("trust policy", detail, "`attache plan` shows the difference, `apply` mends it");
}
