//! The claims of a token before it is signed.

use serde_json::{Map, Value, json};
use time::{Duration, OffsetDateTime};

/// The members of a token's payload. Built by the methods below, which name the registered claims
/// (RFC 7519, section 4.1) as the kubelet's tokens carry them; any other goes in by [`Claims::set`].
///
/// Nothing is checked: a test that needs a bad token can make one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Claims(pub Map<String, Value>);

impl Claims {
    /// No claims.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets any claim, in place of an earlier one of that name.
    #[must_use]
    pub fn set(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.0.insert(name.into(), value.into());
        self
    }

    /// `iss`: who issues the token, an issuer's URL.
    #[must_use]
    pub fn issuer(self, issuer: &str) -> Self {
        self.set("iss", issuer)
    }

    /// `sub`: the subject of the token, such as `system:serviceaccount:NAMESPACE:NAME`.
    #[must_use]
    pub fn subject(self, subject: &str) -> Self {
        self.set("sub", subject)
    }

    /// `aud`: the audience of the token. An array of one, as Kubernetes writes it.
    #[must_use]
    pub fn audience(self, audience: &str) -> Self {
        self.set("aud", json!([audience]))
    }

    /// `jti`: the token's own id, a new random UUID as Kubernetes gives it.
    #[must_use]
    pub fn new_id(self) -> Self {
        self.set("jti", uuid::Uuid::new_v4().to_string())
    }

    /// `iat`: when the token is issued, in whole seconds.
    #[must_use]
    pub fn issued_at(self, at: OffsetDateTime) -> Self {
        self.set("iat", at.unix_timestamp())
    }

    /// `nbf`: when the token begins to be valid, in whole seconds.
    #[must_use]
    pub fn not_before(self, at: OffsetDateTime) -> Self {
        self.set("nbf", at.unix_timestamp())
    }

    /// `exp`: when the token stops being valid, in whole seconds.
    #[must_use]
    pub fn expires_at(self, at: OffsetDateTime) -> Self {
        self.set("exp", at.unix_timestamp())
    }

    /// `iat`, `nbf` and `exp` of a token that is valid from `from` on, for `lifetime`.
    #[must_use]
    pub fn valid(self, from: OffsetDateTime, lifetime: Duration) -> Self {
        // A lifetime that leaves the calendar means "for ever", and that has an end too.
        let until = from.checked_add(lifetime).unwrap_or(time::PrimitiveDateTime::MAX.assume_utc());
        self.issued_at(from).not_before(from).expires_at(until)
    }
}
