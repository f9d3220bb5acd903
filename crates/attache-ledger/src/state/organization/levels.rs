//! What is attached to a place of the tree, compiled when it is attached.

use std::collections::BTreeMap;

use attache_identifiers::AccountId;
use attache_policy::PolicySet;
use serde::{Deserialize, Serialize};

use super::{ControlPolicy, Organization};
use crate::change::PolicyType;

/// What is attached to a root, a unit or an account, each type by itself.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Attached {
    service: Level,
    resource: Level,
}

/// The policies of one type at one place.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Level {
    /// Ids, in the order in which they were attached.
    ids: Vec<String>,
    /// All of them.
    #[serde(skip)]
    set: PolicySet,
}

impl Attached {
    /// The ids of the policies of a type.
    pub fn ids(&self, kind: PolicyType) -> &[String] {
        &self.level(kind).ids
    }

    /// Whether a policy is attached.
    pub fn has(&self, policy: &ControlPolicy) -> bool {
        self.ids(policy.kind).contains(&policy.id)
    }

    fn level(&self, kind: PolicyType) -> &Level {
        match kind {
            PolicyType::ServiceControl => &self.service,
            PolicyType::ResourceControl => &self.resource,
        }
    }

    fn level_mut(&mut self, kind: PolicyType) -> &mut Level {
        match kind {
            PolicyType::ServiceControl => &mut self.service,
            PolicyType::ResourceControl => &mut self.resource,
        }
    }

    /// Changes what is attached, and compiles it.
    pub(super) fn change(
        &mut self,
        kind: PolicyType,
        policies: &BTreeMap<String, ControlPolicy>,
        change: impl FnOnce(&mut Vec<String>),
    ) {
        let level = self.level_mut(kind);
        change(&mut level.ids);
        let found = level.ids.iter().filter_map(|id| policies.get(id));
        level.set = found.map(|policy| policy.document.set().clone()).collect();
    }
}

impl Organization {
    /// The sets that bind an account, one for each level, the root first; none where the type is
    /// not enabled or the account is no member.
    pub fn levels(&self, kind: PolicyType, account: AccountId) -> Vec<PolicySet> {
        let Some(member) = self.members.get(&account).filter(|_| self.enabled.contains(&kind))
        else {
            return Vec::new();
        };
        let own = std::iter::once(&member.attached);
        let units = self.units_above(&member.parent).map(|unit| &unit.attached);
        let root = std::iter::once(&self.root);
        let mut sets: Vec<PolicySet> =
            own.chain(units).chain(root).map(|place| place.level(kind).set.clone()).collect();
        sets.reverse();
        sets
    }
}
