//! The state: all accounts, as the fold of the journal's changes.
//!
//! Knows: what exists. Does not know: who may do what, or what AWS says when something is missing.
//! [`State::apply`] is the only way in, for a change that was just decided and for one that is
//! replayed alike, and it trusts its changes: they were checked before they became events.

mod account;
mod apply;
mod cluster;
mod document;
mod identities;
mod image;
mod instance_profile;
mod managed_policy;
mod organization;
mod own_policies;
pub(crate) mod pairs;
mod provider;
mod role;
mod trusts;
mod user;

use std::collections::BTreeMap;
use std::sync::Arc;

use attache_identifiers::AccountId;
use time::OffsetDateTime;

pub(crate) use account::Account;
pub(crate) use cluster::{Association, Cluster};
pub(crate) use document::Document;
pub(crate) use image::{Image, ReadImage, WholeChange};
pub(crate) use instance_profile::InstanceProfile;
pub(crate) use managed_policy::{ManagedPolicy, Version};
pub(crate) use organization::{
    AccountRequest, Attached, ControlPolicy, Joined, Member, Organization, Place, RCP_FULL_ACCESS,
    Unit,
};
pub(crate) use own_policies::{OwnPolicies, OwnPolicyChange};
pub(crate) use provider::Provider;
pub(crate) use role::Role;
pub(crate) use user::{AccessKey, Group, User};

use organization::Organizations;
use trusts::Trusts;

use crate::change::Change;
use crate::managed::AwsManaged;

/// Everything that exists.
#[derive(Debug)]
pub(crate) struct State {
    accounts: BTreeMap<AccountId, Account>,
    organizations: Organizations,
    /// The first account ever opened.
    first: Option<AccountId>,
    aws_managed: AwsManaged,
    trusts: Trusts,
    /// Earlier states by the names that they were saved under.
    saved: BTreeMap<String, Arc<str>>,
}

impl State {
    /// Nothing but what AWS itself brings.
    pub(crate) fn new(aws_managed: AwsManaged) -> Self {
        let organizations = Organizations::default();
        let (accounts, trusts) = (BTreeMap::new(), Trusts::default());
        let saved = BTreeMap::new();
        Self { accounts, organizations, first: None, aws_managed, trusts, saved }
    }

    /// An account, if it exists here.
    pub(crate) fn account(&self, id: AccountId) -> Option<&Account> {
        self.accounts.get(&id)
    }

    /// All accounts by their number.
    pub(crate) fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.accounts.values()
    }

    /// The first account ever opened.
    pub(crate) fn first(&self) -> Option<AccountId> {
        self.first
    }

    /// The organisation that an account is in.
    pub(crate) fn organization_of(&self, account: AccountId) -> Option<&Organization> {
        self.organizations.of(account)
    }

    /// The managed policies that AWS brings.
    pub(crate) fn aws_managed(&self) -> &AwsManaged {
        &self.aws_managed
    }

    /// A managed policy by its ARN, AWS's or the account's own.
    pub(crate) fn managed_policy<'s>(
        &'s self,
        account: &'s Account,
        arn: &str,
    ) -> Option<&'s ManagedPolicy> {
        self.aws_managed.get(arn).or_else(|| account.policies.get(arn))
    }

    /// Makes a change.
    ///
    /// # Errors
    /// When it does not fit what is there, which only a journal that was tampered with can bring
    /// about: in words for its reader.
    pub(crate) fn apply(
        &mut self,
        account: AccountId,
        at: OffsetDateTime,
        change: &Change,
    ) -> Result<(), String> {
        if let Change::AccountOpened { user_id, access_key } = change {
            let new = Account::new(account, at, user_id, access_key);
            if self.accounts.insert(account, new).is_some() {
                return Err(format!("the account {account} is opened a second time"));
            }
            self.organizations.open(self.first, account, at);
            self.first.get_or_insert(account);
            return Ok(());
        }
        if let Change::Whole(change) = change {
            return self.change_whole(change);
        }
        if let Change::Organization(change) = change {
            return self.change_organization(account, at, change);
        }
        let rebound = self.before_trusts(account, change);
        let own = self.accounts.get_mut(&account);
        let own = own.ok_or_else(|| format!("there is no account {account} to change"))?;
        own.apply(at, change)?;
        self.after_trusts(account, change, rebound)
    }
}
