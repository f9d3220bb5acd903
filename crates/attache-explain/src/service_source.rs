//! The account on whose behalf EKS Pod Identity calls, which follows from the role.

use attache_identifiers::AccountId;
use attache_policy::condition_keys::{POD_IDENTITY_SERVICE, ResourceKeys, ServiceSource};
use attache_policy::{Context, Principal};

/// Adds the account of the resource; and for EKS Pod Identity, whose role is of the cluster's
/// account, that of the source.
///
/// Source: <https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html>.
pub(crate) fn add_accounts(principal: &Principal, owner: Option<AccountId>, context: &mut Context) {
    let Some(account) = owner else { return };
    ResourceKeys { account, organization: None }.add_to(context);
    if matches!(principal, Principal::Service { name } if name == POD_IDENTITY_SERVICE) {
        ServiceSource { arn: None, account, organization: None }.add_to(context);
    }
}
