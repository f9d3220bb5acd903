//! The API server's part: it issues tokens, and publishes the keys to verify them with.

use std::path::Path;

use attache_identifiers::Secret;
use attache_oidc::{Claims, DISCOVERY_PATH, JWKS_PATH, Jwks, SigningKey};
use time::OffsetDateTime;

use crate::volume::{self, Readers};
use crate::{ClusterError, TokenRequest};

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

    /// The discovery document, which leads from the issuer's URL to the key set.
    #[must_use]
    pub fn discovery(&self) -> serde_json::Value {
        attache_oidc::discovery(&self.url)
    }

    /// Writes both documents into a folder, at the paths at which a web server that serves the
    /// folder under the issuer's URL must have them: `.well-known/openid-configuration` and
    /// `jwks.json`. Each appears whole or not at all.
    ///
    /// # Errors
    /// When a file or folder cannot be written.
    pub fn publish(&self, folder: &Path) -> Result<(), ClusterError> {
        let discovery = format!("{:#}\n", self.discovery());
        let jwks = format!("{}\n", self.jwks().to_json());
        for (path, text) in [(JWKS_PATH, jwks), (DISCOVERY_PATH, discovery)] {
            let path = folder.join(path.trim_start_matches('/'));
            volume::replace_file(&path, text.as_bytes(), Readers::Everyone)?;
        }
        Ok(())
    }
}
