//! The service accounts of the cluster, of which only the annotations that mean something are kept.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use attache_admission::AccountAnnotations;

use super::compact::Compact;

/// Every service account of the cluster, once the first list is whole.
#[derive(Debug, Default)]
pub struct Accounts(RwLock<State>);

#[derive(Debug, Default)]
struct State {
    /// By `NAMESPACE/NAME`.
    all: HashMap<Box<str>, Entry>,
    /// Of the list that is being read, or was read last.
    list: u32,
    synced: bool,
}

#[derive(Debug)]
struct Entry {
    /// The list in which it was, or since which it was changed: what a newer list does not have is gone.
    /// So a new list needs no second map beside the first.
    list: u32,
    /// None where it has none: most have none.
    annotations: Option<Compact>,
}

/// What is kept of a service account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cached {
    /// It is there, with these annotations; most have none.
    Known(AccountAnnotations),
    /// It was not seen yet, or does not exist.
    Unseen,
}

impl Accounts {
    /// What is kept of one.
    #[must_use]
    pub fn get(&self, namespace: &str, name: &str) -> Cached {
        match self.read().all.get(key(namespace, name).as_str()) {
            Some(entry) => {
                let annotations = entry.annotations.as_ref().map(Compact::annotations);
                Cached::Known(annotations.unwrap_or_default())
            }
            None => Cached::Unseen,
        }
    }

    /// How many there are, and how many of them have annotations.
    #[must_use]
    pub fn count(&self) -> (usize, usize) {
        let state = self.read();
        let annotated = state.all.values().filter(|one| one.annotations.is_some()).count();
        (state.all.len(), annotated)
    }

    /// Whether a whole list was read.
    #[must_use]
    pub fn is_synced(&self) -> bool {
        self.read().synced
    }

    /// A new list begins. The old one stays until the new one is whole.
    pub fn begin_list(&self) {
        let mut state = self.write();
        state.list = state.list.wrapping_add(1);
    }

    /// A service account of the list, or one that was made or changed.
    pub fn put(&self, namespace: &str, name: &str, annotations: &AccountAnnotations) {
        let annotations = Compact::of(annotations);
        let mut state = self.write();
        let list = state.list;
        let entry = Entry { list, annotations };
        state.all.insert(key(namespace, name).into_boxed_str(), entry);
    }

    /// One that was deleted.
    pub fn remove(&self, namespace: &str, name: &str) {
        self.write().all.remove(key(namespace, name).as_str());
    }

    /// The list is whole.
    pub fn end_list(&self) {
        let mut state = self.write();
        let list = state.list;
        state.all.retain(|_, entry| entry.list == list);
        state.all.shrink_to_fit();
        state.synced = true;
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, State> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, State> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(namespace: &str, name: &str) -> String {
    format!("{namespace}/{name}")
}
