//! The file of EKS Pod Identity: the service accounts whose pods get their credentials from the agent.

use std::collections::HashSet;

use serde::Deserialize;

/// The service accounts of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PodIdentities(HashSet<(String, String)>);

/// Why the file was not read.
#[derive(Debug, thiserror::Error)]
#[error(
    "not a file of pod identities, expected {{\"identities\": [{{\"namespace\": \"..\", \"serviceAccount\": \"..\"}}]}}"
)]
pub struct PodIdentitiesError(#[from] serde_json::Error);

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    identities: Vec<Identity>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Identity {
    namespace: String,
    service_account: String,
}

impl PodIdentities {
    /// Reads the file. An empty one has no service accounts.
    ///
    /// # Errors
    /// When it is not JSON of that shape.
    pub fn read(text: &str) -> Result<Self, PodIdentitiesError> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        let file: File = serde_json::from_str(text)?;
        let each = file.identities.into_iter().map(|one| (one.namespace, one.service_account));
        Ok(Self(each.collect()))
    }

    /// Whether a service account is in it.
    #[must_use]
    pub fn has(&self, namespace: &str, account: &str) -> bool {
        !self.0.is_empty() && self.0.contains(&(namespace.to_owned(), account.to_owned()))
    }

    /// How many it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
