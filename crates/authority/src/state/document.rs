//! A policy document that was accepted, ready to be evaluated.

use policy::{Invalid, Kind, Policy, PolicySet};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

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

/// A document in a snapshot.
#[derive(Serialize, Deserialize)]
struct Kept<'d> {
    kind: Kind,
    name: std::borrow::Cow<'d, str>,
    text: std::borrow::Cow<'d, str>,
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let name = self.policy.name().unwrap_or_default().into();
        Kept { kind: self.policy.kind(), name, text: self.text().into() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Kept { kind, name, text } = Kept::deserialize(deserializer)?;
        Self::read(&text, kind, &name).map_err(D::Error::custom)
    }
}
