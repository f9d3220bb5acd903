//! Taking back what carries the federation's tag, and nothing else.

use names::RoleName;

use crate::apply::Operation;
use crate::desired::Account;
use crate::observe::{Observed, ObservedRole};

use super::change::{Action, Change, Kind};
use super::is_owned;

/// Everything of ours in the account: roles first, then the provider if nobody else needs it.
pub(super) fn steps(owner: &str, desired: &Account, observed: &Observed) -> Vec<Change> {
    let wanted = |name: &RoleName| desired.roles.iter().any(|role| role.arn.name() == name);
    let mut changes = Vec::new();
    for (name, role) in &observed.roles {
        if is_owned(&role.tags, owner) {
            changes.push(delete_role(name, role));
        } else if wanted(name) {
            let change = Change::new(Kind::Role, name.as_str(), Action::Kept);
            changes.push(change.note("it does not carry this federation's tag"));
        }
    }
    changes.extend(provider(owner, desired, observed));
    changes
}

fn provider(owner: &str, desired: &Account, observed: &Observed) -> Option<Change> {
    let found = observed.provider.as_ref()?;
    let change =
        |action| Change::new(Kind::Provider, desired.provider.issuer.host_and_path(), action);
    if !is_owned(&found.tags, owner) {
        return Some(change(Action::Kept).note("shared: it was here before this federation"));
    }
    let others = observed.roles.iter().filter(|(_, role)| !is_owned(&role.tags, owner));
    let others = others.filter(|(_, role)| role.trust.contains(&desired.provider.arn.to_string()));
    let others: Vec<&str> = others.map(|(name, _)| name.as_str()).collect();
    if !others.is_empty() {
        return Some(change(Action::Kept).note(format!("trusted by {} too", others.join(", "))));
    }
    let delete = Operation::DeleteProvider { provider: desired.provider.arn.clone() };
    Some(change(Action::Delete).does(vec![delete]))
}

/// Roles that an earlier file had in this account.
pub(super) fn left_over<'a>(
    owner: &'a str,
    desired: &'a Account,
    observed: &'a Observed,
) -> impl Iterator<Item = Change> + use<'a> {
    let gone = |name: &RoleName| !desired.roles.iter().any(|role| role.arn.name() == name);
    let ours = observed.roles.iter().filter(|(_, role)| is_owned(&role.tags, owner));
    ours.filter(move |(name, _)| gone(name))
        .map(|(name, role)| delete_role(name, role).note("the file no longer has it"))
}

/// IAM deletes a role only when nothing is on it.
fn delete_role(name: &RoleName, role: &ObservedRole) -> Change {
    let detach = |policy: &String| Operation::Detach { role: name.clone(), policy: policy.clone() };
    let delete =
        |inline: &String| Operation::DeleteInline { role: name.clone(), name: inline.clone() };
    let mut operations: Vec<Operation> = role.policies.iter().map(detach).collect();
    operations.extend(role.inline.keys().map(delete));
    operations.push(Operation::DeleteRole { role: name.clone() });
    Change::new(Kind::Role, name.as_str(), Action::Delete).does(operations)
}
