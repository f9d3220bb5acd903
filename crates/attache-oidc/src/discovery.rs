//! The document that leads from an issuer's URL to its keys.

use serde_json::{Value, json};

use crate::{Algorithm, OidcError};

/// Where an issuer serves its discovery document, after its URL without a last `/`
/// (OpenID Connect Discovery 1.0, section 4).
pub const DISCOVERY_PATH: &str = "/.well-known/openid-configuration";

/// Where our issuers serve their key set, after their URL without a last `/`. The discovery
/// document says so, and clients read it there.
pub const JWKS_PATH: &str = "/jwks.json";

/// The longest URL that is followed, in bytes. Ours: browsers' shortest limit.
const LONGEST_URL: usize = 2_048;

/// Where an issuer's discovery document says that its keys are.
///
/// # Errors
/// When the text is no such document, or is another issuer's
/// (OpenID Connect Discovery 1.0, section 4.3).
pub fn keys_url(document: &str, issuer: &str) -> Result<String, OidcError> {
    let wrong = |why: String| OidcError::Discovery { why };
    let document: Value =
        serde_json::from_str(document).map_err(|e| wrong(format!("it is no JSON ({e})")))?;
    let text = |name: &str| document.get(name).and_then(Value::as_str);
    match text("issuer") {
        Some(own) if own == issuer => {}
        Some(own) => {
            let own: String = own.chars().take(200).collect();
            return Err(wrong(format!("it is of the issuer {own}, not {issuer}")));
        }
        None => return Err(wrong("it names no issuer".to_owned())),
    }
    match text("jwks_uri") {
        Some(url) if url.len() <= LONGEST_URL => Ok(url.to_owned()),
        Some(_) => Err(wrong(format!("its jwks_uri has more than {LONGEST_URL} bytes"))),
        None => Err(wrong("it has no jwks_uri".to_owned())),
    }
}

/// The discovery document of an issuer that signs with these algorithms, with the members that OpenID Connect requires and no
/// endpoint that does not exist.
/// Source: <https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata>; the
/// authorization endpoint is the word that Kubernetes' own issuers put there.
#[must_use]
pub fn discovery(issuer: &attache_identifiers::Issuer, algorithms: &[Algorithm]) -> Value {
    let base = issuer.as_str().trim_end_matches('/');
    json!({
        "issuer": issuer.as_str(),
        "jwks_uri": format!("{base}{JWKS_PATH}"),
        "authorization_endpoint": "urn:kubernetes:programmatic_authorization",
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": algorithms,
        "claims_supported": ["sub", "iss"],
    })
}
