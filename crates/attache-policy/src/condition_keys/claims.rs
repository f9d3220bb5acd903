//! Which claims of a token AWS makes condition keys: `<issuer without https://>:<claim>`.
//!
//! Of an issuer of one's own five, of the shared ones that AWS knows a few more. Every other claim,
//! although it is signed, does not become a key: for a condition on it the key is missing.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif>.

use std::sync::OnceLock;

use crate::actions::{self, placeholders};
use crate::pattern::Pattern;

/// Those of every issuer.
const OF_EVERY_ISSUER: [&str; 5] = ["aud", "sub", "amr", "email", "oaud"];

/// The claims of one shared issuer, or of issuers of one form.
struct Shared {
    /// In lower case.
    issuer: Pattern,
    claims: Vec<&'static str>,
}

/// The claims that are condition keys, of an issuer that is given by its host and path, in any case.
///
/// ```
/// use attache_policy::condition_keys::claims_of;
/// assert_eq!(claims_of("issuer.example/id/A"), ["aud", "sub", "amr", "email", "oaud"]);
/// assert!(claims_of("token.actions.githubusercontent.com").contains(&"repository_id"));
/// ```
#[must_use]
pub fn claims_of(issuer: &str) -> Vec<&'static str> {
    let issuer = issuer.to_lowercase();
    let mut claims = OF_EVERY_ISSUER.to_vec();
    for shared in shared().iter().filter(|shared| shared.issuer.matches(&issuer)) {
        claims.extend(&shared.claims);
    }
    claims
}

/// The issuer and the claim of a condition key that is written as a token's: it begins with a host's
/// name, a scheme before it or not. No service's prefix has a dot.
#[must_use]
pub fn claim_key(key: &str) -> Option<(&str, &str)> {
    let scheme = ["https://", "http://"].into_iter().find(|scheme| key.starts_with(scheme));
    let host = scheme.map_or(0, str::len);
    let rest = key.get(host..)?;
    let (issuer, claim) = rest.split_once(':')?;
    let is_host = issuer.split('/').next().is_some_and(|host| host.contains('.'));
    is_host.then(|| (key.get(..host + issuer.len()).unwrap_or(issuer), claim))
}

/// Whether no request ever has the key, because it is written as a token's and AWS makes no key of
/// that claim.
#[must_use]
pub fn is_no_claim_key(key: &str) -> bool {
    claim_key(key).is_some_and(|(issuer, claim)| {
        issuer.contains("://")
            || !claims_of(issuer).iter().any(|known| known.eq_ignore_ascii_case(claim))
    })
}

/// AWS's Service Authorization Reference has the shared issuers' keys among those of
/// `sts:AssumeRoleWithWebIdentity`.
fn shared() -> &'static [Shared] {
    static SHARED: OnceLock<Vec<Shared>> = OnceLock::new();
    SHARED.get_or_init(|| {
        let keys = actions::service("sts").into_iter().flat_map(actions::Service::all_keys);
        let keys = keys.filter_map(|key| {
            let (issuer, claim) = key.split_once(':')?;
            (issuer.contains('.') && !OF_EVERY_ISSUER.contains(&claim)).then_some((issuer, claim))
        });
        let mut by_issuer = std::collections::BTreeMap::<&str, Vec<&str>>::new();
        for (issuer, claim) in keys {
            let claims = by_issuer.entry(issuer).or_default();
            if !claims.contains(&claim) {
                claims.push(claim);
            }
        }
        let of = |(issuer, claims): (&'static str, _)| Shared {
            issuer: placeholders(&issuer.to_lowercase()),
            claims,
        };
        by_issuer.into_iter().map(of).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_shared_issuer_has_its_own_claims() {
        for (issuer, claim) in [
            ("token.actions.githubusercontent.com", "job_workflow_ref"),
            ("Token.Actions.GithubUserContent.com/octo", "enterprise_id"),
            ("token.actions.octo.ghe.com", "repository"),
            ("gitlab.com", "project_id"),
            ("accounts.google.com", "google/organization_number"),
            ("oidc.circleci.com/org/1234", "oidc.circleci.com/project-id"),
            ("agent.buildkite.com", "pipeline_slug"),
            ("agent.octo.buildkite.dev", "cluster_id"),
            ("idcs-1234.identity.oraclecloud.com", "rpst_id"),
            ("graph.facebook.com", "app_id"),
            ("www.amazon.com", "user_id"),
        ] {
            assert!(claims_of(issuer).contains(&claim), "{issuer}");
            assert!(claims_of(issuer).starts_with(&OF_EVERY_ISSUER), "{issuer}");
            assert!(!claims_of("issuer.example").contains(&claim), "{claim}");
            assert!(!is_no_claim_key(&format!("{issuer}:{claim}")), "{issuer}:{claim}");
        }
        assert!(!claims_of("gitlab.example").contains(&"project_id"));
        assert!(!claims_of("gitlab.com.example").contains(&"project_id"));
        assert!(!claims_of("agent.buildkite.com").contains(&"repository"));
    }

    #[test]
    fn a_key_that_is_a_tokens_is_known_by_its_host() {
        for key in [
            "issuer.example:team",
            "issuer.example/a/b:iss",
            "https://issuer.example:sub",
            "issuer.example:8443/a:sub",
            "issuer.example:kubernetes.io",
            "issuer.example:",
        ] {
            assert!(is_no_claim_key(key), "{key}");
        }
        for key in [
            "issuer.example:SUB",
            "issuer.example/:sub",
            "aws:TagKeys",
            "s3:a.b:c",
            "x",
            "",
            "kms:EncryptionContext:a.b:c",
            "aws:RequestTag/a.b:c",
            "codebuild:cache.modes",
            "saml:iss",
            ":a.b",
        ] {
            assert!(!is_no_claim_key(key), "{key}");
        }
    }
}
