//! The removal of what carries the federation's tag, and of nothing else.

use std::collections::BTreeMap;

use attache_identifiers::RoleName;

use crate::adoption::{self, ADOPTED_TAG, Adoption, closed_trust};
use crate::apply::Operation;
use crate::desired::{Account, OWNER_TAG, describes};
use crate::observe::{ObservedAccount, ObservedRole};
use crate::provider_use::ProviderUse;

use super::change::{Action, Change, Kind};
use super::{differences, is_owned};

/// Every resource of the federation in the account: roles first, then the provider if no other role
/// needs it.
pub(super) fn steps(owner: &str, desired: &Account, observed: &ObservedAccount) -> Vec<Change> {
    let is_desired = |name: &RoleName| desired.roles.iter().any(|role| role.arn.name() == name);
    let mut changes = Vec::new();
    for (name, role) in &observed.roles {
        if is_owned(&role.tags, owner) {
            changes.push(remove_or_release(owner, desired, name, role));
        } else if is_desired(name) {
            let change = Change::new(Kind::Role, name.as_str(), Action::Kept);
            changes.push(change.note("it does not carry this federation's tag"));
        }
    }
    changes.extend(provider(owner, desired, observed));
    changes
}

fn provider(owner: &str, desired: &Account, observed: &ObservedAccount) -> Option<Change> {
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
            notes.push(format!("also trusted by {}", others.join(", ")));
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

/// The roles that could use the provider and are not the federation's, and those of which it is not
/// known.
fn others<'o>(owner: &str, observed: &'o ObservedAccount) -> (Vec<&'o str>, Vec<&'o str>) {
    let ours = |name: &str| {
        let found = RoleName::parse(name).ok().and_then(|name| observed.roles.get(&name));
        found.is_some_and(|role| is_owned(&role.tags, owner))
    };
    let of = |expected: ProviderUse| {
        let provider_uses =
            observed.provider_uses.iter().filter(move |(_, found)| **found == expected);
        provider_uses.map(|(name, _)| name.as_str()).filter(|name| !ours(name)).collect()
    };
    (of(ProviderUse::Possible), of(ProviderUse::Unknown))
}

/// Roles that an earlier file had in this account.
pub(super) fn left_over<'a>(
    owner: &'a str,
    desired: &'a Account,
    observed: &'a ObservedAccount,
) -> impl Iterator<Item = Change> + use<'a> {
    let gone = |name: &RoleName| !desired.roles.iter().any(|role| role.arn.name() == name);
    let ours = observed.roles.iter().filter(|(_, role)| is_owned(&role.tags, owner));
    ours.filter(move |(name, _)| gone(name)).map(|(name, role)| {
        let change = remove_or_release(owner, desired, name, role);
        let why = "the file no longer has it".to_owned();
        let note = change.note.iter().fold(why, |why, note| format!("{why}; {note}"));
        change.note(note)
    })
}

/// A role of the federation is deleted; one that existed before is released.
fn remove_or_release(
    owner: &str,
    desired: &Account,
    name: &RoleName,
    role: &ObservedRole,
) -> Change {
    if let Some(mark) = Adoption::read(&role.tags) {
        let note = "it existed before, and is kept";
        return release(desired, name, role, &mark, note);
    }
    // An adoption by a version that set no mark left the role's own description.
    let ours = |text: &String| {
        let expected = desired.roles.iter().find(|role| role.arn.name() == name);
        let expected = expected.and_then(|role| role.description.value());
        text.starts_with(&describes(owner)) || expected == Some(text)
    };
    if role.description.as_ref().is_none_or(ours) {
        return delete_role(name, role);
    }
    let note = "its description is not attache's, so it may have existed before: it is kept, with \
                its policies";
    release(desired, name, role, &Adoption::default(), note)
}

/// Removes what the federation put on a role, and the tags last: until then it is known as adopted.
/// Its former trust policy is not known any more; the federation's is replaced by one that allows no
/// principal.
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

/// A provider that existed before: the client id that the federation added is removed, unless another
/// role may need it.
fn release_provider(owner: &str, desired: &Account, observed: &ObservedAccount) -> Option<Change> {
    let found = observed.provider.as_ref()?;
    let change =
        |action| Change::new(Kind::Provider, desired.provider.issuer.host_and_path(), action);
    let kept = "shared: it existed before this federation";
    let client_id = &desired.provider.client_id;
    let ours = adoption::client_id(owner, client_id);
    let mark = Adoption::read(&found.tags).filter(|mark| mark.has(&ours));
    let Some(mut mark) = mark else { return Some(change(Action::Kept).note(kept)) };
    let (others, unknown) = others(owner, observed);
    let needed = !others.is_empty() || !unknown.is_empty();
    let provider = desired.provider.arn.clone();
    let mut operations = Vec::new();
    if !needed && found.client_ids.contains(client_id) {
        let (provider, client_id) = (provider.clone(), client_id.clone());
        operations.push(Operation::RemoveClientId { provider, client_id });
    }
    mark.remove(&ours);
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
