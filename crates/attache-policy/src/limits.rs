//! How long a policy may be, and what counts.
//!
//! All are AWS's: IAM's quotas
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>, and those of
//! Organizations
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>.

use crate::Kind;

/// Characters of a role's trust policy, white space not counted.
pub const TRUST_POLICY: usize = 2_048;
/// What an account may have [`TRUST_POLICY`] raised to.
pub const TRUST_POLICY_RAISED: usize = 8_192;
/// Characters of a managed policy, white space not counted; a permissions boundary is one.
pub const MANAGED_POLICY: usize = 6_144;
/// Characters of all inline policies of a user together, white space not counted.
pub const USER_INLINE_POLICIES: usize = 2_048;
/// Characters of all inline policies of a group together, white space not counted.
pub const GROUP_INLINE_POLICIES: usize = 5_120;
/// Characters of all inline policies of a role together, white space not counted.
pub const ROLE_INLINE_POLICIES: usize = 10_240;
/// Characters of a session policy, with its white space.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
pub const SESSION_POLICY: usize = 2_048;
/// Characters of a service control policy. Its white space counts: the console alone leaves it out
/// before it saves.
pub const SERVICE_CONTROL_POLICY: usize = 5_120;
/// Characters of a resource control policy, counted as [`SERVICE_CONTROL_POLICY`].
pub const RESOURCE_CONTROL_POLICY: usize = 5_120;

impl Kind {
    /// What AWS lets a document of this kind count by default. Nothing for the policies of
    /// resources, where each service has its own limit. For an identity it is that of a managed
    /// policy: inline policies count together, by their owner.
    #[must_use]
    pub fn default_size_limit(self) -> Option<usize> {
        match self {
            Self::Identity | Self::Boundary => Some(MANAGED_POLICY),
            Self::Trust => Some(TRUST_POLICY),
            Self::Session => Some(SESSION_POLICY),
            Self::ServiceControl => Some(SERVICE_CONTROL_POLICY),
            Self::ResourceControl => Some(RESOURCE_CONTROL_POLICY),
            Self::Resource => None,
        }
    }
}

/// The characters that count against a limit of that kind of policy: for those that IAM keeps, all
/// but white space; for the others, all.
#[must_use]
pub fn counted_size(text: &str, kind: Kind) -> usize {
    match kind {
        Kind::Identity | Kind::Boundary | Kind::Trust => {
            text.chars().filter(|c| !c.is_whitespace()).count()
        }
        Kind::Session | Kind::ServiceControl | Kind::ResourceControl | Kind::Resource => {
            text.chars().count()
        }
    }
}
