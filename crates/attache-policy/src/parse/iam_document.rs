//! The documents that IAM's own calls write, of which it refuses more than it ever reads.

use super::Kind;

/// What a call of IAM's writes a document as.
///
/// IAM holds documents that it would refuse today: its checks are of the calls that write. So a
/// document that is read is read by [`crate::Policy::parse`], one that is written by
/// [`crate::Policy::accept`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IamDocument {
    /// `CreateRole`, `UpdateAssumeRolePolicy`.
    TrustPolicy,
    /// `CreatePolicy`, `CreatePolicyVersion`.
    ManagedPolicy,
    /// A managed policy that is to be a permissions boundary.
    PermissionsBoundary,
    /// `PutUserPolicy`, `PutGroupPolicy`, `PutRolePolicy`.
    InlinePolicy,
}

impl IamDocument {
    /// The kind of policy that it is.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self {
            Self::TrustPolicy => Kind::Trust,
            Self::ManagedPolicy | Self::InlinePolicy => Kind::Identity,
            Self::PermissionsBoundary => Kind::Boundary,
        }
    }

    /// Managed policies are of the current version; inline ones may be of the old one.
    pub(super) fn is_managed(self) -> bool {
        matches!(self, Self::ManagedPolicy | Self::PermissionsBoundary)
    }
}
