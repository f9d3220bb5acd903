//! Tokens of any header and any payload, signed with the cluster's key.

use attache_oidc::SigningKey;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as URL;
use jsonwebtoken::{Algorithm as Jose, EncodingKey};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{AUDIENCE, ISSUER, SUBJECT};

/// Now, in epoch seconds.
pub(crate) fn now() -> i64 {
    OffsetDateTime::now_utc().unix_timestamp()
}

/// The claims of a good token, with these in place of its own.
pub(crate) fn payload(members: &[(&str, Value)]) -> Value {
    let now = now();
    let mut claims = json!({
        "iss": ISSUER, "sub": SUBJECT, "aud": [AUDIENCE], "iat": now, "nbf": now, "exp": now + 3600,
    });
    for (name, value) in members {
        claims[*name] = value.clone();
    }
    claims
}

/// The header of a token that names its key.
pub(crate) fn header(key: &SigningKey) -> Value {
    json!({"alg": key.algorithm().as_str(), "kid": key.key_id()})
}

/// A token of these texts, signed with an ES256 or RS256 key.
pub(crate) fn forge(key: &SigningKey, header: &str, payload: &str) -> String {
    let message = format!("{}.{}", URL.encode(header), URL.encode(payload));
    let pem = key.to_pem();
    let pem = pem.expose().as_bytes();
    let (encoding, jose) = match key.algorithm().as_str() {
        "ES256" => (EncodingKey::from_ec_pem(pem).unwrap(), Jose::ES256),
        _ => (EncodingKey::from_rsa_pem(pem).unwrap(), Jose::RS256),
    };
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &encoding, jose).unwrap();
    format!("{message}.{signature}")
}
