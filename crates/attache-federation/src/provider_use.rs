//! Whether a role's trust policy could allow tokens of an OIDC provider.
//!
//! The document is parsed, never searched as text: `\/` and `/` are the same. What is unclear counts as
//! a use, and what cannot be read is unknown: the answer decides whether a provider may be deleted.

use attache_identifiers::ProviderArn;
use attache_policy::syntax::{Condition, Effect, PrincipalKind, Statement};
use attache_policy::{Kind, Pattern, Policy, widen_variables};

/// Whether a trust policy uses a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ProviderUse {
    /// Nothing in it could use the provider.
    None,
    /// It is not a policy that can be read.
    Unknown,
    /// It names the provider, or could match it.
    Possible,
}

/// Reads the trust policy.
pub(crate) fn provider_use(trust: &str, provider: &ProviderArn) -> ProviderUse {
    let Ok(policy) = Policy::parse(trust, Kind::Trust) else { return ProviderUse::Unknown };
    let used = policy.statements().iter().any(|statement| may_use(statement, provider));
    if used { ProviderUse::Possible } else { ProviderUse::None }
}

fn may_use(statement: &Statement, provider: &ProviderArn) -> bool {
    if statement.effect == Effect::Deny {
        return false;
    }
    // `NotPrincipal` with Allow is every other principal.
    let by_principal = statement.principal.as_ref().is_none_or(|principals| {
        principals.negated
            || principals.list.iter().any(|(kind, name)| match kind {
                PrincipalKind::Anyone => true,
                PrincipalKind::Federated => may_mean(&name.text, provider),
                _ => false,
            })
    });
    by_principal || statement.conditions.iter().any(|condition| is_about(condition, provider))
}

/// Whether a condition is about the provider: by its claims, which a session keeps when it goes on
/// to another role, or by `aws:FederatedProvider`.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif>
fn is_about(condition: &Condition, provider: &ProviderArn) -> bool {
    let claims = format!("{}:", provider.host_and_path().to_lowercase());
    let mut values = condition.values.iter();
    condition.key.text.to_lowercase().starts_with(&claims)
        || condition.is_on("aws:FederatedProvider")
            && values.any(|value| may_mean(&value.text, provider))
}

/// Whether a text could mean the provider: letters without case, `*` and `?` as patterns and
/// variables as any text, for what it takes too much only keeps a provider.
fn may_mean(text: &str, provider: &ProviderArn) -> bool {
    let pattern = Pattern::new(&widen_variables(&text.to_lowercase()));
    pattern.matches(&provider.to_string().to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROVIDER: &str = "arn:aws:iam::222222222222:oidc-provider/oidc.example/id/A";

    fn allow(principal: &str, more: &str) -> String {
        format!(
            r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", {principal},
               "Action": "sts:AssumeRoleWithWebIdentity"{more}}}]}}"#
        )
    }

    fn federated(text: &str) -> String {
        allow(&format!(r#""Principal": {{"Federated": {text}}}"#), "")
    }

    #[test]
    fn a_provider_is_used_by_what_could_use_it() {
        use ProviderUse::{None, Possible, Unknown};
        let escaped = PROVIDER.replace('/', r"\/");
        let unicode = PROVIDER.replace("oidc-provider", r"\u006fidc-provider");
        let aws = r#""Principal": {"AWS": "222222222222"}"#;
        let cases = [
            ("its ARN", federated(&format!("\"{PROVIDER}\"")), Possible),
            ("with escaped slashes", federated(&format!("\"{escaped}\"")), Possible),
            ("with a unicode escape", federated(&format!("\"{unicode}\"")), Possible),
            (
                "in a list",
                federated(&format!("[\"cognito-identity.amazonaws.com\", \"{PROVIDER}\"]")),
                Possible,
            ),
            ("every provider", federated("\"*\""), Possible),
            (
                "a pattern",
                federated("\"arn:aws:iam::222222222222:oidc-provider/oidc.*\""),
                Possible,
            ),
            (
                "another one",
                federated("\"arn:aws:iam::222222222222:oidc-provider/oidc.example/id/AB\""),
                None,
            ),
            ("a longer one", federated(&format!("\"{PROVIDER}/x\"")), None),
            ("an account", allow(aws, ""), None),
            ("a service", allow(r#""Principal": {"Service": "ec2.amazonaws.com"}"#, ""), None),
            (
                "a chained session by the provider's pattern",
                allow(
                    aws,
                    r#", "Condition": {"StringLike": {"aws:federatedprovider": "*oidc.example*"}}"#,
                ),
                Possible,
            ),
            (
                "a chained session by a variable",
                allow(
                    aws,
                    r#", "Condition": {"StringLike": {"aws:FederatedProvider": "arn:aws:iam::${aws:PrincipalAccount}:oidc-provider/oidc.example/id/A"}}"#,
                ),
                Possible,
            ),
            (
                "a chained session by a claim",
                allow(aws, r#", "Condition": {"StringEquals": {"OIDC.example/id/A:sub": "x"}}"#),
                Possible,
            ),
            (
                "another issuer's claim",
                allow(aws, r#", "Condition": {"StringEquals": {"oidc.example/id/AB:sub": "x"}}"#),
                None,
            ),
            ("a Deny", federated(&format!("\"{PROVIDER}\"")).replace("Allow", "Deny"), None),
            ("no JSON", "{".to_owned(), Unknown),
            ("no policy", "{}".to_owned(), Unknown),
            ("nothing", String::new(), Unknown),
        ];
        let provider = ProviderArn::parse(PROVIDER).unwrap();
        for (name, trust, expected) in cases {
            assert_eq!(provider_use(&trust, &provider), expected, "{name}: {trust}");
        }
    }
}
