//! The removal of what carries the federation's tag, and of nothing else.

mod provider;
mod role;

use attache_identifiers::RoleName;

use crate::desired::Account;
use crate::observe::{ObservedAccount, ObservedRole};

use super::change::{Action, Change, Kind};
use super::{association, is_owned};

/// Every resource of the federation in the account: associations first, then roles, then each provider that no other
/// role needs.
pub(super) fn steps(owner: &str, desired: &Account, observed: &ObservedAccount) -> Vec<Change> {
    let mut changes = associations(owner, desired, observed);
    for (name, role) in &observed.roles {
        if is_owned(&role.tags, owner) {
            changes.push(role::remove_or_release(owner, desired, observed, name, role));
        } else if is_desired(desired, name) {
            let change = Change::new(Kind::Role, name.as_str(), Action::Kept);
            changes.push(change.note("it does not carry this federation's tag"));
        }
    }
    changes.extend(provider::of_the_file(owner, desired, observed));
    changes.extend(provider::of_other_issuers(owner, observed));
    changes
}

/// The federation's associations, and what is said of one of the workload's that is not the federation's.
fn associations(owner: &str, desired: &Account, observed: &ObservedAccount) -> Vec<Change> {
    let Some((expected, pods)) = desired.association.as_ref().zip(observed.pods.as_ref()) else {
        return Vec::new();
    };
    let mut changes = association::gone(owner, expected, pods, None);
    if let Some(other) = pods.of(&expected.workload).filter(|one| !is_owned(&one.tags, owner)) {
        let change = Change::new(Kind::Association, expected.name(), Action::Kept);
        changes.push(change.note(format!("{} does not carry this federation's tag", other.id)));
    }
    changes
}

/// What an earlier file had in this account: its roles, then the providers of its issuers.
pub(super) fn left_over(owner: &str, desired: &Account, observed: &ObservedAccount) -> Vec<Change> {
    let gone = observed
        .roles
        .iter()
        .filter(|(name, role)| is_owned(&role.tags, owner) && !is_desired(desired, name));
    let roles = gone.map(|(name, role)| {
        let change = role::remove_or_release(owner, desired, observed, name, role);
        change.because("the file no longer has it")
    });
    let providers = provider::of_other_issuers(owner, observed).into_iter();
    let why = match desired.providers.as_slice() {
        [] => "the file's mode needs no provider",
        [_] => "the file has another issuer",
        _ => "the file does not have this issuer",
    };
    let providers = providers.map(|change| change.because(why));
    roles.chain(providers).collect()
}

/// What is in an account that the file does not name.
pub(super) fn elsewhere(owner: &str, desired: &Account, observed: &ObservedAccount) -> Vec<Change> {
    let changes = steps(owner, desired, observed).into_iter();
    // A provider that is not the federation's is no news where the file has nothing to say.
    let ours = changes.filter(|change| change.action != Action::Kept || change.has_error());
    ours.map(|change| change.because("the file does not name this account")).collect()
}

fn is_desired(desired: &Account, name: &RoleName) -> bool {
    desired.roles.iter().any(|role| role.arn.name() == name)
}

/// Whether a role of the federation stays because something else holds it.
fn is_held(observed: &ObservedAccount, name: &RoleName, role: &ObservedRole) -> bool {
    observed.instance_profiles.contains_key(name)
        && crate::adoption::Adoption::read(&role.tags).is_none()
}
