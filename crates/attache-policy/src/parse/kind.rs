//! What a policy is attached to.

use serde::{Deserialize, Serialize};

/// What a document is attached to, which decides its grammar and its say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// Attached to a user, group or role, inline or managed.
    Identity,
    /// Attached to a resource.
    Resource,
    /// A role's trust policy.
    Trust,
    /// A permissions boundary.
    Boundary,
    /// Given when a session begins.
    Session,
    /// An organization's service control policy.
    ServiceControl,
    /// An organization's resource control policy.
    ResourceControl,
}

impl Kind {
    /// As AWS names it in its refusals: `identity-based policy`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity-based policy",
            Self::Resource => "resource-based policy",
            Self::Trust => "role trust policy",
            Self::Boundary => "permissions boundary",
            Self::Session => "session policy",
            Self::ServiceControl => "service control policy",
            Self::ResourceControl => "resource control policy",
        }
    }

    /// `an identity-based policy`, `a permissions boundary`.
    #[must_use]
    pub fn with_article(self) -> String {
        let article = if self == Self::Identity { "an" } else { "a" };
        format!("{article} {}", self.name())
    }

    /// All kinds.
    pub const ALL: [Self; 7] = [
        Self::Identity,
        Self::Resource,
        Self::Trust,
        Self::Boundary,
        Self::Session,
        Self::ServiceControl,
        Self::ResourceControl,
    ];

    pub(super) fn takes_principal(self) -> bool {
        matches!(self, Self::Resource | Self::Trust | Self::ResourceControl)
    }

    /// Whether IAM itself reads it, with the words that it has for its own policies.
    pub(super) fn is_iam(self) -> bool {
        matches!(self, Self::Identity | Self::Boundary | Self::Session)
    }

    /// Whether it says what somebody may do: boundaries and Organizations' policies set limits to that,
    /// and a trust policy says who becomes the role.
    pub(crate) fn grants(self) -> bool {
        matches!(self, Self::Identity | Self::Resource | Self::Session)
    }

    /// Whether AWS Organizations reads it.
    pub(super) fn is_organizations(self) -> bool {
        matches!(self, Self::ServiceControl | Self::ResourceControl)
    }
}
