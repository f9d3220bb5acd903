//! Whether a role's trust policy could let somebody in by an OIDC provider.
//!
//! The document is read, never searched as text: `\/` and `/` are one text. What is
//! not plain counts as a use, and what cannot be read is not known: the answer decides whether a
//! provider may be deleted.

use attache_identifiers::ProviderArn;
use attache_policy::{Kind, Policy};
use serde_json::{Map, Value};

/// What a trust policy says of a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ProviderUse {
    /// Nothing in it could use the provider.
    None,
    /// It is not a policy that can be read.
    Unknown,
    /// It names the provider, or could take it in.
    Possible,
}

/// Reads the trust policy.
pub(crate) fn provider_use(trust: &str, provider: &ProviderArn) -> ProviderUse {
    let read = serde_json::from_str::<Value>(trust).ok();
    let Some(document) = read.filter(|_| Policy::parse(trust, Kind::Trust).is_ok()) else {
        return ProviderUse::Unknown;
    };
    let statements = match document.get("Statement") {
        Some(Value::Array(list)) => list.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    let uses = |statement: &Value| statement.as_object().is_none_or(|own| takes(own, provider));
    if statements.iter().any(uses) { ProviderUse::Possible } else { ProviderUse::None }
}

fn takes(statement: &Map<String, Value>, provider: &ProviderArn) -> bool {
    if statement.get("Effect").and_then(Value::as_str) == Some("Deny") {
        return false;
    }
    let principal = statement.get("Principal");
    let by_principal = match principal {
        // `NotPrincipal` with Allow is everybody else.
        None => true,
        Some(Value::String(_)) => true,
        Some(Value::Object(kinds)) => {
            let of_kind = |kind: &str| kinds.get(kind).into_iter().flat_map(texts);
            of_kind("Federated").any(|text| fits(text, &provider.to_string()))
        }
        Some(_) => true,
    };
    by_principal || statement.get("Condition").is_some_and(|own| asks_for(own, provider))
}

/// Whether a condition asks for the provider: by its claims, which a session keeps when it goes on
/// to another role, or by `aws:FederatedProvider`.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif>
fn asks_for(condition: &Value, provider: &ProviderArn) -> bool {
    let claims = format!("{}:", provider.host_and_path().to_lowercase());
    let keys = condition.as_object().into_iter().flat_map(Map::values);
    let mut keys = keys.filter_map(Value::as_object).flatten();
    keys.any(|(key, values)| {
        let key = key.to_lowercase();
        let provider = provider.to_string();
        key.starts_with(&claims)
            || key == "aws:federatedprovider" && texts(values).any(|text| fits(text, &provider))
    })
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let list = value.as_array().map_or_else(|| std::slice::from_ref(value), Vec::as_slice);
    list.iter().filter_map(Value::as_str)
}

/// Whether a text could mean the ARN: letters without case, `*` and `?` as patterns and
/// variables as any text, for what it takes too much only keeps a provider.
fn fits(pattern: &str, arn: &str) -> bool {
    let mut plain = String::new();
    let mut rest = pattern;
    while let Some((before, from)) = rest.split_once("${") {
        plain.push_str(before);
        plain.push('*');
        rest = from.split_once('}').map_or("", |(_, behind)| behind);
    }
    plain.push_str(rest);
    glob(plain.to_lowercase().as_bytes(), arn.to_lowercase().as_bytes())
}

/// The usual two marks; the last `*` takes more when what follows does not fit.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                back = Some((p, t));
                p += 1;
            }
            Some(own) if *own == b'?' || text.get(t) == Some(own) => {
                p += 1;
                t += 1;
            }
            _ => match back {
                Some((star, from)) => {
                    back = Some((star, from + 1));
                    p = star + 1;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern.get(p..).unwrap_or_default().iter().all(|own| *own == b'*')
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
        for (name, trust, wanted) in cases {
            assert_eq!(provider_use(&trust, &provider), wanted, "{name}: {trust}");
        }
    }
}
