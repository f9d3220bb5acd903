//! A request's condition keys.

use std::slice;

/// Condition keys with their values. Keys compare without case, values with it.
#[derive(Debug, Clone, Default)]
pub struct Context(
    /// In no order: a request has some dozen, and names of other lengths need no second look.
    Vec<Key>,
);

#[derive(Debug, Clone)]
struct Key {
    /// In lower case.
    name: String,
    values: Values,
}

/// Most keys have one value, which needs no list.
#[derive(Debug, Clone)]
enum Values {
    One(String),
    Many(Vec<String>),
}

impl Values {
    fn as_slice(&self) -> &[String] {
        match self {
            Self::One(value) => slice::from_ref(value),
            Self::Many(values) => values,
        }
    }
}

/// Ours: the keys of a call and of its caller.
const USUAL: usize = 32;

impl Context {
    /// No keys.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same, for where there are never any.
    pub(crate) const fn none() -> Self {
        Self(Vec::new())
    }

    /// Sets a key to one value.
    pub fn set(&mut self, key: &str, value: impl Into<String>) {
        self.put(lower(key), Values::One(value.into()));
    }

    /// Sets a multi-valued key.
    pub fn set_many(&mut self, key: &str, values: Vec<String>) {
        self.put(lower(key), Values::Many(values));
    }

    fn put(&mut self, name: String, values: Values) {
        if let Some(key) = self.0.iter_mut().find(|key| key.name == name) {
            key.values = values;
            return;
        }
        if self.0.is_empty() {
            self.0.reserve(USUAL);
        }
        self.0.push(Key { name, values });
    }

    /// Takes a key out.
    pub(crate) fn remove(&mut self, key: &str) {
        let name = lower(key);
        self.0.retain(|key| key.name != name);
    }

    /// A key's values, or nothing where the key is missing from the request.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&[String]> {
        self.get_lower(&lower(key))
    }

    /// The same by a key that is in lower case already.
    pub(crate) fn get_lower(&self, key: &str) -> Option<&[String]> {
        let key = self.0.iter().find(|own| own.name == key)?;
        Some(key.values.as_slice())
    }

    /// All keys in lower case, in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        let mut names: Vec<&str> = self.0.iter().map(|key| key.name.as_str()).collect();
        names.sort_unstable();
        names.into_iter()
    }
}

impl PartialEq for Context {
    fn eq(&self, other: &Self) -> bool {
        let same = |key: &Key| other.get_lower(&key.name) == Some(key.values.as_slice());
        self.0.len() == other.0.len() && self.0.iter().all(same)
    }
}

impl Eq for Context {}

/// Nearly all keys are ASCII, which has a short way.
fn lower(key: &str) -> String {
    if key.is_ascii() { key.to_ascii_lowercase() } else { key.to_lowercase() }
}
