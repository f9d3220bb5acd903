//! What is kept of a service account: of a hundred thousand, only what the webhook reads.

use std::collections::BTreeMap;

use super::Settings;

/// The annotations of a service account that mean something here, as they were written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountAnnotations {
    /// `role-arn`.
    pub role_arn: Option<Box<str>>,
    /// `audience`.
    pub audience: Option<Box<str>>,
    /// `sts-regional-endpoints`.
    pub regional_sts: Option<Box<str>>,
    /// `token-expiration`.
    pub token_expiration: Option<Box<str>>,
    /// `chain`, in the domain of Attaché.
    pub chain: Option<Box<str>>,
}

impl AccountAnnotations {
    /// Takes them from a service account's annotations.
    #[must_use]
    pub fn of(annotations: Option<&BTreeMap<String, String>>, settings: &Settings) -> Self {
        let Some(annotations) = annotations else { return Self::default() };
        let of = |key: String| annotations.get(&key).map(|value| value.as_str().into());
        let eks = |name| of(settings.domain.key(name));
        Self {
            role_arn: eks("role-arn"),
            audience: eks("audience"),
            regional_sts: eks("sts-regional-endpoints"),
            token_expiration: eks("token-expiration"),
            chain: of(settings.own_domain.key("chain")),
        }
    }

    /// Whether there is none of them.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The role, if it is not empty: an empty one is none.
    #[must_use]
    pub fn role(&self) -> Option<&str> {
        self.role_arn.as_deref().filter(|role| !role.is_empty())
    }
}
