//! What others put on a role and the file accepts (`keep:`): it stays, and is no difference.
//!
//! Only what narrows is kept of a trust policy: further conditions on the workload's statement, and Denies.
//! Policies and a boundary are kept by name.
//!
//! What is kept is written back as it stands, letter by letter: so the documents are merged as JSON, as `plan`
//! compares them, and not by the meaning that `attache_policy` reads.

use serde_json::{Map, Value};

use crate::desired::DesiredRole;
use crate::document::Setting;
use crate::observe::ObservedRole;
use crate::plan::{differences, same_name};

/// A role without what is kept on it, and what that is.
#[derive(Debug, Clone)]
pub(crate) struct SetAside {
    /// The file's role, with what is kept of the trust policy and of the boundary.
    pub(crate) desired: DesiredRole,
    /// The role that stands, without the policies that are kept.
    pub(crate) found: ObservedRole,
    /// The managed and the inline policies that are kept.
    pub(crate) managed: Vec<String>,
    pub(crate) inline: Vec<String>,
    /// What else is kept, in words.
    pub(crate) others: Vec<String>,
}

impl SetAside {
    pub(crate) fn new(desired: &DesiredRole, found: &ObservedRole) -> Self {
        let keep = &desired.keep;
        let mut aside = Self {
            desired: desired.clone(),
            found: found.clone(),
            managed: Vec::new(),
            inline: Vec::new(),
            others: Vec::new(),
        };
        let has = |all: &[String], name: &str| all.iter().any(|own| same_name(own, name));
        let of_file = |arn: &String| desired.policies.iter().any(|own| same_name(own, arn));
        let kept = found.policies.iter().filter(|arn| has(&keep.policies, arn) && !of_file(arn));
        aside.managed = kept.cloned().collect();
        aside.found.policies.retain(|arn| !aside.managed.contains(arn));
        let of_file = |name: &String| desired.inline.keys().any(|own| same_name(own, name));
        let kept = found.inline.keys();
        let kept = kept.filter(|name| has(&keep.inline, name) && !of_file(name));
        aside.inline = kept.cloned().collect();
        aside.found.inline.retain(|name, _| !aside.inline.contains(name));
        if let (Some(stands), Some(kept)) = (&found.boundary, &keep.boundary)
            && same_name(stands, kept)
        {
            aside.desired.boundary = Setting::Unmentioned;
            aside.others.push(format!("the permissions boundary {stands}"));
        }
        if let Ok(stands) = serde_json::from_str::<Value>(&found.trust) {
            aside.trust(&stands);
        }
        aside
    }

    /// Everything that is kept, in words.
    pub(crate) fn words(&self) -> Vec<String> {
        let managed = self.managed.iter().map(|arn| format!("the policy {arn}"));
        let inline = self.inline.iter().map(|name| format!("the inline policy {name}"));
        managed.chain(inline).chain(self.others.iter().cloned()).collect()
    }

    /// Takes over into the file's trust policy what is kept of the one that stands.
    fn trust(&mut self, stands: &Value) {
        let keep = self.desired.keep.clone();
        let statements = list(stands.pointer("/Statement"));
        let Some(Value::Array(wanted)) = self.desired.trust.pointer_mut("/Statement") else {
            return;
        };
        for own in wanted.iter_mut().take(self.desired.own_statements) {
            let same = statements.iter().filter(|other| is_same_allow(own, other));
            let found = same.map(|other| kept_conditions(other, own, &keep.trust_conditions));
            if let Some(conditions) = found.into_iter().find(|found| !found.is_empty()) {
                for (operator, key, value) in conditions {
                    self.others.push(format!("the condition {operator} {key} of the trust policy"));
                    if let Some(condition) =
                        own.pointer_mut("/Condition").and_then(Value::as_object_mut)
                    {
                        let keys = condition.entry(operator).or_insert_with(|| Map::new().into());
                        let keys = keys.as_object_mut();
                        keys.map(|keys| keys.insert(key, value));
                    }
                }
            }
        }
        if !keep.trust_denies {
            return;
        }
        for deny in statements.iter().filter(|own| effect(own) == Some("Deny")) {
            if wanted.iter().any(|own| is_equal(own, deny)) {
                continue;
            }
            let name = deny.get("Sid").and_then(Value::as_str).filter(|sid| !sid.is_empty());
            let name = name.map(|sid| format!(" {sid}")).unwrap_or_default();
            self.others.push(format!("the Deny statement{name} of the trust policy"));
            wanted.push((*deny).clone());
        }
    }
}

/// The conditions of a statement on keys that are kept, which the file's does not have.
fn kept_conditions(
    statement: &Value,
    own: &Value,
    keys: &[String],
) -> Vec<(String, String, Value)> {
    let mut found = Vec::new();
    for (operator, tests) in
        statement.pointer("/Condition").and_then(Value::as_object).into_iter().flatten()
    {
        for (key, value) in tests.as_object().into_iter().flatten() {
            let is_kept = keys.iter().any(|kept| kept.eq_ignore_ascii_case(key));
            let of_file = own
                .pointer("/Condition")
                .and_then(|condition| condition.get(operator)?.as_object())
                .is_some_and(|tests| tests.keys().any(|other| other.eq_ignore_ascii_case(key)));
            if is_kept && !of_file {
                found.push((operator.clone(), key.clone(), value.clone()));
            }
        }
    }
    found
}

/// Whether a statement lets in the same provider, by the same action.
fn is_same_allow(own: &Value, other: &Value) -> bool {
    let without = |statement: &Value| {
        let mut statement = statement.clone();
        if let Some(fields) = statement.as_object_mut() {
            fields.remove("Condition");
        }
        statement
    };
    effect(other) == Some("Allow") && is_equal(&without(own), &without(other))
}

/// Whether two statements say the same.
fn is_equal(own: &Value, other: &Value) -> bool {
    let document = |statement: &Value| serde_json::json!({ "Statement": [statement] });
    differences("", &document(other).to_string(), &document(own)).is_empty()
}

fn effect(statement: &Value) -> Option<&str> {
    statement.pointer("/Effect").and_then(Value::as_str)
}

fn list(value: Option<&Value>) -> Vec<&Value> {
    match value {
        Some(Value::Array(all)) => all.iter().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    }
}
