//! The tree: units and accounts, and the paths between them.

use attache_identifiers::AccountId;
use serde::{Deserialize, Serialize};

use super::{Attached, ControlPolicy, Organization};

/// An organizational unit.
#[derive(Debug, Serialize, Deserialize)]
pub struct Unit {
    /// Its id.
    pub id: String,
    /// A unit's id, or the root's.
    pub parent: String,
    /// Its name.
    pub name: String,
    /// What is attached to it.
    pub attached: Attached,
}

/// An account's membership.
#[derive(Debug, Serialize, Deserialize)]
pub struct Member {
    /// A unit's id, or the root's.
    pub parent: String,
    /// How it became a member.
    pub how: Joined,
    /// What `CreateAccount` was given; none for an account that was there from the beginning.
    pub named: Option<Named>,
    /// What is attached to it.
    pub attached: Attached,
}

/// An account's name and address.
#[derive(Debug, Serialize, Deserialize)]
pub struct Named {
    /// Its name.
    pub name: String,
    /// The address of its owner.
    pub email: String,
}

/// How an account became a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Joined {
    /// It manages the organization.
    Invited,
    /// It was created in the organization, or was there from the beginning.
    Created,
}

/// A place that policies are attached to.
#[derive(Debug, Clone, Copy)]
pub enum Place<'o> {
    /// The root of the tree.
    Root,
    /// An organizational unit.
    Unit(&'o Unit),
    /// An account, with its membership.
    Account(AccountId, &'o Member),
}

impl Member {
    /// The account's name.
    pub fn name(&self, account: AccountId) -> String {
        match &self.named {
            Some(named) => named.name.clone(),
            None => format!("account-{account}"),
        }
    }

    /// The address of its owner. No mail goes to the one of an account that was given none: the
    /// domain is reserved for examples (RFC 2606).
    pub fn email(&self, account: AccountId) -> String {
        match &self.named {
            Some(named) => named.email.clone(),
            None => format!("{account}@accounts.example"),
        }
    }
}

impl Organization {
    /// A place by its id.
    pub fn place(&self, id: &str) -> Option<Place<'_>> {
        if id == self.root_id {
            return Some(Place::Root);
        }
        if let Some(unit) = self.units.get(id) {
            return Some(Place::Unit(unit));
        }
        let account = AccountId::parse(id).ok()?;
        self.members.get(&account).map(|member| Place::Account(account, member))
    }

    /// What is attached to a place.
    pub fn attached<'o>(&'o self, place: Place<'o>) -> &'o Attached {
        match place {
            Place::Root => &self.root,
            Place::Unit(unit) => &unit.attached,
            Place::Account(_, member) => &member.attached,
        }
    }

    /// Every place that has a policy attached.
    pub fn targets<'o>(&'o self, policy: &ControlPolicy) -> impl Iterator<Item = Place<'o>> {
        let units = self.units.values().map(Place::Unit);
        let members = self.members.iter().map(|(id, member)| Place::Account(*id, member));
        let all = std::iter::once(Place::Root).chain(units).chain(members);
        all.filter(move |place| self.attached(*place).has(policy))
    }

    /// Whether accounts and units can be put there.
    pub fn is_parent(&self, id: &str) -> bool {
        id == self.root_id || self.units.contains_key(id)
    }

    /// The unit of that id and those that it is in, the nearest first; none for the root.
    pub fn units_above<'o>(&'o self, id: &str) -> impl Iterator<Item = &'o Unit> {
        let first = self.units.get(id);
        std::iter::successors(first, |unit| self.units.get(&unit.parent))
    }

    /// The units directly in a place, by their ids.
    pub fn units_in<'o>(&'o self, parent: &str) -> impl Iterator<Item = &'o Unit> {
        self.units.values().filter(move |unit| unit.parent == parent)
    }

    /// The accounts directly in a place, by their numbers.
    pub fn members_in<'o>(&'o self, parent: &str) -> impl Iterator<Item = (AccountId, &'o Member)> {
        let all = self.members.iter().map(|(id, member)| (*id, member));
        all.filter(move |(_, member)| member.parent == parent)
    }

    /// `o-…/r-…/ou-…/`: the path down to a unit, or to the root.
    pub fn path_to(&self, parent: &str) -> String {
        let mut units: Vec<&str> = self.units_above(parent).map(|unit| unit.id.as_str()).collect();
        units.reverse();
        let mut path = format!("{}/{}/", self.id, self.root_id);
        for unit in units {
            path.push_str(unit);
            path.push('/');
        }
        path
    }

    /// The path down to an account's parent, for `aws:PrincipalOrgPaths`.
    pub fn path_of(&self, account: AccountId) -> Option<String> {
        self.members.get(&account).map(|member| self.path_to(&member.parent))
    }
}
