//! The state as text: what a snapshot holds, and how an earlier state comes back.

use std::collections::BTreeMap;
use std::sync::Arc;

use names::AccountId;
use serde::{Deserialize, Serialize};

use super::organization::Organizations;
use super::trusts::Trusts;
use super::{Account, State};
use crate::change::Change;

/// The most states that are saved by name. Ours: each is as large as the state itself.
pub(crate) const MOST_SAVED: usize = 100;

/// A state's own part, without what AWS brings and what follows from the rest.
#[derive(Serialize)]
struct Written<'s> {
    first: Option<AccountId>,
    accounts: &'s BTreeMap<AccountId, Account>,
    organizations: &'s Organizations,
}

#[derive(Deserialize)]
struct Read {
    first: Option<AccountId>,
    accounts: BTreeMap<AccountId, Account>,
    organizations: Organizations,
}

/// A state with those that were saved by name.
#[derive(Serialize, Deserialize)]
struct Whole {
    state: String,
    saved: BTreeMap<String, Arc<str>>,
}

impl State {
    fn own_text(&self) -> Result<String, String> {
        let Self { first, accounts, organizations, .. } = self;
        let written = Written { first: *first, accounts, organizations };
        serde_json::to_string(&written).map_err(|e| format!("the state cannot be written: {e}"))
    }

    fn read_own(&mut self, text: &str) -> Result<(), String> {
        let wrong = |e| format!("the saved state cannot be read: {e}");
        let Read { first, accounts, mut organizations } =
            serde_json::from_str(text).map_err(wrong)?;
        organizations.compile();
        (self.first, self.accounts, self.organizations) = (first, accounts, organizations);
        self.trusts = Trusts::of(&self.accounts);
        Ok(())
    }

    /// All of it as text.
    pub(crate) fn to_text(&self) -> Result<String, String> {
        let whole = Whole { state: self.own_text()?, saved: self.saved.clone() };
        serde_json::to_string(&whole).map_err(|e| format!("the state cannot be written: {e}"))
    }

    /// Reads what [`State::to_text`] wrote.
    pub(crate) fn read_text(&mut self, text: &str) -> Result<(), String> {
        let wrong = |e| format!("the state cannot be read: {e}");
        let Whole { state, saved } = serde_json::from_str(text).map_err(wrong)?;
        self.read_own(&state)?;
        self.saved = saved;
        Ok(())
    }

    /// Another state that is the same.
    pub(crate) fn again(&self) -> Result<Self, String> {
        let mut again = Self::new(self.aws_managed.clone());
        again.read_text(&self.to_text()?)?;
        Ok(again)
    }

    /// Saves the state under a name, in place of an earlier one of that name.
    pub(super) fn save(&mut self, name: &str) -> Result<(), String> {
        let text = self.own_text()?.into();
        self.saved.insert(name.to_owned(), text);
        Ok(())
    }

    /// Goes back to a state that was saved.
    pub(super) fn restore(&mut self, name: &str) -> Result<(), String> {
        let saved = self.saved.get(name).cloned();
        let text = saved.ok_or_else(|| format!("there is no saved state {name}"))?;
        self.read_own(&text)
    }

    /// Goes back to the accounts and clusters that were given, with the keys that they had.
    pub(super) fn reset(&mut self) -> Result<(), String> {
        let accounts = std::mem::take(&mut self.accounts);
        let first = self.first.take();
        (self.organizations, self.trusts) = (Organizations::default(), Trusts::default());
        let mut given: Vec<&Account> = accounts.values().filter(|own| own.given).collect();
        // The first one manages the organisation again.
        given.sort_by_key(|own| (Some(own.id) != first, own.id));
        for own in given {
            let (user_id, access_key) = (own.first_user.clone(), own.first_key.clone());
            self.apply(own.id, own.opened, &Change::AccountOpened { user_id, access_key })?;
            let Some(new) = self.accounts.get_mut(&own.id) else { continue };
            for cluster in own.clusters.values() {
                new.know_again(cluster);
            }
        }
        Ok(())
    }

    /// The names of the states that were saved.
    pub(crate) fn saved(&self) -> impl Iterator<Item = &str> {
        self.saved.keys().map(String::as_str)
    }
}

/// What happens to the state as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "whole", rename_all = "kebab-case")]
pub(crate) enum WholeChange {
    Reset,
    Saved { name: String },
    Restored { name: String },
    Forgotten { name: String },
}

impl State {
    pub(super) fn change_whole(&mut self, change: &WholeChange) -> Result<(), String> {
        match change {
            WholeChange::Reset => self.reset(),
            WholeChange::Saved { name } => self.save(name),
            WholeChange::Restored { name } => self.restore(name),
            WholeChange::Forgotten { name } => {
                let gone = self.saved.remove(name);
                gone.map(drop).ok_or_else(|| format!("there is no saved state {name}"))
            }
        }
    }
}
