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

/// A resource's tags: the keys differ by more than their case, and each keeps the case that it was
/// last written in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tags(Vec<Tag>);

impl Tags {
    /// Adds the tags, in place of those with the same keys.
    pub fn set(&mut self, tags: &[Tag]) {
        for tag in tags {
            match self.0.iter_mut().find(|existing| existing.key.eq_ignore_ascii_case(&tag.key)) {
                Some(existing) => *existing = tag.clone(),
                None => self.0.push(tag.clone()),
            }
        }
    }

    /// Removes the tags with these keys; a key that does not exist is no error.
    pub fn remove(&mut self, keys: &[String]) {
        self.0.retain(|tag| !keys.iter().any(|key| key.eq_ignore_ascii_case(&tag.key)));
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

    /// The tag with that key, however that is written.
    pub fn get(&self, key: &str) -> Option<&Tag> {
        self.0.iter().find(|tag| tag.key.eq_ignore_ascii_case(key))
    }
}

impl From<Vec<Tag>> for Tags {
    fn from(tags: Vec<Tag>) -> Self {
        let mut own = Self::default();
        own.set(&tags);
        own
    }
}

/// Whether two keys are one when case is not counted.
pub fn has_duplicates(tags: &[Tag]) -> bool {
    let twice = |(at, tag): (usize, &Tag)| {
        tags.iter().take(at).any(|earlier| earlier.key.eq_ignore_ascii_case(&tag.key))
    };
    tags.iter().enumerate().any(twice)
}
