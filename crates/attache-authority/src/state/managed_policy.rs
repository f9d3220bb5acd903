//! A managed policy and its versions.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::Document;
use crate::tags::Tags;

/// A managed policy, AWS's or an account's own. It has always at least its default version.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ManagedPolicy {
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) description: Option<String>,
    pub(crate) created: OffsetDateTime,
    pub(crate) updated: OffsetDateTime,
    /// The newest last.
    pub(crate) versions: Vec<Version>,
    /// The number of the version that counts.
    pub(crate) default: u32,
    pub(crate) tags: Tags,
}

/// One version of a managed policy.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Version {
    /// `v3` is 3. Numbers are never used again.
    pub(crate) number: u32,
    pub(crate) document: Document,
    pub(crate) created: OffsetDateTime,
}

impl ManagedPolicy {
    /// The version that counts.
    pub(crate) fn current(&self) -> Option<&Version> {
        self.version(self.default)
    }

    pub(crate) fn version(&self, number: u32) -> Option<&Version> {
        self.versions.iter().find(|version| version.number == number)
    }

    /// The number that the next version gets.
    pub(crate) fn next_number(&self) -> u32 {
        self.versions.iter().map(|version| version.number).max().unwrap_or(0).saturating_add(1)
    }
}
