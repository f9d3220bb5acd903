//! A managed policy and its versions.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::Document;
use crate::tags::Tags;

/// A managed policy, AWS's or an account's own. It has always at least its default version.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ManagedPolicy {
    /// Its name.
    pub name: String,
    /// Its path, with both slashes.
    pub path: String,
    /// Its id.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// Its description.
    pub description: Option<String>,
    /// When it was made.
    pub created: OffsetDateTime,
    /// When it was last changed.
    pub updated: OffsetDateTime,
    /// The newest last.
    pub versions: Vec<Version>,
    /// The number of the version that counts.
    pub default: u32,
    /// Its tags.
    pub tags: Tags,
}

/// One version of a managed policy.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Version {
    /// `v3` is 3. Numbers are never used again.
    pub number: u32,
    /// What it says.
    pub document: Document,
    /// When it was made.
    pub created: OffsetDateTime,
}

impl ManagedPolicy {
    /// The version that counts.
    pub fn current(&self) -> Option<&Version> {
        self.version(self.default)
    }

    /// A version by its number.
    pub fn version(&self, number: u32) -> Option<&Version> {
        self.versions.iter().find(|version| version.number == number)
    }

    /// The number that the next version gets.
    pub fn next_number(&self) -> u32 {
        self.versions.iter().map(|version| version.number).max().unwrap_or(0).saturating_add(1)
    }
}
