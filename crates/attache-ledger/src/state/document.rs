//! A policy document that was accepted, ready to be evaluated when it is first needed.

use std::sync::{LazyLock, OnceLock};

use attache_policy::{Invalid, Kind, Policy, PolicySet};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A document. It is compiled when a request is first decided by it: most of a large organization's
/// never have, and a compiled one takes ten times the memory of its text.
#[derive(Debug, Clone)]
pub struct Document {
    text: Box<str>,
    kind: Kind,
    /// What explanations call it.
    name: Box<str>,
    compiled: OnceLock<PolicySet>,
}

/// What an unreadable document has, which no accepted document is: no statement.
static NOTHING: LazyLock<PolicySet> = LazyLock::new(PolicySet::default);

impl Document {
    /// Reads a document; explanations call it `name`.
    pub fn read(text: &str, kind: Kind, name: &str) -> Result<Self, Invalid> {
        Policy::parse(text, kind)?;
        Ok(Self { text: text.into(), kind, name: name.into(), compiled: OnceLock::new() })
    }

    fn policy(&self) -> Option<Policy> {
        let read = Policy::parse(&self.text, self.kind).ok()?;
        Some(read.named(&*self.name))
    }

    /// The ARNs that its statements name as principals.
    pub fn principals(&self) -> Vec<String> {
        self.named_as_principals(|name| name.starts_with("arn:"))
    }

    /// Unique ids that its statements name as principals.
    pub fn principal_ids(&self) -> Vec<String> {
        self.named_as_principals(|name| name.starts_with("AROA") || name.starts_with("AIDA"))
    }

    fn named_as_principals(&self, matches: impl Fn(&str) -> bool) -> Vec<String> {
        // Most trust an identity provider or a service, and need not be read for this.
        if !self.text.contains("AWS") {
            return Vec::new();
        }
        let Some(policy) = self.policy() else { return Vec::new() };
        policy.aws_principals().filter(|name| matches(name)).map(str::to_owned).collect()
    }

    /// Its text with another principal in place of one; nothing where it does not name that.
    pub(crate) fn with_principal(&self, old: &str, new: &str) -> Option<String> {
        self.policy()?.with_aws_principal(old, new)
    }

    /// Its text, as it was given.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its statements, compiled.
    pub fn set(&self) -> &PolicySet {
        let compiled = || self.policy().map_or_else(|| NOTHING.clone(), PolicySet::from);
        self.compiled.get_or_init(compiled)
    }
}

/// A document in a snapshot.
#[derive(Serialize, Deserialize)]
struct StoredDocument<'d> {
    kind: Kind,
    name: std::borrow::Cow<'d, str>,
    text: std::borrow::Cow<'d, str>,
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (name, text) = ((&*self.name).into(), self.text().into());
        StoredDocument { kind: self.kind, name, text }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let StoredDocument { kind, name, text } = StoredDocument::deserialize(deserializer)?;
        Self::read(&text, kind, &name).map_err(D::Error::custom)
    }
}
