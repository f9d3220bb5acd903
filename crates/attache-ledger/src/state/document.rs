//! A policy document that was accepted, ready to be evaluated when it is first needed.

use std::sync::{LazyLock, OnceLock};

use attache_policy::{IamDocument, Invalid, Kind, Policy, PolicySet};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A document. It is compiled when a request is first decided by it: most of a large organization's
/// never have, and a compiled one takes ten times the memory of its text.
#[derive(Debug, Clone)]
pub struct Document {
    text: Box<str>,
    kind: Kind,
    /// Whether AWS publishes it. Such a document is in no snapshot.
    published: bool,
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
        Ok(Self::new(text, kind, name))
    }

    /// Reads a document that a call of IAM's writes: more of them are refused than are read.
    pub fn accept(text: &str, written_as: IamDocument, name: &str) -> Result<Self, Invalid> {
        Policy::accept(text, written_as)?;
        Ok(Self::new(text, written_as.kind(), name))
    }

    /// Reads a document that AWS publishes, which can be newer than our lists: what they do not have is
    /// logged.
    pub(crate) fn read_published(text: &str, kind: Kind, name: &str) -> Result<Self, Invalid> {
        if let Err(unknown) = Policy::parse(text, kind) {
            Policy::parse_published(text, kind)?;
            tracing::warn!(policy = name, %unknown, "a managed policy of AWS's has a name that is not known here");
        }
        Ok(Self { published: true, ..Self::new(text, kind, name) })
    }

    fn new(text: &str, kind: Kind, name: &str) -> Self {
        let (text, name) = (text.into(), name.into());
        Self { text, kind, published: false, name, compiled: OnceLock::new() }
    }

    fn policy(&self) -> Option<Policy> {
        let read = match self.published {
            true => Policy::parse_published(&self.text, self.kind),
            false => Policy::parse(&self.text, self.kind),
        };
        Some(read.ok()?.named(&*self.name))
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
