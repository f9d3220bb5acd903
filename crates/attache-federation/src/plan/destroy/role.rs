//! A role that goes: deleted where the federation made it, released where it was there before.

use attache_identifiers::RoleName;

use crate::adoption::{self, ADOPTED_TAG, Adoption, closed_trust};
use crate::apply::Operation;
use crate::desired::{Account, OWNER_TAG, describes};
use crate::kept::SetAside;
use crate::observe::{ObservedAccount, ObservedRole};
use crate::plan::change::{Action, Change, Finding, Kind};
use crate::plan::differences;

use super::is_held;

/// A role of the federation is deleted; one that existed before is released.
pub(super) fn remove_or_release(
    owner: &str,
    desired: &Account,
    observed: &ObservedAccount,
    name: &RoleName,
    role: &ObservedRole,
) -> Change {
    if let Some(mark) = Adoption::read(&role.tags) {
        let note = "it existed before, and is kept";
        return release(desired, name, role, &mark, note);
    }
    if let Some(profiles) = observed.instance_profiles.get(name)
        && is_held(observed, name, role)
    {
        return held(name, profiles);
    }
    // An adoption by a version that set no mark left the role's own description.
    let ours = |text: &String| {
        let expected = desired.roles.iter().find(|role| role.arn.name() == name);
        let expected = expected.and_then(|role| role.description.value());
        text.starts_with(&describes(owner)) || expected == Some(text)
    };
    if role.description.as_ref().is_none_or(ours) {
        return delete(name, role);
    }
    let note = "its description is not attache's, so it may have existed before: it is kept, with \
                its policies";
    release(desired, name, role, &Adoption::default(), note)
}

/// A role in an instance profile: IAM does not delete it, and whatever runs on the instances uses it. Nothing of
/// it is touched.
fn held(name: &RoleName, profiles: &[String]) -> Change {
    let commands: Vec<String> = profiles
        .iter()
        .map(|profile| {
            format!(
                "aws iam remove-role-from-instance-profile --instance-profile-name {profile} \
                 --role-name {name}"
            )
        })
        .collect();
    let what = if profiles.len() == 1 { "the instance profile" } else { "the instance profiles" };
    let finding = Finding::error(format!(
        "the role {name} is in {what} {}: it is not deleted, and nothing of it is changed",
        profiles.join(", ")
    ));
    Change::new(Kind::Role, name.as_str(), Action::Kept)
        .note(format!("it is in {what} {}", profiles.join(", ")))
        .finding(finding.help(format!("if no instance needs it: {}", commands.join("; "))))
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
    let own = desired.roles.iter().find(|role| role.arn.name() == name);
    let own = own.or(desired.roles.first()).map(|own| SetAside::new(own, role).desired.trust);
    if own.is_some_and(|trust| differences("", &role.trust, &trust).is_empty()) {
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

/// IAM deletes a role only when nothing is on it.
fn delete(name: &RoleName, role: &ObservedRole) -> Change {
    let detach = |policy: &String| Operation::Detach { role: name.clone(), policy: policy.clone() };
    let delete =
        |inline: &String| Operation::DeleteInline { role: name.clone(), name: inline.clone() };
    let mut operations: Vec<Operation> = role.policies.iter().map(detach).collect();
    operations.extend(role.inline.keys().map(delete));
    operations.push(Operation::DeleteRole { role: name.clone() });
    Change::new(Kind::Role, name.as_str(), Action::Delete).does(operations)
}
