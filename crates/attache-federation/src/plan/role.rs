//! A role and its policies.

use std::collections::{BTreeMap, BTreeSet};

use attache_identifiers::RoleName;

use crate::adoption::{self, ADOPTED_TAG, Adoption};
use crate::apply::Operation;
use crate::desired::{DesiredRole, OWNER_TAG};
use crate::document::Setting;
use crate::kept::SetAside;
use crate::observe::ObservedRole;

use super::change::{Action, Change, Difference, Kind};
use super::{PlanOptions, differences, is_owned};

/// AWS's: seconds that a role's sessions last at most by default.
const DEFAULT_SESSION: i32 = 3600;

pub(super) fn changes(
    owner: &str,
    desired: &DesiredRole,
    found: Option<&ObservedRole>,
    options: PlanOptions,
) -> Vec<Change> {
    let name = desired.arn.name().as_str();
    let nothing = ObservedRole::default();
    let Some(found) = found else {
        let mut changes = vec![create(desired)];
        changes.extend(managed(desired, &nothing));
        changes.extend(inline(desired, &nothing));
        return changes;
    };
    if let Some(why) = blocked(owner, desired, found, options) {
        return vec![Change::new(Kind::Role, name, Action::Blocked).note(why)];
    }
    let aside = SetAside::new(desired, found);
    let (desired, found) = (&aside.desired, &aside.found);
    let mut changes: Vec<Change> = managed(desired, found).collect();
    changes.extend(aside.managed.iter().map(|arn| kept(Kind::ManagedPolicy, arn, desired)));
    changes.extend(inline(desired, found));
    changes.extend(aside.inline.iter().map(|name| kept(Kind::InlinePolicy, name, desired)));
    let mark = match mark(owner, desired, found, &changes) {
        Ok(mark) => mark,
        Err(why) => {
            let blocked = Change::new(Kind::Role, name, Action::Blocked);
            return vec![blocked.note(why.to_string())];
        }
    };
    let mut role = update(desired, found, mark);
    if !aside.others.is_empty() {
        role = role.note(format!("kept, as the file says: {}", aside.others.join(", ")));
    }
    changes.insert(0, role);
    changes
}

fn kept(kind: Kind, name: &str, desired: &DesiredRole) -> Change {
    Change::new(kind, name, Action::Kept).on(desired.arn.name()).note("as the file says")
}

/// A role that existed before takes more policies than its mark has room for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the role {0} existed before, and takes more policies than its tag {ADOPTED_TAG} has room for: \
     give it fewer, or let attache make another role"
)]
struct MarkTooLong(RoleName);

/// The mark of a role that was taken over, as it is to be: what the federation has put on it and is
/// about to. It is set before anything else is done to the role.
fn mark(
    owner: &str,
    desired: &DesiredRole,
    found: &ObservedRole,
    changes: &[Change],
) -> Result<Option<(String, String)>, MarkTooLong> {
    let mut mark = match Adoption::read(&found.tags) {
        Some(mark) => mark,
        None if is_owned(&found.tags, owner) => return Ok(None),
        None => Adoption::default(),
    };
    for operation in changes.iter().flat_map(|change| &change.operations) {
        match operation {
            Operation::Attach { policy, .. } => mark.add(&adoption::managed(policy)),
            Operation::Detach { policy, .. } => mark.remove(&adoption::managed(policy)),
            Operation::PutInline { name, .. } => mark.add(&adoption::inline(name)),
            Operation::DeleteInline { name, .. } => mark.remove(&adoption::inline(name)),
            _ => {}
        }
    }
    let value = mark.value().ok_or_else(|| MarkTooLong(desired.arn.name().clone()))?;
    Ok(Some((ADOPTED_TAG.to_owned(), value)))
}

