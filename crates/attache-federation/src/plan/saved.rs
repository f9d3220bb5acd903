//! A plan as a file: to be reviewed, and carried out as it stands or not at all.
//!
//! The file has the federation's text, the options and the whole plan with its calls. To carry it out, the plan is
//! made again from the same text: only where the two are equal has nothing moved in the accounts since.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::change::Plan;

const API_VERSION: &str = "attache/v1";
const KIND: &str = "Plan";

/// A plan with all that it was made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SavedPlan {
    api_version: String,
    kind: String,
    /// The federation file's name, for messages.
    pub file: String,
    /// Its text.
    pub federation: String,
    /// What else decides the plan.
    pub options: SavedOptions,
    /// The plan with its calls.
    plan: Value,
}

/// The options of the plan.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SavedOptions {
    /// Roles without the federation's tag are taken over.
    pub adopt: bool,
    /// Profiles of further accounts that were searched.
    pub also: Vec<String>,
    /// The organization's other accounts were not searched.
    pub no_organization: bool,
}

/// Why a file is not a saved plan.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SavedPlanError {
    /// It is not JSON of this form.
    #[error("{name} is not a saved plan: {source}")]
    Form {
        /// The file.
        name: String,
        /// What is wrong, with the line.
        source: serde_json::Error,
    },
    /// It is another kind of file, or of another version.
    #[error("{name} is not a saved plan: expected {API_VERSION} {KIND}, found {found}")]
    Kind {
        /// The file.
        name: String,
        /// Version and kind.
        found: String,
    },
}

impl SavedPlan {
    /// The plan that was made from this text with these options.
    #[must_use]
    pub fn new(file: &str, federation: &str, options: SavedOptions, plan: &Plan) -> Self {
        Self {
            api_version: API_VERSION.to_owned(),
            kind: KIND.to_owned(),
            file: file.to_owned(),
            federation: federation.to_owned(),
            options,
            plan: with_operations(plan),
        }
    }

    /// Reads a file. `name` is for messages.
    ///
    /// # Errors
    /// [`SavedPlanError`].
    pub fn read(text: &str, name: &str) -> Result<Self, SavedPlanError> {
        let wrong = |source| SavedPlanError::Form { name: name.to_owned(), source };
        let saved: Self = serde_json::from_str(text).map_err(wrong)?;
        if saved.api_version != API_VERSION || saved.kind != KIND {
            let found = format!("{} {}", saved.api_version, saved.kind);
            return Err(SavedPlanError::Kind { name: name.to_owned(), found });
        }
        Ok(saved)
    }

    /// What of the plan would be otherwise now, in words; nothing where it can be carried out as it stands.
    #[must_use]
    pub fn moved(&self, now: &Plan) -> Vec<String> {
        let now = with_operations(now);
        if self.plan == now {
            return Vec::new();
        }
        let (then, now) = (resources(&self.plan), resources(&now));
        let mut moved = Vec::new();
        for (name, before) in &then {
            match now.get(name) {
                None => moved
                    .push(format!("{name}: {} was planned, now it is not there", action(before))),
                Some(after) if after == before => {}
                Some(after) if action(after) == action(before) => {
                    moved
                        .push(format!("{name}: {} was planned, with other values", action(before)));
                }
                Some(after) => {
                    let (before, after) = (action(before), action(after));
                    moved.push(format!("{name}: {before} was planned, now it is {after}"));
                }
            }
        }
        let new = now.iter().filter(|(name, _)| !then.contains_key(*name));
        moved.extend(new.map(|(name, after)| {
            format!("{name}: nothing was planned, now it is {}", action(after))
        }));
        if moved.is_empty() {
            moved.push(
                "the accounts, or what could be searched of them, are not the same".to_owned(),
            );
        }
        moved
    }
}

/// The plan as JSON, each change with the whole of its calls.
fn with_operations(plan: &Plan) -> Value {
    // A plan is plain data with text as its keys.
    let mut value = serde_json::to_value(plan).unwrap_or_default();
    for (account, own) in plan.accounts.iter().enumerate() {
        for (change, own) in own.changes.iter().enumerate() {
            let place = format!("/accounts/{account}/changes/{change}");
            let Some(Value::Object(fields)) = value.pointer_mut(&place) else { continue };
            let operations = serde_json::to_value(&own.operations).unwrap_or_default();
            fields.insert("calls".to_owned(), operations);
        }
    }
    value
}

/// `in ACCOUNT, the role NAME`, with the whole change.
fn resources(plan: &Value) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    let list = |value: &Value, key: &str| {
        value.get(key).and_then(Value::as_array).cloned().unwrap_or_default()
    };
    let text = |value: &Value, key: &str| {
        value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    for account in list(plan, "accounts") {
        for change in list(&account, "changes") {
            let role = change.get("role").and_then(Value::as_str);
            let role = role.map(|role| format!(" on {role}")).unwrap_or_default();
            let (id, kind, name) =
                (text(&account, "account"), text(&change, "kind"), text(&change, "name"));
            found.insert(format!("in {id}, {kind} {name}{role}"), change);
        }
    }
    found
}

fn action(change: &Value) -> &str {
    change.get("action").and_then(Value::as_str).unwrap_or("nothing")
}
