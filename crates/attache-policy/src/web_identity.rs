//! The condition keys of a web identity token.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif>.

use std::borrow::Cow;

use attache_identifiers::AccountId;
use serde_json::Value;

use crate::Context;
use crate::condition_keys::claims_of;

/// A token that is about to be judged by a role's trust policy.
#[derive(Debug, Clone, Copy)]
pub struct WebIdentity<'t> {
    /// The ARN of the provider in the role's account.
    pub provider_arn: &'t str,
    /// The issuer without its scheme, as the provider's keys begin: its host and path.
    pub issuer: &'t str,
    /// The audience that counts: the token's `azp` where there is one, else its `aud`.
    pub audience: &'t str,
    /// The token's subject.
    pub subject: &'t str,
    /// All its claims, each name once.
    pub claims: &'t [(String, Value)],
    /// The role's account.
    pub account: AccountId,
}

impl WebIdentity<'_> {
    /// The token's `amr`, which stays in the session: its texts, or its one text.
    #[must_use]
    pub fn methods(&self) -> Vec<String> {
        let text = |value: &Value| scalar(value).map(Cow::into_owned);
        match claim(self.claims, "amr") {
            Some(Value::Array(items)) => {
                items.iter().map(text).collect::<Option<_>>().unwrap_or_default()
            }
            other => other.and_then(text).into_iter().collect(),
        }
    }
}

impl Context {
    /// The keys that AWS was seen to set while it judges a web identity, the token's claims among
    /// them: `<issuer>:<claim>` for those claims that AWS makes keys of, and for no other.
    pub fn add_web_identity(&mut self, token: &WebIdentity<'_>) {
        self.set("aws:PrincipalAccount", token.account.to_string());
        self.set("aws:PrincipalType", "User");
        self.set("aws:userid", token.provider_arn);
        self.set("aws:FederatedProvider", token.provider_arn);
        let of = token.issuer;
        for name in claims_of(of) {
            match name {
                "aud" => self.set_at(&[of, ":aud"], token.audience),
                "sub" => self.set_at(&[of, ":sub"], token.subject),
                // Which audience counts, `aud` says; this is the token's own.
                "oaud" => self.add_claim(of, name, claim(token.claims, "aud")),
                _ => self.add_claim(of, name, claim(token.claims, name)),
            }
        }
    }

    /// A claim that is text, a number, a bool or a list of those. A structure reaches no key.
    fn add_claim(&mut self, issuer: &str, name: &str, value: Option<&Value>) {
        let key = [issuer, ":", name];
        match value {
            Some(Value::Array(items)) => {
                let values: Option<Vec<_>> = items.iter().map(scalar).collect();
                if let Some(values) = values.filter(|values| !values.is_empty()) {
                    self.set_many_at(&key, values);
                }
            }
            Some(other) => {
                if let Some(text) = scalar(other) {
                    self.set_at(&key, text);
                }
            }
            None => {}
        }
    }
}

/// A claim by its name, or by the names that lead to it: `google/organization_number` is that of
/// the claim `google`.
fn claim<'t>(claims: &'t [(String, Value)], name: &str) -> Option<&'t Value> {
    let find = |name: &str| claims.iter().find(|(own, _)| own == name).map(|(_, value)| value);
    let nested = || name.split_once('/').and_then(|(outer, inner)| find(outer)?.get(inner));
    find(name).or_else(nested)
}

fn scalar(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        Value::Bool(flag) => Some(Cow::Borrowed(if *flag { "true" } else { "false" })),
        _ => None,
    }
}
