//! The ConfigMap `pod-identity-webhook`: roles of service accounts that have no annotation.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The roles of the ConfigMap, by `NAMESPACE/NAME`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MappedRoles(BTreeMap<String, MappedRole>);

/// A role of the ConfigMap.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct MappedRole {
    /// The role.
    #[serde(rename = "RoleARN", default)]
    pub role: String,
    /// The token's audience; empty for the webhook's.
    #[serde(rename = "Audience", default)]
    pub audience: String,
    /// Whether STS is called in the pod's region.
    #[serde(rename = "UseRegionalSTS", default)]
    pub regional_sts: bool,
    /// The token's life in seconds; 0 for the webhook's.
    #[serde(rename = "TokenExpiration", default)]
    pub token_expiration: i64,
}

/// Why the ConfigMap was not read.
#[derive(Debug, thiserror::Error)]
#[error(
    "the key config of the ConfigMap is not JSON such as {{\"NAMESPACE/NAME\": {{\"RoleARN\": \"..\"}}}}"
)]
pub struct MappedRolesError(#[from] serde_json::Error);

impl MappedRoles {
    /// Reads the ConfigMap's key `config`. An absent or empty one has no roles.
    ///
    /// # Errors
    /// When it is not JSON of that shape.
    pub fn read(config: Option<&str>) -> Result<Self, MappedRolesError> {
        match config {
            Some(text) if !text.trim().is_empty() => {
                Ok(Self(serde_json::from_str(text).map_err(MappedRolesError)?))
            }
            _ => Ok(Self::default()),
        }
    }

    /// The role of a service account: its own entry, or that of its name in every namespace. These are
    /// the two that the original looks up.
    #[must_use]
    pub fn of(&self, namespace: &str, account: &str) -> Option<&MappedRole> {
        let found = self.exact(namespace, account).or_else(|| self.exact("*", account));
        found.filter(|one| !one.role.is_empty())
    }

    /// Its own entry alone.
    #[must_use]
    pub fn exact(&self, namespace: &str, account: &str) -> Option<&MappedRole> {
        if self.0.is_empty() {
            return None;
        }
        self.0.get(&format!("{namespace}/{account}"))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
