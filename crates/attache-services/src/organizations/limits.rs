//! Quotas of Organizations. All are AWS's:
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>.

pub(super) use attache_policy::limits::SERVICE_CONTROL_POLICY as CONTENT;

/// Items of a page, which is also what a caller gets who does not say.
pub(super) const PAGE: i64 = 20;
/// Accounts of an organization: what its quota of 10 can be raised to.
pub(super) const ACCOUNTS: usize = 10_000;
/// Organizational units of an organization.
pub(super) const UNITS: usize = 2_000;
/// Levels of organizational units below the root.
pub(super) const DEPTH: usize = 5;
/// Policies of a type.
pub(super) const POLICIES: usize = 1_000;
/// Policies of a type that are attached to one target.
pub(super) const ATTACHED: usize = 5;
/// Tags of a resource.
pub(super) const TAGS: usize = 50;
