//! The keys that stand in variables: they are fixed before anything is compared.

use std::collections::BTreeSet;

use super::Keys;
use super::principals::Asker;
use crate::{Context, Policy};

/// The most ways to fix them. Ours: three keys with four values each.
const MOST: usize = 64;

/// Keys that have their values, or have none, before anything is looked for.
#[derive(Debug, Clone, Default)]
pub(super) struct Fixed {
    pub(super) context: Context,
    names: BTreeSet<String>,
}

impl Fixed {
    /// Whether a key's value, or that it has none, is given.
    pub(super) fn has(&self, key: &str) -> bool {
        self.names.contains(key)
    }

    /// With the keys that an asker brings.
    pub(super) fn with(&self, asker: &Asker) -> Self {
        let mut next = self.clone();
        for key in asker.keys.keys() {
            next = next.and(key, asker.keys.get(key));
        }
        next
    }

    fn and(&self, key: &str, values: Option<&[String]>) -> Self {
        let mut next = self.clone();
        next.names.insert(key.to_owned());
        if let Some(values) = values {
            next.context.set_many(key, values.to_vec());
        }
        next
    }
}

/// All ways to fix the variables' keys, and whether these are all.
pub(super) fn fixed(policies: [&Policy; 2], values: &Keys) -> (Vec<Fixed>, bool) {
    let mut ways = vec![Fixed::default()];
    for key in policies.iter().flat_map(|policy| policy.variable_keys()).collect::<BTreeSet<_>>() {
        let mut own = vec![Some(vec!["example".to_owned()]), None];
        for value in values.get(&key).into_iter().flatten() {
            if value.as_ref().is_some_and(|value| value.len() == 1) && !own.contains(value) {
                own.push(value.clone());
            }
        }
        let each =
            |way: &Fixed| own.iter().map(|v| way.and(&key, v.as_deref())).collect::<Vec<_>>();
        ways = ways.iter().flat_map(each).collect();
    }
    let whole = ways.len() <= MOST;
    ways.truncate(MOST);
    (ways, whole)
}
