//! The inline and attached policies of a role, a user or a group.

use std::collections::BTreeMap;

use attache_policy::{Kind, PolicySet};
use serde::{Deserialize, Serialize};

use super::{ApplyError, Document, ResourceKind};
use crate::change::OwnPolicyChange;

/// Inline policies by name, and the ARNs of managed ones in the order in which they were attached.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct OwnPolicies {
    /// Inline policies by name.
    pub inline: BTreeMap<String, Document>,
    /// The ARNs of managed policies, in the order in which they were attached.
    pub attached: Vec<String>,
}

impl OwnPolicies {
    /// Applies a change; `of` is the ARN of the role, user or group.
    pub(super) fn apply(&mut self, change: &OwnPolicyChange, of: &str) -> Result<(), ApplyError> {
        match change {
            OwnPolicyChange::InlineSet { name, document } => {
                let shown = format!("{name} of {of}");
                let document = super::apply::parse(document, Kind::Identity, &shown)?;
                self.inline.insert(name.clone(), document);
            }
            OwnPolicyChange::InlineDeleted { name } => {
                let gone = self.inline.remove(name);
                gone.ok_or_else(|| ResourceKind::InlinePolicy.missing(name))?;
            }
            OwnPolicyChange::Attached { arn } => {
                if !self.has(arn) {
                    self.attached.push(arn.clone());
                }
            }
            OwnPolicyChange::Detached { arn } => self.attached.retain(|own| own != arn),
        }
        Ok(())
    }

    /// Whether a managed policy is attached.
    pub fn has(&self, arn: &str) -> bool {
        self.attached.iter().any(|own| own == arn)
    }

    /// The inline policies, compiled.
    pub fn inline_sets(&self) -> impl Iterator<Item = &PolicySet> {
        self.inline.values().map(Document::set)
    }
}
