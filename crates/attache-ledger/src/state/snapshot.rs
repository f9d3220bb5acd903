//! The state as text: what a snapshot holds, and how an earlier state comes back.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use attache_identifiers::AccountId;
use serde::{Deserialize, Serialize};

use super::organization::Organizations;
use super::principal_ids::PrincipalIds;
use super::{Account, ApplyError, ResourceKind, SnapshotError, State};
use crate::AdminError;
use crate::change::{AdminChange, Change};

/// The most states that are saved by name. Ours: each is as large as the state itself.
const MOST_SAVED: usize = 100;

/// The most bytes of the states that are saved by name, together; one alone may have more. Ours: they are
/// in memory, and in each snapshot of the journal.
const MOST_SAVED_BYTES: usize = 64 * 1024 * 1024;

/// The part of a state that is stored: without AWS's managed policies and what follows from the rest.
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

/// A state with those that were saved by name, to be written.
#[derive(Serialize)]
pub(crate) struct StateSnapshot<'s> {
    state: Written<'s>,
    saved: &'s BTreeMap<String, Arc<str>>,
}

/// The same, as it was read.
#[derive(Deserialize)]
pub(crate) struct RestoredState {
    state: Read,
    saved: BTreeMap<String, Arc<str>>,
}

impl State {
    fn stored(&self) -> Written<'_> {
        let Self { first, accounts, organizations, .. } = self;
        Written { first: *first, accounts, organizations }
    }

    fn restore_stored(&mut self, read: Read) {
        let Read { first, accounts, mut organizations } = read;
        organizations.compile();
        (self.first, self.accounts, self.organizations) = (first, accounts, organizations);
        self.principal_ids = PrincipalIds::of(&self.accounts);
    }

    /// All of it, to be written.
    pub(crate) fn snapshot(&self) -> StateSnapshot<'_> {
        StateSnapshot { state: self.stored(), saved: &self.saved }
    }

    /// Becomes what [`State::snapshot`] wrote.
    pub(crate) fn take(&mut self, snapshot: RestoredState) {
        self.restore_stored(snapshot.state);
        self.saved = snapshot.saved;
    }

    /// A copy of the state.
    ///
    /// # Errors
    /// When it cannot be written and read again.
    pub fn copy(&self) -> Result<Self, SnapshotError> {
        let mut copy = Self::new(self.aws_managed.clone());
        let text = written(&self.stored())?;
        copy.restore_stored(serde_json::from_str(&text).map_err(SnapshotError::Read)?);
        copy.saved.clone_from(&self.saved);
        Ok(copy)
    }

    /// Saves the state under a name, in place of an earlier one of that name.
    pub(super) fn save(&mut self, name: &str) -> Result<(), SnapshotError> {
        let text = written(&self.stored())?.into();
        self.saved.insert(name.to_owned(), text);
        Ok(())
    }

    /// Whether a state can be saved under a name; an earlier one of that name makes room for it.
    ///
    /// # Errors
    /// Why it cannot: there are too many, or the bytes of all would be.
    pub(crate) fn check_room_for(&self, name: &str) -> Result<(), AdminError> {
        let others = self.saved.iter().filter(|(saved, _)| *saved != name);
        let (count, taken) =
            others.fold((0, 0), |(count, bytes), (_, text)| (count + 1, bytes + text.len()));
        if count >= MOST_SAVED {
            return Err(AdminError::TooManySnapshots { limit: MOST_SAVED });
        }
        let mut length = Length(0);
        serde_json::to_writer(&mut length, &self.stored()).map_err(SnapshotError::Write)?;
        if count == 0 || taken + length.0 <= MOST_SAVED_BYTES {
            return Ok(());
        }
        Err(AdminError::SnapshotsTooLarge {
            count,
            taken,
            limit: MOST_SAVED_BYTES,
            needed: length.0,
        })
    }

    /// Goes back to a state that was saved.
    pub(super) fn restore(&mut self, name: &str) -> Result<(), ApplyError> {
        let saved = self.saved.get(name).cloned();
        let text = saved.ok_or_else(|| ResourceKind::Snapshot.missing(name))?;
        self.restore_stored(serde_json::from_str(&text).map_err(SnapshotError::Read)?);
        Ok(())
    }

    /// Goes back to the accounts and clusters that were given, with the keys that they had.
    pub(super) fn reset(&mut self) -> Result<(), ApplyError> {
        let accounts = std::mem::take(&mut self.accounts);
        let first = self.first.take();
        (self.organizations, self.principal_ids) =
            (Organizations::default(), PrincipalIds::default());
        let mut given: Vec<&Account> = accounts.values().filter(|account| account.given).collect();
        // The first one manages the organization again.
        given.sort_by_key(|account| (Some(account.id) != first, account.id));
        for old in given {
            let (user_id, access_key) = (old.first_user.clone(), old.first_key.clone());
            self.apply(old.id, old.opened, &Change::AccountOpened { user_id, access_key })?;
            let Some(new) = self.accounts.get_mut(&old.id) else { continue };
            for cluster in old.clusters.values() {
                new.restore_cluster(cluster);
            }
        }
        Ok(())
    }

    /// The names of the states that were saved.
    pub fn saved(&self) -> impl Iterator<Item = &str> {
        self.saved.keys().map(String::as_str)
    }
}

impl State {
    pub(super) fn change_all(&mut self, change: &AdminChange) -> Result<(), ApplyError> {
        match change {
            AdminChange::Reset => self.reset(),
            AdminChange::Saved { name } => Ok(self.save(name)?),
            AdminChange::Restored { name } => self.restore(name),
            AdminChange::SnapshotDeleted { name } => {
                let gone = self.saved.remove(name);
                gone.map(drop).ok_or_else(|| ResourceKind::Snapshot.missing(name))
            }
        }
    }
}

/// How long a text would be.
struct Length(usize);

impl io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn written(value: &impl Serialize) -> Result<String, SnapshotError> {
    serde_json::to_string(value).map_err(SnapshotError::Write)
}
