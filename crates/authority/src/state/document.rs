//! A policy document that was accepted, ready to be evaluated.

use policy::{Invalid, Kind, Policy, PolicySet};

/// A document, compiled once for every request that it has a say in.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    policy: Policy,
    set: PolicySet,
}

impl Document {
    /// Reads a document; explanations call it `name`.
    pub(crate) fn read(text: &str, kind: Kind, name: &str) -> Result<Self, Invalid> {
        let policy = Policy::parse(text, kind)?.named(name);
        Ok(Self { set: PolicySet::from(policy.clone()), policy })
    }

    pub(crate) fn text(&self) -> &str {
        self.policy.text()
    }

    pub(crate) fn set(&self) -> &PolicySet {
        &self.set
    }
}
