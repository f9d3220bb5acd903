//! Taking back what carries the federation's tag, and nothing else.

use std::collections::BTreeMap;

use attache_identifiers::RoleName;

use crate::adoption::{self, ADOPTED_TAG, Adoption, closed_trust};
use crate::apply::Operation;
use crate::desired::{Account, OWNER_TAG, describes};
use crate::observe::{Observed, ObservedRole};
use crate::provider_use::ProviderUse;

use super::change::{Action, Change, Kind};
use super::{differences, is_owned};

/// Everything of ours in the account: roles first, then the provider if nobody else needs it.
pub(super) fn steps(owner: &str, desired: &Account, observed: &Observed) -> Vec<Change> {
    let wanted = |name: &RoleName| desired.roles.iter().any(|role| role.arn.name() == name);
    let mut changes = Vec::new();
    for (name, role) in &observed.roles {
        if is_owned(&role.tags, owner) {
            changes.push(take_back(owner, desired, name, role));
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
        return release_provider(owner, desired, observed);
    }
    let (others, unknown) = others(owner, observed);
    if !others.is_empty() || !unknown.is_empty() {
        let mut notes = Vec::new();
        if !others.is_empty() {
            notes.push(format!("trusted by {} too", others.join(", ")));
        }
        if !unknown.is_empty() {
            let unknown = unknown.join(", ");
            notes.push(format!("not known whether {unknown} trusts it: the policy cannot be read"));
        }
        return Some(change(Action::Kept).note(notes.join("; ")));
    }
    let delete = Operation::DeleteProvider { provider: desired.provider.arn.clone() };
    Some(change(Action::Delete).does(vec![delete]))
}

/// The roles that could use the provider and are not ours to delete, and those of which it is not
/// known.
fn others<'o>(owner: &str, observed: &'o Observed) -> (Vec<&'o str>, Vec<&'o str>) {
    let ours = |name: &str| {
        let found = RoleName::parse(name).ok().and_then(|name| observed.roles.get(&name));
        found.is_some_and(|role| is_owned(&role.tags, owner))
    };
    let of = |wanted: ProviderUse| {
        let users = observed.users.iter().filter(move |(_, own)| **own == wanted);
        users.map(|(name, _)| name.as_str()).filter(|name| !ours(name)).collect()
    };
    (of(ProviderUse::Possible), of(ProviderUse::Unknown))
}

/// Roles that an earlier file had in this account.
pub(super) fn left_over<'a>(
    owner: &'a str,
    desired: &'a Account,
    observed: &'a Observed,
) -> impl Iterator<Item = Change> + use<'a> {
    let gone = |name: &RoleName| !desired.roles.iter().any(|role| role.arn.name() == name);
    let ours = observed.roles.iter().filter(|(_, role)| is_owned(&role.tags, owner));
    ours.filter(move |(name, _)| gone(name)).map(|(name, role)| {
        let change = take_back(owner, desired, name, role);
        let why = "the file no longer has it".to_owned();
        let note = change.note.iter().fold(why, |why, note| format!("{why}; {note}"));
        change.note(note)
    })
}

/// A role of ours is deleted; one that was there before is released.
fn take_back(owner: &str, desired: &Account, name: &RoleName, role: &ObservedRole) -> Change {
    if let Some(mark) = Adoption::read(&role.tags) {
        let note = "it was there before, and stays";
        return release(desired, name, role, &mark, note);
    }
    // An adoption by a version that set no mark left the role's own description.
    let ours = |text: &String| {
        let wanted = desired.roles.iter().find(|role| role.arn.name() == name);
        let wanted = wanted.and_then(|role| role.description.value());
        text.starts_with(&describes(owner)) || wanted == Some(text)
    };
    if role.description.as_ref().is_none_or(ours) {
        return delete_role(name, role);
    }
    let note = "its description is not attache's, so it may have been there before: it stays, with \
                its policies";
    release(desired, name, role, &Adoption::default(), note)
}

/// Takes off what the federation put on a role, and the tags last: until then it is known as
/// adopted. What its trust policy was is not known any more; the federation's is closed, so that the
/// workload is out, and nobody is let in.
fn release(
    desired: &Account,
    name: &RoleName,
    role: &ObservedRole,
    mark: &Adoption,
    note: &str,
) -> Change {
    let mut operations = Vec::new();
    let mut note = note.to_owned();
    let trust = desired.roles.first().map(|role| &role.trust);
    if trust.is_some_and(|trust| differences("", &role.trust, trust).is_empty()) {
        operations.push(Operation::SetTrust { role: name.clone(), document: closed_trust() });
        note.push_str(
            ". Its trust policy is closed: `aws iam update-assume-role-policy` gives it another",
        );
    }
    let attached = role.policies.iter().filter(|arn| mark.has(&adoption::managed(arn)));
    operations.extend(
        attached.map(|policy| Operation::Detach { role: name.clone(), policy: policy.clone() }),
    );
    let put = role.inline.keys().filter(|inline| mark.has(&adoption::inline(inline)));
    operations.extend(
        put.map(|inline| Operation::DeleteInline { role: name.clone(), name: inline.clone() }),
    );
    let ours = [OWNER_TAG, ADOPTED_TAG].map(str::to_owned).into_iter();
    let keys: Vec<String> = ours.filter(|key| role.tags.contains_key(key)).collect();
    operations.push(Operation::UntagRole { role: name.clone(), keys });
    Change::new(Kind::Role, name.as_str(), Action::Release).note(note).does(operations)
}

/// A provider that was there before: the client id that the federation added is taken off, unless
/// somebody else may have come to need it.
fn release_provider(owner: &str, desired: &Account, observed: &Observed) -> Option<Change> {
    let found = observed.provider.as_ref()?;
    let change =
        |action| Change::new(Kind::Provider, desired.provider.issuer.host_and_path(), action);
    let kept = "shared: it was here before this federation";
    let client_id = &desired.provider.client_id;
    let own = adoption::client_id(owner, client_id);
    let mark = Adoption::read(&found.tags).filter(|mark| mark.has(&own));
    let Some(mut mark) = mark else { return Some(change(Action::Kept).note(kept)) };
    let (others, unknown) = others(owner, observed);
    let needed = !others.is_empty() || !unknown.is_empty();
    let provider = desired.provider.arn.clone();
    let mut operations = Vec::new();
    if !needed && found.client_ids.contains(client_id) {
        let (provider, client_id) = (provider.clone(), client_id.clone());
        operations.push(Operation::RemoveClientId { provider, client_id });
    }
    mark.remove(&own);
    operations.push(match mark.value().filter(|_| !mark.is_empty()) {
        Some(value) => {
            let tags = BTreeMap::from([(ADOPTED_TAG.to_owned(), value)]);
            Operation::TagProvider { provider, tags }
        }
        None => Operation::UntagProvider { provider, keys: vec![ADOPTED_TAG.to_owned()] },
    });
    let note = match needed {
        false => kept.to_owned(),
        true => format!(
            "{kept}; the client id {client_id} stays, because {} may need it",
            [others, unknown].concat().join(", ")
        ),
    };
    Some(change(Action::Release).note(note).does(operations))
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
