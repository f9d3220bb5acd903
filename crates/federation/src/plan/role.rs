//! A role and its policies.

use std::collections::BTreeMap;

use crate::apply::Operation;
use crate::desired::{DesiredRole, OWNER_TAG};
use crate::observe::ObservedRole;

use super::change::{Action, Change, Difference, Kind};
use super::{PlanOptions, differences, is_owned};

pub(super) fn changes(
    owner: &str,
    desired: &DesiredRole,
    found: Option<&ObservedRole>,
    options: PlanOptions,
) -> Vec<Change> {
    let nothing = ObservedRole::default();
    let role = match found {
        None => create(desired),
        Some(found) => match blocked(owner, desired, found, options) {
            Some(why) => {
                let change = Change::new(Kind::Role, desired.arn.name().as_str(), Action::Blocked);
                return vec![change.note(why)];
            }
            None => update(desired, found),
        },
    };
    let found = found.unwrap_or(&nothing);
    let mut changes = vec![role];
    changes.extend(managed(desired, found));
    changes.extend(inline(desired, found));
    changes
}

/// Why the role may not be touched.
fn blocked(
    owner: &str,
    desired: &DesiredRole,
    found: &ObservedRole,
    options: PlanOptions,
) -> Option<String> {
    let name = desired.arn.name();
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
    // The whole document is the same for every role but for these values.
    let conditions = desired.trust.pointer("/Statement/0/Condition/StringEquals");
    let values = conditions.and_then(serde_json::Value::as_object).into_iter().flatten();
    let trusted: Vec<&str> = values.filter_map(|(_, value)| value.as_str()).collect();
    let mut values = vec![Difference::new("trusts", None, Some(trusted.join(" for ")))];
    let mut value = |field: &str, after: Option<String>| {
        values.extend(after.map(|after| Difference::new(field, None, Some(after))));
    };
    value("path", Some(desired.arn.path().to_owned()).filter(|path| path != "/"));
    value("max session", desired.max_session.map(seconds));
    value("permissions boundary", desired.boundary.clone());
    value("tags", Some(pairs(&desired.tags)));
    Change::new(Kind::Role, desired.arn.name().as_str(), Action::Create)
        .differs(values)
        .does(vec![Operation::CreateRole(Box::new(desired.clone()))])
}

fn update(desired: &DesiredRole, found: &ObservedRole) -> Change {
    let name = desired.arn.name();
    let mut operations = Vec::new();
    let mut changed = differences("trust policy", &found.trust, &desired.trust);
    if !changed.is_empty() {
        let document = desired.trust.clone();
        operations.push(Operation::SetTrust { role: name.clone(), document });
    }
    if let Some(wanted) = desired.max_session.filter(|wanted| *wanted != found.max_session) {
        let before = Some(seconds(found.max_session));
        changed.push(Difference::new("max session", before, Some(seconds(wanted))));
        operations.push(Operation::SetMaxSession { role: name.clone(), seconds: wanted });
    }
    if desired.boundary != found.boundary {
        let (before, after) = (found.boundary.clone(), desired.boundary.clone());
        changed.push(Difference::new("permissions boundary", before, after));
        operations.push(match &desired.boundary {
            Some(policy) => Operation::SetBoundary { role: name.clone(), policy: policy.clone() },
            None => Operation::RemoveBoundary { role: name.clone() },
        });
    }
    // Tags that others set are theirs: only ours are compared.
    let missing = desired.tags.iter().filter(|(key, value)| found.tags.get(*key) != Some(value));
    let missing: BTreeMap<String, String> =
        missing.map(|(key, value)| (key.clone(), value.clone())).collect();
    if !missing.is_empty() {
        let now = found.tags.iter().filter(|(key, _)| missing.contains_key(*key));
        let now: BTreeMap<_, _> = now.map(|(key, value)| (key.clone(), value.clone())).collect();
        let before = Some(pairs(&now)).filter(|text| !text.is_empty());
        changed.push(Difference::new("tags", before, Some(pairs(&missing))));
        operations.push(Operation::TagRole { role: name.clone(), tags: missing });
    }
    let action = if operations.is_empty() { Action::Unchanged } else { Action::Update };
    Change::new(Kind::Role, name.as_str(), action).differs(changed).does(operations)
}

/// The managed policies: attached are exactly the file's.
fn managed<'a>(desired: &'a DesiredRole, found: &'a ObservedRole) -> impl Iterator<Item = Change> {
    let role = desired.arn.name();
    desired.policies.union(&found.policies).map(move |arn| {
        let (action, operations) =
            match (desired.policies.contains(arn), found.policies.contains(arn)) {
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
        changes.push(match found.inline.get(name) {
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
    for name in found.inline.keys().filter(|name| !desired.inline.contains_key(*name)) {
        let delete = Operation::DeleteInline { role: role.clone(), name: name.clone() };
        let change = Change::new(Kind::InlinePolicy, name, Action::Delete).on(role);
        changes.push(change.does(vec![delete]));
    }
    changes
}

fn seconds(seconds: i32) -> String {
    format!("{seconds} s")
}

fn pairs(tags: &BTreeMap<String, String>) -> String {
    let pairs: Vec<String> = tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
    pairs.join(", ")
}
