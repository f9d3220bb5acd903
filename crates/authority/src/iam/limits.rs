//! IAM's default quotas. All are AWS's:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>.

/// Characters of a role's trust policy, white space not counted.
pub(super) const TRUST_POLICY: usize = 2_048;
/// Characters of a managed policy, white space not counted.
pub(super) const MANAGED_POLICY: usize = 6_144;
/// Characters of all inline policies of a role together, white space not counted.
pub(super) const INLINE_POLICIES: usize = 10_240;
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
