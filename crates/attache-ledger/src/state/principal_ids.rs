//! Which trust policies name which principal.
//!
//! AWS stores a role's or a user's unique id where a trust policy names its ARN. So when it is deleted
//! its id takes the ARN's place, and a new one of the same name is not trusted; when a user is renamed
//! its new ARN takes the place.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use attache_identifiers::{AccountId, Arn};
use attache_policy::Kind;

use super::{Account, ApplyError, Document, State};
use crate::change::{Change, IdentityChange};

/// The roles, by account and name, whose trust policies name an ARN.
#[derive(Debug, Default)]
pub(super) struct PrincipalIds(HashMap<String, BTreeSet<(AccountId, String)>>);

/// A principal's old name in trust policies, and the new one.
pub(super) struct Rebinding {
    old: String,
    new: String,
}

impl PrincipalIds {
    /// Of all roles of all accounts.
    pub(super) fn of(accounts: &BTreeMap<AccountId, Account>) -> Self {
        let mut all = Self::default();
        for (account, own) in accounts {
            for (name, role) in &own.roles {
                all.add(*account, name, &role.trust);
            }
        }
        all
    }

    fn add(&mut self, account: AccountId, role: &str, trust: &Document) {
        for arn in trust.principals() {
            let own = self.0.entry(arn).or_default();
            own.insert((account, role.to_owned()));
        }
    }

    fn remove(&mut self, account: AccountId, role: &str, trust: &Document) {
        let own = (account, role.to_owned());
        for arn in trust.principals() {
            if let Some(roles) = self.0.get_mut(&arn) {
                roles.remove(&own);
                if roles.is_empty() {
                    self.0.remove(&arn);
                }
            }
        }
    }
}

impl State {
    /// What a change is going to rename; to be called before it is applied.
    pub(super) fn before_principal_ids(
        &mut self,
        account: AccountId,
        change: &Change,
    ) -> Option<Rebinding> {
        let own = self.accounts.get(&account)?;
        match change {
            Change::TrustSet { role, .. } => {
                self.principal_ids.remove(account, role, &own.roles.get(role)?.trust);
                None
            }
            Change::RoleDeleted { role, .. } => {
                let gone = own.roles.get(role)?;
                self.principal_ids.remove(account, role, &gone.trust);
                Some(Rebinding { old: gone.arn.clone(), new: gone.id.clone() })
            }
            Change::Identity(IdentityChange::UserDeleted { user }) => {
                let gone = own.users.get(user)?;
                Some(Rebinding { old: gone.arn.clone(), new: gone.id.clone() })
            }
            Change::Identity(IdentityChange::UserRenamed(to)) => {
                let old = own.users.get(&to.from)?.arn.clone();
                Some(Rebinding { old, new: own.arn_of(Arn::user, &to.path, &to.name) })
            }
            _ => None,
        }
    }

    /// Updates the trust policies after a change was applied.
    pub(super) fn after_principal_ids(
        &mut self,
        account: AccountId,
        change: &Change,
        rebinding: Option<Rebinding>,
    ) -> Result<(), ApplyError> {
        let role = match change {
            Change::RoleCreated(new) => Some(&new.name),
            Change::TrustSet { role, .. } => Some(role),
            _ => None,
        };
        let own = self.accounts.get(&account);
        if let Some((name, role)) = role.and_then(|name| Some((name, own?.roles.get(name)?))) {
            self.principal_ids.add(account, name, &role.trust);
        }
        rebinding.map_or(Ok(()), |rebinding| self.rebind(&rebinding))
    }

    fn rebind(&mut self, rebinding: &Rebinding) -> Result<(), ApplyError> {
        let trusting = self.principal_ids.0.remove(&rebinding.old).unwrap_or_default();
        for (account, name) in trusting {
            let role = self.accounts.get_mut(&account).and_then(|own| own.roles.get_mut(&name));
            let Some(role) = role else { continue };
            let Some(text) = role.trust.with_principal(&rebinding.old, &rebinding.new) else {
                continue;
            };
            role.trust = super::apply::parse(&text, Kind::Trust, &role.arn)?;
            self.principal_ids.add(account, &name, &role.trust);
        }
        Ok(())
    }

    /// Whether an ARN of a role or a user can be trusted: if its account is embedded, it must exist.
    pub fn can_be_trusted(&self, arn: &str) -> bool {
        let mut parts = arn.splitn(6, ':').skip(2);
        let (service, account, resource) = (parts.next(), parts.nth(1), parts.next());
        let account = account.and_then(|id| AccountId::parse(id).ok());
        let own = account.and_then(|id| self.account(id));
        let (Some("iam"), Some(own), Some(resource)) = (service, own, resource) else {
            return true;
        };
        exists(own, arn, resource)
    }
}

fn exists(account: &Account, arn: &str, resource: &str) -> bool {
    let name = resource.rsplit('/').next().unwrap_or_default();
    match resource.split_once('/') {
        Some(("role", _)) => account.roles.get(name).is_some_and(|role| role.arn == arn),
        Some(("user", _)) => account.users.get(name).is_some_and(|user| user.arn == arn),
        // The account's root; and what no policy would take was refused when it was read.
        _ => true,
    }
}
