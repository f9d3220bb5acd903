//! Tags of IAM's resources and of sessions.

use serde::{Deserialize, Serialize};

/// A key and its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all(serialize = "PascalCase"))]
pub struct Tag {
    /// The key.
    #[serde(alias = "Key")]
    pub key: String,
    /// The value.
    #[serde(alias = "Value", default)]
    pub value: String,
}

/// Which tag keys are one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TagKeys {
    /// Those that differ in case alone: IAM's users and roles, sessions, Organizations.
    #[default]
    AnyCase,
    /// None but equal ones: IAM's policies, instance profiles and providers.
    Exact,
}

impl TagKeys {
    /// Whether the two are one key.
    pub fn equal(self, a: &str, b: &str) -> bool {
        match self {
            Self::AnyCase => a.eq_ignore_ascii_case(b),
            Self::Exact => a == b,
        }
    }
}

/// A resource's tags. Each key keeps the case that it was last written in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tags(Vec<Tag>);

impl Tags {
    /// Adds the tags, in place of those with the same keys.
    pub fn set(&mut self, tags: &[Tag], keys: TagKeys) {
        for tag in tags {
            match self.0.iter_mut().find(|existing| keys.equal(&existing.key, &tag.key)) {
                Some(existing) => *existing = tag.clone(),
                None => self.0.push(tag.clone()),
            }
        }
    }

    /// Removes the tags with these keys; a key that does not exist is no error.
    pub fn remove(&mut self, removed: &[String], keys: TagKeys) {
        self.0.retain(|tag| !removed.iter().any(|key| keys.equal(key, &tag.key)));
    }

    /// All of them, in the order in which they were first set.
    pub fn iter(&self) -> impl Iterator<Item = &Tag> {
        self.0.iter()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// All of them.
    pub fn as_slice(&self) -> &[Tag] {
        &self.0
    }

    /// The tag with that key.
    pub fn get(&self, key: &str, keys: TagKeys) -> Option<&Tag> {
        self.0.iter().find(|tag| keys.equal(&tag.key, key))
    }
}

impl From<Vec<Tag>> for Tags {
    /// The tags of something new: whether two keys are one was looked at when it was created.
    fn from(tags: Vec<Tag>) -> Self {
        Self(tags)
    }
}

/// Whether two of the keys are one.
pub fn has_duplicates(tags: &[Tag], keys: TagKeys) -> bool {
    let twice = |(at, tag): (usize, &Tag)| {
        tags.iter().take(at).any(|earlier| keys.equal(&earlier.key, &tag.key))
    };
    tags.iter().enumerate().any(twice)
}
