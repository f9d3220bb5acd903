//! IAM's default quotas. All are AWS's:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>.

pub(super) use policy::limits::{
    MANAGED_POLICY, ROLE_INLINE_POLICIES as INLINE_POLICIES, TRUST_POLICY,
};

/// Roles in an account.
pub(super) const ROLES: usize = 1_000;
/// OIDC providers in an account.
pub(super) const PROVIDERS: usize = 100;
/// Client ids of a provider.
pub(super) const CLIENT_IDS: usize = 100;
/// Thumbprints of a provider.
pub(super) const THUMBPRINTS: usize = 5;
/// Managed policies in an account.
pub(super) const POLICIES: usize = 1_500;
/// Versions of a managed policy.
pub(super) const VERSIONS: usize = 5;
/// Managed policies of a role, a user or a group.
pub(super) const ATTACHED: usize = 10;
/// Users in an account.
pub(super) const USERS: usize = 5_000;
/// Groups in an account.
pub(super) const GROUPS: usize = 300;
/// Groups of a user.
pub(super) const GROUPS_PER_USER: usize = 10;
/// Access keys of a user.
pub(super) const ACCESS_KEYS: usize = 2;
/// Instance profiles in an account.
pub(super) const PROFILES: usize = 1_000;
/// All inline policies of a user, in characters.
pub(super) const USER_INLINE_POLICIES: usize = 2_048;
/// All inline policies of a group, in characters.
pub(super) const GROUP_INLINE_POLICIES: usize = 5_120;
/// Tags of a resource.
pub(super) const TAGS: usize = 50;
