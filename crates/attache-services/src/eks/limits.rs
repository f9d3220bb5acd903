//! Quotas of EKS. All are AWS's:
//! <https://docs.aws.amazon.com/eks/latest/userguide/service-quotas.html>.

/// Pod identity associations of a cluster.
pub(super) const ASSOCIATIONS: usize = 5_000;
/// Items of a page, which is also what a caller gets who does not say.
pub(super) const PAGE: i64 = 100;
/// Tags of a resource.
pub(super) const TAGS: usize = 50;
