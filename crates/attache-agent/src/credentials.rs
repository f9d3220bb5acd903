//! What a pod gets.

use attache_identifiers::{AccountId, Secret};
use bytes::Bytes;
use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The members of the document that are ours to write: no other member of an answer replaces them.
const OWN: [&str; 5] = ["AccessKeyId", "SecretAccessKey", "Token", "AccountId", "Expiration"];

/// Temporary credentials, and the document that a pod is answered with.
///
/// The document is made once: a cached answer is then only written.
#[derive(Clone, PartialEq, Eq)]
pub struct PodCredentials {
    account: AccountId,
    access_key_id: String,
    expires_at: OffsetDateTime,
    document: Bytes,
}

impl PodCredentials {
    /// Credentials as STS or EKS Auth gives them. `more` is what the service answers beside them,
    /// passed on as it is, so that a pod's SDK can know more than this agent.
    #[must_use]
    pub fn new(
        account: AccountId,
        access_key_id: &str,
        secret_access_key: &Secret,
        session_token: &Secret,
        expires_at: OffsetDateTime,
        more: Map<String, Value>,
    ) -> Self {
        // RFC 3339 has years of four digits; AWS's do.
        let expiration = expires_at.format(&Rfc3339).unwrap_or_default();
        let own = [
            access_key_id,
            secret_access_key.expose(),
            session_token.expose(),
            &account.to_string(),
            &expiration,
        ]
        .map(Value::from);
        let mut document: Map<String, Value> =
            OWN.map(str::to_owned).into_iter().zip(own).collect();
        document.extend(more.into_iter().filter(|(name, _)| !OWN.contains(&name.as_str())));
        let document = Bytes::from(Value::Object(document).to_string());
        Self { account, access_key_id: access_key_id.to_owned(), expires_at, document }
    }

    /// The account that they act in.
    #[must_use]
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// The access key id, which is no secret.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// When they end.
    #[must_use]
    pub fn expires_at(&self) -> OffsetDateTime {
        self.expires_at
    }

    /// The JSON document with the secrets, for the pod alone.
    #[must_use]
    pub fn document(&self) -> Bytes {
        self.document.clone()
    }
}

/// Without the secrets.
impl std::fmt::Debug for PodCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PodCredentials")
            .field("account", &self.account)
            .field("access_key_id", &self.access_key_id)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}
