//! IAM's limits that AWS does not raise, or that are hardly ever raised. All are AWS's:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>.

pub(super) use attache_policy::limits::{MANAGED_POLICY, ROLE_INLINE_POLICIES as INLINE_POLICIES};

/// Client ids of a provider.
pub(super) const CLIENT_IDS: usize = 100;
/// Thumbprints of a provider.
pub(super) const THUMBPRINTS: usize = 5;
/// Versions of a managed policy.
pub(super) const VERSIONS: usize = 5;
/// Groups of a user.
pub(super) const GROUPS_PER_USER: usize = 10;
/// Access keys of a user.
pub(super) const ACCESS_KEYS: usize = 2;
/// All inline policies of a user, in characters.
pub(super) const USER_INLINE_POLICIES: usize = 2_048;
/// All inline policies of a group, in characters.
pub(super) const GROUP_INLINE_POLICIES: usize = 5_120;
/// Tags of a resource.
pub(super) const TAGS: usize = 50;