/// Why the role may not be changed.
fn blocked(
    owner: &str,
    desired: &DesiredRole,
    found: &ObservedRole,
    options: PlanOptions,
) -> Option<String> {
    let name = desired.arn.name();
    if !found.arn.ends_with(&format!("/{name}")) {
        // IAM finds a name in any letters, STS and policies by its own alone.
        return Some(format!(
            "the role {name} exists with other letter case, as {}: write its name this way in the file",
            found.arn
        ));
    }
    if found.path != desired.arn.path() {
        return Some(format!(
            "the role {name} exists at the path {}, and a path cannot be changed: set `path: {}` \
             or choose another name",
            found.path, found.path
        ));
    }
    if is_owned(&found.tags, owner) || options.adopt {
        return None;
    }
    let whose = match found.tags.get(OWNER_TAG) {
        Some(other) => format!("belongs to the federation {other}"),
        None => format!("exists and was not made by attache (no tag {OWNER_TAG})"),
    };
    Some(format!("the role {name} {whose}: --adopt takes it over, with its policies"))
}

fn create(desired: &DesiredRole) -> Change {
    let mut values = vec![Difference::new("trusts", None, Some(desired.trusts.clone()))];
    let mut value = |field: &str, after: Option<String>| {
        values.extend(after.map(|after| Difference::new(field, None, Some(after))));
    };
    let own = desired.trust.pointer("/Statement").and_then(serde_json::Value::as_array);
    for statement in own.into_iter().flatten().skip(desired.own_statements) {
        value("trust statement", Some(statement.to_string()));
    }
    value("path", Some(desired.arn.path().to_owned()).filter(|path| path != "/"));
    value("max session", desired.max_session.value().copied().map(seconds));
    value("permissions boundary", desired.boundary.value().cloned());
    value("description", desired.description.value().cloned());
    value("tags", Some(pairs(&desired.tags)));
    Change::new(Kind::Role, desired.arn.name().as_str(), Action::Create)
        .differs(values)
        .does(vec![Operation::CreateRole(Box::new(desired.clone()))])
}

/// The role's own fields. What the file does not mention is left as it is. The tags come first: they
/// hold the mark of a role that is taken over.
fn update(desired: &DesiredRole, found: &ObservedRole, mark: Option<(String, String)>) -> Change {
    let name = desired.arn.name();
    let (mut changed, mut operations) = tags(desired, found, mark);
    let trust = differences("trust policy", &found.trust, &desired.trust);
    if !trust.is_empty() {
        changed.extend(trust);
        let document = desired.trust.clone();
        operations.push(Operation::SetTrust { role: name.clone(), document });
    }
    let description = match &desired.description {
        Setting::Unmentioned => found.description.clone(),
        Setting::Removed => None,
        Setting::To(text) => Some(text.clone()),
    };
    if description != found.description {
        let (before, after) = (found.description.clone(), description.clone());
        changed.push(Difference::new("description", before, after));
        let text = description.unwrap_or_default();
        operations.push(Operation::SetDescription { role: name.clone(), text });
    }
    let session = match desired.max_session {
        Setting::Unmentioned => found.max_session,
        Setting::Removed => DEFAULT_SESSION,
        Setting::To(expected) => expected,
    };
    if session != found.max_session {
        let before = Some(seconds(found.max_session));
        changed.push(Difference::new("max session", before, Some(seconds(session))));
        operations.push(Operation::SetMaxSession { role: name.clone(), seconds: session });
    }
    let boundary = match &desired.boundary {
        Setting::Unmentioned => None,
        Setting::Removed => found
            .boundary
            .is_some()
            .then(|| (None, Operation::RemoveBoundary { role: name.clone() })),
        Setting::To(policy) => (!found.boundary.as_ref().is_some_and(|own| same_name(own, policy)))
            .then(|| {
                let set = Operation::SetBoundary { role: name.clone(), policy: policy.clone() };
                (Some(policy.clone()), set)
            }),
    };
    if let Some((after, operation)) = boundary {
        changed.push(Difference::new("permissions boundary", found.boundary.clone(), after));
        operations.push(operation);
    }
    let action = if operations.is_empty() { Action::Unchanged } else { Action::Update };
    Change::new(Kind::Role, name.as_str(), action).differs(changed).does(operations)
}

