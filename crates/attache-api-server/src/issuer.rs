//! Who signs the cluster's tokens, as the API server itself publishes it.
//! <https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#service-account-issuer-discovery>

use attache_oidc::{DISCOVERY_PATH, Jwks};
use serde_json::Value;

use crate::{Access, ApiError, ApiServer, Call};
use attache_kubernetes::PublishedIssuer;

/// Where every API server has its keys, whatever address its discovery document gives others.
const KEYS_PATH: &str = "/openid/v1/jwks";

impl ApiServer {
    /// The issuer of the cluster's tokens and its keys. They are read from the API server with the caller's
    /// credentials: AWS need not reach it.
    ///
    /// # Errors
    /// When the API server refuses or does not answer, its issuer is no URL that AWS takes, or it has no usable
    /// key.
    pub async fn issuer(&self) -> Result<PublishedIssuer, ApiError> {
        let access = Access::to("get", DISCOVERY_PATH);
        let document = self.json(access.clone(), Call::get(DISCOVERY_PATH)).await?;
        let text = document.get("issuer").and_then(Value::as_str);
        let text = text.ok_or_else(|| self.lacks(access, "issuer"))?;
        let issuer = attache_identifiers::Issuer::parse(text).map_err(|source| {
            let issuer = text.chars().take(300).collect();
            ApiError::Issuer { url: self.url.clone(), issuer, source }
        })?;
        let keys = self.text(Access::to("get", KEYS_PATH), Call::get(KEYS_PATH)).await?;
        let wrong = |why: String| ApiError::Keys { url: self.url.clone(), why };
        let keys = Jwks::parse(&keys).map_err(|error| wrong(error.to_string()))?;
        if keys.is_empty() {
            return Err(wrong("there is none that AWS uses (RSA or P-256)".to_owned()));
        }
        Ok(PublishedIssuer::new(issuer, keys))
    }
}
