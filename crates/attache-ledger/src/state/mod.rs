//! The state: all accounts, as the journal's changes leave them.
//!
//! Knows: what exists. Does not know: who may do what, or what AWS says when something is missing.
//! [`State::apply`] is the only way in, for a change that was just decided and for one that is
//! replayed alike, and it trusts its changes: they were checked before they became events.

mod account;
mod apply;
mod cluster;
mod document;
mod error;
mod identities;
mod instance_profile;
mod managed_policy;
mod names;
mod organization;
mod own_policies;
mod principal_ids;
mod provider;
mod role;
pub(crate) mod serde_map_as_pairs;
mod snapshot;
mod user;

use std::collections::BTreeMap;
use std::sync::Arc;

use attache_identifiers::AccountId;
use time::OffsetDateTime;

pub use account::Account;
pub use cluster::{Association, Cluster};
pub use document::Document;
pub use error::{ApplyError, ResourceKind, SnapshotError};
pub use identities::ArnKind;
pub use instance_profile::InstanceProfile;
pub use managed_policy::{ManagedPolicy, Version};
pub(crate) use names::in_any_letters;
pub use organization::{
    AccountOutcome, AccountRequest, Attached, ControlPolicy, Joined, Member, Organization, Place,
    RCP_FULL_ACCESS, Unit,
};
pub use own_policies::OwnPolicies;
pub use provider::Provider;
pub use role::Role;
pub(crate) use snapshot::{RestoredState, StateSnapshot};
pub use user::{AccessKey, Group, User};

use organization::Organizations;
use principal_ids::PrincipalIds;

use crate::aws_managed::AwsManaged;
use crate::change::Change;

/// Everything that exists.
#[derive(Debug)]
pub struct State {
    accounts: BTreeMap<AccountId, Account>,
    organizations: Organizations,
    /// The first account ever opened.
    first: Option<AccountId>,
    aws_managed: AwsManaged,
    principal_ids: PrincipalIds,
    /// Earlier states by the names that they were saved under.
    saved: BTreeMap<String, Arc<str>>,
}

impl State {
    /// Nothing but what AWS itself brings.
    pub fn new(aws_managed: AwsManaged) -> Self {
        let organizations = Organizations::default();
        let (accounts, principal_ids) = (BTreeMap::new(), PrincipalIds::default());
        let saved = BTreeMap::new();
        Self { accounts, organizations, first: None, aws_managed, principal_ids, saved }
    }

    /// An account, if it exists.
    pub fn account(&self, id: AccountId) -> Option<&Account> {
        self.accounts.get(&id)
    }

    /// All accounts by their number.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.accounts.values()
    }

    /// The first account ever opened.
    pub fn first(&self) -> Option<AccountId> {
        self.first
    }

    /// The organization that an account is in.
    pub fn organization_of(&self, account: AccountId) -> Option<&Organization> {
        self.organizations.of(account)
    }

    /// The managed policies that AWS brings.
    pub fn aws_managed(&self) -> &AwsManaged {
        &self.aws_managed
    }

    /// A managed policy by its ARN, AWS's or the account's own.
    pub fn managed_policy<'s>(
        &'s self,
        account: &'s Account,
        arn: &str,
    ) -> Option<&'s ManagedPolicy> {
        self.aws_managed.get(arn).or_else(|| account.policies.get(arn))
    }

    /// Applies a change.
    ///
    /// # Errors
    /// When it cannot be applied, which only a journal that was tampered with brings about.
    pub fn apply(
        &mut self,
        account: AccountId,
        at: OffsetDateTime,
        change: &Change,
    ) -> Result<(), ApplyError> {
        if let Change::AccountOpened { user_id, access_key } = change {
            let new = Account::new(account, at, user_id, access_key);
            if self.accounts.insert(account, new).is_some() {
                return Err(ApplyError::AccountExists(account));
            }
            self.organizations.open(self.first, account, at);
            self.first.get_or_insert(account);
            return Ok(());
        }
        if let Change::Whole(change) = change {
            return self.change_all(change);
        }
        if let Change::Organization(change) = change {
            return self.change_organization(account, at, change);
        }
        let rebinding = self.before_principal_ids(account, change);
        let changed = self.accounts.get_mut(&account).ok_or(ApplyError::NoAccount(account))?;
        changed.apply(at, change)?;
        self.after_principal_ids(account, change, rebinding)
    }
}
