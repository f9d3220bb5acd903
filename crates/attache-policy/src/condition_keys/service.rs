//! The keys of the resource on whose behalf an AWS service calls.

use attache_identifiers::AccountId;

use super::{KeySink, OrganizationKeys};

/// The service that assumes roles for pods.
pub const POD_IDENTITY_SERVICE: &str = "pods.eks.amazonaws.com";

/// The keys of the session tags that EKS passes for a pod, each of them transitive.
///
/// Source: <https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html>.
pub const POD_IDENTITY_TAGS: [&str; 6] = [
    "eks-cluster-arn",
    "eks-cluster-name",
    "kubernetes-namespace",
    "kubernetes-service-account",
    "kubernetes-pod-name",
    "kubernetes-pod-uid",
];

/// The keys that say on whose behalf a service principal calls. A condition on one of them keeps a
/// service from being used by another customer of AWS.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html#cross-service-confused-deputy-prevention>.
pub const SERVICE_SOURCE_KEYS: [&str; 4] =
    ["aws:SourceArn", "aws:SourceAccount", "aws:SourceOrgID", "aws:SourceOrgPaths"];

/// The resource on whose behalf a service principal calls: for EKS Pod Identity, the cluster.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourcearn>.
#[derive(Debug, Clone, Copy)]
pub struct ServiceSource<'s> {
    /// The resource's ARN, where it is known.
    pub arn: Option<&'s str>,
    /// The account that owns the resource.
    pub account: AccountId,
    /// That account's organization; its absence says only that it is not known.
    pub organization: Option<OrganizationKeys<'s>>,
}

impl ServiceSource<'_> {
    /// Adds `aws:SourceArn`, `aws:SourceAccount`, `aws:SourceOrgID` and `aws:SourceOrgPaths`.
    pub fn add_to(&self, keys: &mut impl KeySink) {
        if let Some(arn) = self.arn {
            keys.set(&["aws:SourceArn"], arn);
        }
        keys.set(&["aws:SourceAccount"], &self.account.to_string());
        if let Some(OrganizationKeys { id, paths }) = self.organization {
            keys.set(&["aws:SourceOrgID"], id);
            if !paths.is_empty() {
                keys.set_many(&["aws:SourceOrgPaths"], paths);
            }
        }
    }
}
