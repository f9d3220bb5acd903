//! The keys of variables: they are fixed before anything is compared.

use std::collections::{BTreeMap, BTreeSet};

use super::candidates::{candidates, example};
use super::test_principals::TestPrincipal;
use crate::condition_keys::is_multivalued;
use crate::segment::{self, Segment, Wildcards};
use crate::syntax::Text;
use crate::{Context, Policy};

/// The most ways to fix them. Ours: three keys with five values each.
const MOST: usize = 128;

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

    /// With the keys that a principal has, and without those that it never has.
    pub(super) fn with(&self, test_principal: &TestPrincipal) -> Self {
        let mut next = self.clone();
        for (key, value) in &test_principal.keys {
            next.fix(key, value.as_deref());
        }
        next
    }

    fn fix(&mut self, key: &str, value: Option<&str>) {
        self.names.insert(key.to_owned());
        match value {
            Some(value) => self.context.set(key, value),
            None => self.context.remove(key),
        }
    }
}

/// All ways to fix the variables' keys, and whether these are all.
pub(super) fn fixed(policies: [&Policy; 2]) -> (Vec<Fixed>, bool) {
    let mut ways = vec![Fixed::default()];
    let mut whole = true;
    let in_conditions = candidates(policies, &Context::none());
    let in_places = of_places(policies);
    let keys = policies.iter().flat_map(|policy| policy.variable_keys());
    // A multivalued key cannot be a variable.
    let keys: BTreeSet<String> = keys.filter(|key| !is_multivalued(key)).collect();
    for key in keys {
        let named = in_conditions.get(&key).into_iter().flat_map(|known| &known.single);
        let placed = in_places.get(&key).into_iter().flatten();
        let mut own = vec![Some(example(&key).to_owned()), None];
        for value in placed.chain(named) {
            if !own.iter().any(|known| known.as_deref() == Some(value)) {
                own.push(Some(value.clone()));
            }
        }
        let most = (MOST / ways.len()).max(1);
        whole &= own.len() <= most;
        own.truncate(most);
        let each = |way: &Fixed| {
            let fix = |value: &Option<String>| {
                let mut next = way.clone();
                next.fix(&key, value.as_deref());
                next
            };
            own.iter().map(fix).collect::<Vec<_>>()
        };
        ways = ways.iter().flat_map(each).collect();
    }
    (ways, whole)
}

/// What a variable would have to be where another text goes on like the one that it is in: `bob`
/// in `home/bob/*` for `home/${aws:username}/*`.
fn of_places(policies: [&Policy; 2]) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let texts: Vec<(&Text, bool)> = policies
        .into_iter()
        .flat_map(|policy| {
            let statements = policy.inner.statements.iter().flat_map(|statement| {
                let resources = statement.resources.iter().flat_map(|list| &list.list);
                let conditions = statement.conditions.iter().flat_map(|own| &own.values);
                resources.chain(conditions)
            });
            statements.map(|text| (text, policy.inner.variables))
        })
        .collect();
    for (text, _) in texts.iter().filter(|(_, variables)| *variables) {
        if let Some((key, before, after)) = place(&text.text) {
            for (other, _) in &texts {
                let rest = other.text.strip_prefix(before.as_str());
                let end = |own: char| Some(own) == after || matches!(own, '*' | '?' | '$');
                let value = rest.and_then(|rest| rest.split(end).next());
                if let Some(value) = value.filter(|value| !value.is_empty()) {
                    found.entry(key.clone()).or_default().insert(value.to_owned());
                }
            }
        }
    }
    found
}

/// The first variable, where only plain text comes before it, with that text and the character
/// after it.
fn place(text: &str) -> Option<(String, String, Option<char>)> {
    let segments = segment::read(text, Wildcards::Yes, true);
    let (before, rest) = match segments.as_slice() {
        [Segment::Text(before), rest @ ..] => (before.to_string(), rest),
        rest => (String::new(), rest),
    };
    let [Segment::Variable(variable), behind @ ..] = rest else { return None };
    let after = match behind.first() {
        Some(Segment::Text(text)) => text.chars().next(),
        _ => None,
    };
    Some((variable.key().to_owned(), before, after))
}
