//! The document that leads from an issuer's URL to its keys.

use serde_json::{Value, json};

use crate::Algorithm;

/// Where an issuer serves its discovery document, after its URL without a last `/`
/// (OpenID Connect Discovery 1.0, section 4).
pub const DISCOVERY_PATH: &str = "/.well-known/openid-configuration";

/// Where our issuers serve their key set, after their URL without a last `/`. The discovery
/// document says so; nobody else relies on it.
pub const JWKS_PATH: &str = "/jwks.json";

/// The discovery document of an issuer, with the members that OpenID Connect requires and no
/// endpoint that does not exist.
/// Source: <https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata>; the
/// authorization endpoint is the word that Kubernetes' own issuers put there.
#[must_use]
pub fn discovery(issuer: &names::Issuer) -> Value {
    let base = issuer.as_str().trim_end_matches('/');
    json!({
        "issuer": issuer.as_str(),
        "jwks_uri": format!("{base}{JWKS_PATH}"),
        "authorization_endpoint": "urn:kubernetes:programmatic_authorization",
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported":
            [Algorithm::Rs256.as_str(), Algorithm::Es256.as_str()],
        "claims_supported": ["sub", "iss"],
    })
}
