//! Documents under an assumption about keys that nobody knows.
//!
//! A condition on the caller's address is neither true nor false here. It is assumed to turn out
//! for the caller, or against: what turns out for an Allow is taken as true, for a Deny as false.
//! The document is written anew so, and the evaluator decides as always. Statements keep their
//! numbers.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use attache_policy::{Policy, PolicySet};
use serde_json::{Map, Value, json};

use crate::document::{Document, DocumentId};

/// What is assumed of a document's keys, in lower case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Assumed {
    /// Their conditions turn out for the caller.
    pub(crate) favourable: BTreeSet<String>,
    /// Or against it.
    pub(crate) adverse: BTreeSet<String>,
}

/// The documents that were written anew, compiled once.
#[derive(Debug, Default)]
pub(crate) struct Variants(RefCell<HashMap<(DocumentId, Assumed), PolicySet>>);

impl Variants {
    pub(crate) fn get(&self, id: DocumentId, document: &Document, assumed: Assumed) -> PolicySet {
        if assumed == Assumed::default() {
            return document.set.clone();
        }
        let known = self.0.borrow().get(&(id, assumed.clone())).cloned();
        known.unwrap_or_else(|| {
            let set = rewrite(id, document, &assumed);
            self.0.borrow_mut().insert((id, assumed), set.clone());
            set
        })
    }
}

/// A document that cannot be written anew cannot be: it was read before. It then says nothing.
fn rewrite(id: DocumentId, document: &Document, assumed: &Assumed) -> PolicySet {
    let Ok(mut value) = serde_json::from_str::<Value>(&document.text) else {
        return PolicySet::default();
    };
    match value.get_mut("Statement") {
        Some(Value::Array(list)) => list.iter_mut().for_each(|one| statement(one, assumed)),
        Some(one) => statement(one, assumed),
        None => {}
    }
    let policy = Policy::parse(&value.to_string(), document.kind);
    policy.map(|policy| policy.named(id.to_string()).into()).unwrap_or_default()
}

fn statement(value: &mut Value, assumed: &Assumed) {
    let allows = value.get("Effect").and_then(Value::as_str) == Some("Allow");
    let (holds, fails) = if allows {
        (&assumed.favourable, &assumed.adverse)
    } else {
        (&assumed.adverse, &assumed.favourable)
    };
    let Some(Value::Object(condition)) = value.get_mut("Condition") else { return };
    let fails = mentions(condition, fails);
    for keys in condition.values_mut().filter_map(Value::as_object_mut) {
        keys.retain(|key, _| !holds.contains(&key.to_lowercase()));
    }
    condition.retain(|_, keys| keys.as_object().is_none_or(|keys| !keys.is_empty()));
    if fails {
        // It is never this text.
        value["Condition"] = json!({"Bool": {"aws:SecureTransport": "never"}});
    } else if condition.is_empty()
        && let Some(statement) = value.as_object_mut()
    {
        statement.shift_remove("Condition");
    }
}

fn mentions(condition: &Map<String, Value>, wanted: &BTreeSet<String>) -> bool {
    let keys = condition.values().filter_map(Value::as_object).flat_map(Map::keys);
    keys.into_iter().any(|key| wanted.contains(&key.to_lowercase()))
}
