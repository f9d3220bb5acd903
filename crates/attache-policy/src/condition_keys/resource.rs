//! The keys of the resource's owner.

use attache_identifiers::AccountId;

use super::{KeySink, OrganizationKeys};

/// The owner of a resource.
#[derive(Debug, Clone, Copy)]
pub struct ResourceKeys<'r> {
    /// The owning account.
    pub account: AccountId,
    /// Its organization; its absence says only that it is not known.
    pub organization: Option<OrganizationKeys<'r>>,
}

impl ResourceKeys<'_> {
    /// Adds `aws:ResourceAccount`, `aws:ResourceOrgID` and `aws:ResourceOrgPaths`.
    pub fn add_to(&self, keys: &mut impl KeySink) {
        keys.set(&["aws:ResourceAccount"], &self.account.to_string());
        if let Some(OrganizationKeys { id, paths }) = self.organization {
            keys.set(&["aws:ResourceOrgID"], id);
            if !paths.is_empty() {
                keys.set_many(&["aws:ResourceOrgPaths"], paths);
            }
        }
    }
}
