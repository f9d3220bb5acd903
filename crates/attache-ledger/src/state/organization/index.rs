//! All organizations, and which account is in which.

use std::collections::BTreeMap;

use attache_identifiers::AccountId;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{Joined, Organization};
use crate::state::ApplyError;

/// All organizations. An account is in one at most.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Organizations {
    by_management: BTreeMap<AccountId, Organization>,
    /// The management account of each member's organization.
    of: BTreeMap<AccountId, AccountId>,
}

impl Organizations {
    /// The organization that an account is in.
    pub(crate) fn of(&self, account: AccountId) -> Option<&Organization> {
        self.by_management.get(self.of.get(&account)?)
    }

    pub(super) fn of_mut(&mut self, account: AccountId) -> Result<&mut Organization, ApplyError> {
        let found = self.of.get(&account).and_then(|own| self.by_management.get_mut(own));
        found.ok_or(ApplyError::InNoOrganization(account))
    }

    /// Adds an account that is there from the beginning: the first manages the organization that
    /// all others join.
    pub(in crate::state) fn open(
        &mut self,
        first: Option<AccountId>,
        account: AccountId,
        at: OffsetDateTime,
    ) {
        match first {
            None => self.add(Organization::managed_by(account, at)),
            Some(first) => {
                let Some(organization) = self.by_management.get_mut(&first) else { return };
                organization.join(account, Joined::Created, None);
                self.of.insert(account, first);
            }
        }
    }

    /// Compiles what is attached, after it was read from a snapshot.
    pub(in crate::state) fn compile(&mut self) {
        for organization in self.by_management.values_mut() {
            organization.compile_all();
        }
    }

    /// Adds an organization whose only member manages it.
    pub(super) fn add(&mut self, organization: Organization) {
        let management = organization.management;
        self.of.insert(management, management);
        self.by_management.insert(management, organization);
    }

    /// Removes an organization, and its members from it.
    pub(super) fn delete(&mut self, management: AccountId) {
        self.by_management.remove(&management);
        self.of.retain(|_, own| *own != management);
    }

    /// Records that an account joined the organization of another.
    pub(super) fn joined(&mut self, account: AccountId, other: AccountId) {
        if let Some(management) = self.of.get(&other).copied() {
            self.of.insert(account, management);
        }
    }

    /// Records that an account left.
    pub(super) fn left(&mut self, account: AccountId) {
        self.of.remove(&account);
    }
}
