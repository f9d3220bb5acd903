//! The keys of a token that stay in the session which it began.

use super::KeySink;
use crate::principal::issuer_of;

/// What later requests of a web identity's session know of its token: `<issuer>:sub`, `<issuer>:aud` and
/// `<issuer>:amr`. No other claim stays, and none of them is passed on to a session that this one begins.
///
/// ```
/// use attache_policy::{Context, condition_keys::SessionTokenKeys};
///
/// let mut context = Context::new();
/// SessionTokenKeys {
///     provider_arn: "arn:aws:iam::222222222222:oidc-provider/issuer.example",
///     subject: "system:serviceaccount:causely:mediator",
///     audience: "sts.amazonaws.com",
///     methods: &[],
/// }
/// .add_to(&mut context);
/// assert_eq!(context.get("issuer.example:aud").and_then(|v| v.only()), Some("sts.amazonaws.com"));
/// ```
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif>,
/// where each key says in which requests it is.
#[derive(Debug, Clone, Copy)]
pub struct SessionTokenKeys<'s> {
    /// The provider whose token it was; it names the issuer.
    pub provider_arn: &'s str,
    /// The token's subject.
    pub subject: &'s str,
    /// The audience that counted: the token's `azp` where there was one, else its `aud`.
    pub audience: &'s str,
    /// Its `amr`.
    pub methods: &'s [String],
}

impl SessionTokenKeys<'_> {
    /// Adds them; nothing where the provider is no OIDC provider.
    pub fn add_to(&self, keys: &mut impl KeySink) {
        let Some(issuer) = issuer_of(self.provider_arn) else { return };
        keys.set(&[issuer, ":aud"], self.audience);
        keys.set(&[issuer, ":sub"], self.subject);
        if !self.methods.is_empty() {
            let methods: Vec<&str> = self.methods.iter().map(String::as_str).collect();
            keys.set_many(&[issuer, ":amr"], &methods);
        }
    }
}
