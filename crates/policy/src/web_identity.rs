//! The condition keys of a web identity token.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html>.

use std::borrow::Cow;

use names::AccountId;
use serde_json::Value;

use crate::{Context, Values};

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

impl Context {
    /// The keys that AWS was seen to set while it judges a web identity, the token's claims among
    /// them: `<issuer>:<claim>` for every claim that is text, a number, a bool or a list of those.
    /// A structure, such as a service account's `kubernetes.io`, reaches no key.
    pub fn add_web_identity(&mut self, token: &WebIdentity<'_>) {
        self.set("aws:PrincipalAccount", token.account.to_string());
        self.set("aws:PrincipalType", "User");
        self.set("aws:userid", token.provider_arn);
        self.set("aws:FederatedProvider", token.provider_arn);
        let of = token.issuer;
        for (name, value) in token.claims {
            // These mean something to AWS itself.
            if name.starts_with("https://aws.amazon.com/") {
                continue;
            }
            match value {
                Value::Array(items) => {
                    let values: Option<Vec<_>> = items.iter().map(scalar).collect();
                    if let Some(values) = values.filter(|values| !values.is_empty()) {
                        self.set_many_at(&[of, ":", name], values);
                    }
                }
                other => {
                    if let Some(text) = scalar(other) {
                        self.set_at(&[of, ":", name], text);
                    }
                }
            }
        }
        // With an `azp`, that is the audience, and the claim itself goes by another name.
        if token.claims.iter().any(|(name, _)| name == "azp")
            && let Some(own) = self.get(&[of, ":aud"].concat()).map(Values::to_vec)
        {
            self.set_many_at(&[of, ":oaud"], own);
        }
        self.set_at(&[of, ":aud"], token.audience);
        self.set_at(&[of, ":sub"], token.subject);
    }
}

fn scalar(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        Value::Bool(flag) => Some(Cow::Borrowed(if *flag { "true" } else { "false" })),
        _ => None,
    }
}
