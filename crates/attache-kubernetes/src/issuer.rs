//! The API server's part: it issues tokens, and publishes the keys to verify them with.

use attache_identifiers::Secret;
use attache_oidc::{Claims, Jwks, SigningKey};
use time::OffsetDateTime;

use crate::{ClusterError, PublishedIssuer, TokenRequest};

/// A cluster's identity: an issuer's URL and the key that it signs with.
#[derive(Debug)]
pub struct Issuer {
    url: attache_identifiers::Issuer,
    key: SigningKey,
}

impl Issuer {
    /// The issuer of that URL with that key.
    #[must_use]
    pub fn new(url: attache_identifiers::Issuer, key: SigningKey) -> Self {
        Self { url, key }
    }

    /// The `iss` of its tokens.
    #[must_use]
    pub fn url(&self) -> &attache_identifiers::Issuer {
        &self.url
    }

    /// Issues a token, with the claims that the kubelet's tokens have.
    ///
    /// # Errors
    /// When the token cannot be signed.
    pub fn mint(
        &self,
        request: &TokenRequest,
        now: OffsetDateTime,
    ) -> Result<Secret, ClusterError> {
        let subject = request.account.subject();
        let claims = Claims::new()
            .issuer(self.url.as_str())
            .subject(&subject)
            .audience(&request.audience)
            .valid(now, request.lifetime)
            .new_id()
            .set("kubernetes.io", request.kubernetes_claim());
        attache_oidc::sign(&self.key, &claims)
            .map_err(|source| ClusterError::Token { subject, source })
    }

    /// The public keys that verify its tokens.
    #[must_use]
    pub fn jwks(&self) -> Jwks {
        Jwks::of(&[&self.key])
    }

    /// What it publishes: the discovery document and its keys.
    #[must_use]
    pub fn published(&self) -> PublishedIssuer {
        PublishedIssuer::new(self.url.clone(), self.jwks())
    }
}
