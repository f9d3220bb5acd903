//! Documents under an assumption about keys that nobody knows.
//!
//! A condition on the caller's address is neither true nor false here. It is assumed to turn out
//! for the caller, or against, and the evaluator decides as always.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use attache_policy::syntax::Effect;
use attache_policy::{Assumption, PolicySet};

use crate::document::{Document, DocumentId};

/// What is assumed of a document's keys, in lower case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Assumed {
    /// Their conditions turn out for the caller.
    pub(crate) favourable: BTreeSet<String>,
    /// Or against it.
    pub(crate) adverse: BTreeSet<String>,
}

/// The documents under assumptions, each compiled once.
#[derive(Debug, Default)]
pub(crate) struct Variants(RefCell<HashMap<(DocumentId, Assumed), PolicySet>>);

impl Variants {
    pub(crate) fn get(&self, id: DocumentId, document: &Document, assumed: Assumed) -> PolicySet {
        if assumed == Assumed::default() {
            return document.set.clone();
        }
        let known = self.0.borrow().get(&(id, assumed.clone())).cloned();
        known.unwrap_or_else(|| {
            let set = assume(document, &assumed);
            self.0.borrow_mut().insert((id, assumed), set.clone());
            set
        })
    }
}

/// What turns out for an Allow is taken as true, for a Deny as false.
fn assume(document: &Document, assumed: &Assumed) -> PolicySet {
    let policy = document.policy.assuming(|statement, condition| {
        let key = condition.key.text.to_lowercase();
        let (holds, fails) = match statement.effect {
            Effect::Allow => (&assumed.favourable, &assumed.adverse),
            Effect::Deny => (&assumed.adverse, &assumed.favourable),
        };
        match (holds.contains(&key), fails.contains(&key)) {
            (_, true) => Assumption::Fails,
            (true, false) => Assumption::Holds,
            (false, false) => Assumption::None,
        }
    });
    policy.into()
}
