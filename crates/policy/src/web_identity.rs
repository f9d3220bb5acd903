//! The condition keys of a web identity token.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html>.

use names::AccountId;
use serde_json::Value;

use crate::Context;

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
        let key = |claim: &str| [token.issuer, ":", claim].concat();
        for (name, value) in token.claims {
            // These mean something to AWS itself.
            if name.starts_with("https://aws.amazon.com/") {
                continue;
            }
            match value {
                Value::Array(items) => {
                    let values: Option<Vec<String>> = items.iter().map(scalar).collect();
                    if let Some(values) = values.filter(|values| !values.is_empty()) {
                        self.set_many(&key(name), values);
                    }
                }
                other => {
                    if let Some(text) = scalar(other) {
                        self.set(&key(name), text);
                    }
                }
            }
        }
        // With an `azp`, that is the audience, and the claim itself goes by another name.
        if token.claims.iter().any(|(name, _)| name == "azp")
            && let Some(own) = self.get(&key("aud")).map(<[String]>::to_vec)
        {
            self.set_many(&key("oaud"), own);
        }
        self.set(&key("aud"), token.audience);
        self.set(&key("sub"), token.subject);
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}
