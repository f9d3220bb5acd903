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

    /// The ARNs that its statements name as principals.
    pub(crate) fn principals(&self) -> impl Iterator<Item = &str> {
        self.policy.aws_principals().filter(|name| name.starts_with("arn:"))
    }

    /// Unique ids that its statements name as principals.
    pub(crate) fn principal_ids(&self) -> impl Iterator<Item = &str> {
        let id = |name: &&str| name.starts_with("AROA") || name.starts_with("AIDA");
        self.policy.aws_principals().filter(id)
    }

    /// Its text with another principal in place of one; nothing where it does not name that.
    pub(crate) fn with_principal(&self, old: &str, new: &str) -> Option<String> {
        self.policy.with_aws_principal(old, new)
    }

    pub(crate) fn text(&self) -> &str {
        self.policy.text()
    }

    pub(crate) fn set(&self) -> &PolicySet {
        &self.set
    }
}
