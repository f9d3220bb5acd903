//! A request's condition keys.

use std::collections::BTreeMap;

/// Condition keys with their values. Keys compare without case, values with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context(BTreeMap<String, Vec<String>>);

impl Context {
    /// No keys.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same, for where there are never any.
    pub(crate) const fn none() -> Self {
        Self(BTreeMap::new())
    }

    /// Sets a key to one value.
    pub fn set(&mut self, key: &str, value: impl Into<String>) {
        self.set_many(key, vec![value.into()]);
    }

    /// Sets a multi-valued key.
    pub fn set_many(&mut self, key: &str, values: Vec<String>) {
        self.0.insert(key.to_lowercase(), values);
    }

    /// Takes a key out.
    pub(crate) fn remove(&mut self, key: &str) {
        self.0.remove(&key.to_lowercase());
    }

    /// A key's values, or nothing where the key is missing from the request.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&[String]> {
        self.get_lower(&key.to_lowercase())
    }

    /// The same by a key that is in lower case already.
    pub(crate) fn get_lower(&self, key: &str) -> Option<&[String]> {
        self.0.get(key).map(Vec::as_slice)
    }

    /// All keys in lower case, in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}
