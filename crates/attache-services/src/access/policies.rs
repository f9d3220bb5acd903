//! The policies that have a say in what a caller does.

use attache_ledger::state::{Account, Group, ManagedPolicy, OwnPolicies, Role, State, User};
use attache_policy::{EffectivePolicies, Kind, Policy, PolicySet};

use super::{Caller, Identity, org_policies};

/// All of them but the resource's own.
pub fn of_caller(state: &State, caller: &Caller) -> EffectivePolicies {
    let mut all = EffectivePolicies::default();
    let Some(account) = state.account(caller.account) else { return all };
    org_policies::of_caller(&mut all, state, caller.account);
    let resolver = PolicyResolver { state, account };
    match &caller.identity {
        Identity::User { name, .. } => {
            let Some(user) = account.users.get(name) else { return all };
            (all.identity, all.boundary) = resolver.of_user(user);
            if let Some(session) = caller.user_session() {
                all.scope_down = scope_down(&session.scope_down);
            }
            if let Some(federated) = caller.federated() {
                all.session =
                    resolver.of_session(federated.policy.as_deref(), &federated.policy_arns);
            }
        }
        Identity::Session(session) => {
            let Some(role) = account.roles.get(session.role.name().as_str()) else { return all };
            (all.identity, all.boundary) = resolver.of_role(role);
            all.session = resolver.of_session(session.policy.as_deref(), &session.policy_arns);
            all.scope_down = scope_down(&session.scope_down);
        }
    }
    all
}

/// The policies that narrowed a session. One that cannot be read allows nothing.
fn scope_down(policies: &[String]) -> Vec<PolicySet> {
    let set = |text: &String| match Policy::parse(text, Kind::Session) {
        Ok(policy) => PolicySet::from(policy.named("the scope-down policy")),
        Err(_) => PolicySet::default(),
    };
    policies.iter().map(set).collect()
}

/// An account, to find the policies of those who are in it.
#[derive(Clone, Copy)]
pub(crate) struct PolicyResolver<'s> {
    pub(crate) state: &'s State,
    pub(crate) account: &'s Account,
}

impl<'s> PolicyResolver<'s> {
    /// A role's own policies and its boundary.
    pub(crate) fn of_role(self, role: &'s Role) -> (PolicySet, Option<PolicySet>) {
        (
            self.inline_and_attached(&role.policies).collect(),
            self.boundary(role.boundary.as_deref()),
        )
    }

    /// A user's own policies, those of its groups, and its boundary.
    pub(crate) fn of_user(self, user: &'s User) -> (PolicySet, Option<PolicySet>) {
        let groups = user.groups.iter().filter_map(|name| self.account.groups.get(name));
        let groups = groups.flat_map(|group| self.inline_and_attached(&group.policies));
        (
            self.inline_and_attached(&user.policies).chain(groups).collect(),
            self.boundary(user.boundary.as_deref()),
        )
    }

    /// A group's own policies.
    pub(crate) fn of_group(self, group: &'s Group) -> PolicySet {
        self.inline_and_attached(&group.policies).collect()
    }

    fn inline_and_attached(self, policies: &'s OwnPolicies) -> impl Iterator<Item = PolicySet> {
        let attached = policies.attached.iter().filter_map(move |arn| self.current(arn));
        policies.inline_sets().chain(attached).cloned()
    }

    /// A boundary whose policy is gone allows nothing.
    fn boundary(self, arn: Option<&str>) -> Option<PolicySet> {
        arn.map(|arn| self.current(arn).cloned().unwrap_or_default())
    }

    /// A session's own policies; none where it has none.
    fn of_session(self, inline: Option<&str>, arns: &[String]) -> Option<PolicySet> {
        if inline.is_none() && arns.is_empty() {
            return None;
        }
        let inline = inline.into_iter().filter_map(|text| {
            let read = Policy::parse(text, Kind::Session).ok()?;
            Some(PolicySet::from(read.named("the session policy")))
        });
        let managed = arns.iter().filter_map(|arn| self.current(arn)).cloned();
        Some(inline.chain(managed).collect())
    }

    /// A managed policy's document that counts.
    fn current(self, arn: &str) -> Option<&'s PolicySet> {
        let version = self.state.managed_policy(self.account, arn).and_then(ManagedPolicy::current);
        version.map(|version| version.document.set())
    }
}
