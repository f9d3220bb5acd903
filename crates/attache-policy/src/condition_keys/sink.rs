//! Where condition keys go.

use crate::Context;

/// What takes condition keys: a [`Context`], or a reader that keeps only those that a policy asks
/// for, or one that also wants to know which keys are certainly absent.
pub trait KeySink {
    /// A key with one value. The key's name is the concatenation of its parts.
    fn set(&mut self, key: &[&str], value: &str);

    /// A multivalued key.
    fn set_many(&mut self, key: &[&str], values: &[&str]);

    /// A key that AWS does not set for such a request, so that its absence is known.
    fn absent(&mut self, _key: &[&str]) {}
}

impl KeySink for Context {
    fn set(&mut self, key: &[&str], value: &str) {
        self.set_at(key, value);
    }

    fn set_many(&mut self, key: &[&str], values: &[&str]) {
        self.set_many_at(key, values);
    }
}
