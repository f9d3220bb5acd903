//! Attaching: what is compiled where, when policies and their places change.

use std::collections::BTreeMap;

use attache_identifiers::AccountId;

use super::{Attached, ControlPolicy, Organization};
use crate::change::PolicyType;
use crate::state::apply::parse;
use crate::state::{ApplyError, ResourceKind};

impl Organization {
    /// What a new place has attached: the default policy of each type that is enabled.
    pub(super) fn defaults(&self) -> Attached {
        let mut attached = Attached::default();
        for kind in &self.enabled {
            attached
                .change(*kind, &self.policies, |ids| ids.push(kind.default_policy().to_owned()));
        }
        attached
    }

    /// Enables a type: its default policy is attached to all.
    pub(super) fn enable(&mut self, kind: PolicyType) {
        self.enabled.insert(kind);
        self.change_all(kind, |ids| *ids = vec![kind.default_policy().to_owned()]);
    }

    /// Disables a type: nothing of it stays attached.
    pub(super) fn disable(&mut self, kind: PolicyType) {
        self.enabled.remove(&kind);
        self.change_all(kind, Vec::clear);
    }

    /// Compiles all that is attached.
    pub(super) fn compile_all(&mut self) {
        for kind in PolicyType::ALL {
            self.change_all(kind, |_| {});
        }
    }

    pub(super) fn create_policy(
        &mut self,
        id: &str,
        kind: PolicyType,
        (name, description): (&str, &str),
        content: &str,
    ) -> Result<(), ApplyError> {
        let arn = self.own_policy_arn(kind, id);
        let document = parse(content, kind.grammar(), &arn)?;
        let (name, description) = (name.to_owned(), description.to_owned());
        let aws_managed = false;
        let id = id.to_owned();
        let new = ControlPolicy { id: id.clone(), kind, name, description, document, aws_managed };
        self.policies.insert(id, new);
        Ok(())
    }

    pub(super) fn update_policy(
        &mut self,
        id: &str,
        name: Option<&String>,
        description: Option<&String>,
        content: Option<&String>,
    ) -> Result<(), ApplyError> {
        let policy = self.policies.get(id);
        let kind = policy.ok_or_else(|| ResourceKind::Policy.missing(id))?.kind;
        let arn = self.own_policy_arn(kind, id);
        let document = content.map(|content| parse(content, kind.grammar(), &arn)).transpose()?;
        let Some(policy) = self.policies.get_mut(id) else { return Ok(()) };
        policy.name = name.unwrap_or(&policy.name).clone();
        policy.description = description.unwrap_or(&policy.description).clone();
        if let Some(document) = document {
            policy.document = document;
            self.compile_again(id, kind);
        }
        Ok(())
    }

    /// Compiles every place that has the policy.
    fn compile_again(&mut self, id: &str, kind: PolicyType) {
        let (policies, places) = self.places();
        for place in places {
            if place.ids(kind).iter().any(|own| own == id) {
                place.change(kind, policies, |_| {});
            }
        }
    }

    fn change_all(&mut self, kind: PolicyType, change: impl Fn(&mut Vec<String>)) {
        let (policies, places) = self.places();
        for place in places {
            place.change(kind, policies, &change);
        }
    }

    /// Changes what is attached to one place.
    pub(super) fn change_attached(
        &mut self,
        target: &str,
        kind: PolicyType,
        change: impl FnOnce(&mut Vec<String>),
    ) -> Result<(), ApplyError> {
        let Self { root, root_id, units, members, policies, .. } = self;
        let account = AccountId::parse(target).ok();
        let place = if target == root_id {
            Some(root)
        } else if let Some(unit) = units.get_mut(target) {
            Some(&mut unit.attached)
        } else {
            account.and_then(|id| members.get_mut(&id)).map(|member| &mut member.attached)
        };
        let place = place.ok_or_else(|| ResourceKind::Target.missing(target))?;
        place.change(kind, policies, change);
        Ok(())
    }

    fn places(
        &mut self,
    ) -> (&BTreeMap<String, ControlPolicy>, impl Iterator<Item = &mut Attached>) {
        let Self { root, units, members, policies, .. } = self;
        let units = units.values_mut().map(|unit| &mut unit.attached);
        let members = members.values_mut().map(|member| &mut member.attached);
        (policies, std::iter::once(root).chain(units).chain(members))
    }
}