/// Our tags. Those that others set are theirs: only ours are compared.
fn tags(
    desired: &DesiredRole,
    found: &ObservedRole,
    mark: Option<(String, String)>,
) -> (Vec<Difference>, Vec<Operation>) {
    let expected = desired.tags.clone().into_iter().chain(mark);
    let missing: BTreeMap<String, String> =
        expected.filter(|(key, value)| found.tags.get(key) != Some(value)).collect();
    if missing.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let now = found.tags.iter().filter(|(key, _)| missing.contains_key(*key));
    let now: BTreeMap<_, _> = now.map(|(key, value)| (key.clone(), value.clone())).collect();
    let before = Some(pairs(&now)).filter(|text| !text.is_empty());
    let difference = Difference::new("tags", before, Some(pairs(&missing)));
    let tag = Operation::TagRole { role: desired.arn.name().clone(), tags: missing };
    (vec![difference], vec![tag])
}

/// The managed policies: attached are exactly the file's. IAM finds them in any letters, and answers its own.
fn managed<'a>(desired: &'a DesiredRole, found: &'a ObservedRole) -> impl Iterator<Item = Change> {
    let role = desired.arn.name();
    let same = |arn: &str, all: &BTreeSet<String>| all.iter().any(|one| same_name(one, arn));
    let added = desired.policies.iter().filter(move |arn| !same(arn, &found.policies));
    let all: BTreeSet<&String> = added.chain(&found.policies).collect();
    all.into_iter().map(move |arn| {
        let (action, operations) = match (same(arn, &desired.policies), same(arn, &found.policies))
        {
            (true, true) => (Action::Unchanged, vec![]),
            (true, false) => {
                let attach = Operation::Attach { role: role.clone(), policy: arn.clone() };
                (Action::Attach, vec![attach])
            }
            (false, _) => {
                let detach = Operation::Detach { role: role.clone(), policy: arn.clone() };
                (Action::Detach, vec![detach])
            }
        };
        Change::new(Kind::ManagedPolicy, arn, action).on(role).does(operations)
    })
}

/// The inline policies: the role has exactly the file's.
fn inline(desired: &DesiredRole, found: &ObservedRole) -> Vec<Change> {
    let role = desired.arn.name();
    let put = |name: &String, document: &serde_json::Value| Operation::PutInline {
        role: role.clone(),
        name: name.clone(),
        document: document.clone(),
    };
    let mut changes = Vec::new();
    for (name, document) in &desired.inline {
        let change = |action| Change::new(Kind::InlinePolicy, name, action).on(role);
        let now = found.inline.iter().find(|(other, _)| same_name(other, name));
        changes.push(match now.map(|(_, text)| text) {
            None => change(Action::Create)
                .differs(vec![Difference::new("document", None, Some(document.to_string()))])
                .does(vec![put(name, document)]),
            Some(now) => {
                let changed = differences("document", now, document);
                if changed.is_empty() {
                    change(Action::Unchanged)
                } else {
                    change(Action::Update).differs(changed).does(vec![put(name, document)])
                }
            }
        });
    }
    let gone = |name: &&String| !desired.inline.keys().any(|other| same_name(other, name));
    for name in found.inline.keys().filter(gone) {
        let delete = Operation::DeleteInline { role: role.clone(), name: name.clone() };
        let change = Change::new(Kind::InlinePolicy, name, Action::Delete).on(role);
        changes.push(change.does(vec![delete]));
    }
    changes
}

/// IAM takes the names of policies without case: a put of an inline one in other letters replaces.
pub(crate) fn same_name(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}

fn seconds(seconds: i32) -> String {
    format!("{seconds} s")
}

fn pairs(tags: &BTreeMap<String, String>) -> String {
    let pairs: Vec<String> = tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
    pairs.join(", ")
}
