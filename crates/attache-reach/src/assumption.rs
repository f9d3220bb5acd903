//! Documents under an assumption about unknown condition keys.
//!
//! A condition on the caller's address is neither true nor false for a call that was not made. It is
//! assumed to be in the caller's favour, or against it, and the evaluator decides as usual.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use attache_policy::syntax::Effect;
use attache_policy::{Assumption, PolicySet};

use crate::document::{Document, DocumentId};

/// What is assumed of a document's keys, in lower case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct KeyAssumptions {
    /// Their conditions are in the caller's favour.
    pub(crate) favourable: BTreeSet<String>,
    /// Their conditions are against the caller.
    pub(crate) adverse: BTreeSet<String>,
}

/// The documents under assumptions, each compiled once.
#[derive(Debug, Default)]
pub(crate) struct PoliciesUnderAssumptions(
    RefCell<HashMap<(DocumentId, KeyAssumptions), PolicySet>>,
);

impl PoliciesUnderAssumptions {
    pub(crate) fn get(
        &self,
        id: DocumentId,
        document: &Document,
        assumed: KeyAssumptions,
    ) -> PolicySet {
        if assumed == KeyAssumptions::default() {
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

/// A condition in the caller's favour holds in an Allow and fails in a Deny.
fn assume(document: &Document, assumed: &KeyAssumptions) -> PolicySet {
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
