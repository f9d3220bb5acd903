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
/// Managed policies of a role.
pub(super) const ATTACHED: usize = 10;
/// Tags of a resource.
pub(super) const TAGS: usize = 50;
