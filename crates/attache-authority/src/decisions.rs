//! The newest decisions with their explanations.
//!
//! Knows: a bounded number of decisions by their request's id. Does not know: who may read them; the
//! server answers only callers on its machine.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use attache_identifiers::redact;
use attache_ledger::{Event, Outcome};
use attache_policy::Explanation;
use serde::Serialize;
use serde_json::{Value, json};

/// The decisions that are stored. Ours: some ten megabytes at most.
const MOST: usize = 2_000;

/// The newest decisions.
#[derive(Debug, Default)]
pub(crate) struct Decisions(Mutex<Newest>);

#[derive(Debug, Default)]
struct Newest {
    by_id: HashMap<String, Value>,
    /// The oldest first.
    order: VecDeque<String>,
}

/// One permission of a call and why it was decided so.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Step {
    #[serde(flatten)]
    explanation: Explanation,
    /// The explanation for people.
    text: String,
}

impl From<Explanation> for Step {
    fn from(explanation: Explanation) -> Self {
        Self { text: explanation.to_string(), explanation }
    }
}

/// Redacts secrets in all texts: an explanation repeats values of the call where a condition failed.
fn hide(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Cow::Owned(hidden) = redact(text, &[]) {
                *text = hidden;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(hide),
        Value::Object(members) => members.values_mut().for_each(hide),
        _ => {}
    }
}

impl Decisions {
    /// Stores a call's decision.
    pub(crate) fn record(&self, event: &Event, steps: &[Step]) {
        let (outcome, code, message) = match &event.outcome {
            Outcome::Allowed => ("allowed", None, None),
            Outcome::Refused { code, message } => ("refused", Some(code), Some(message)),
        };
        let mut decision = json!({
            "requestId": event.request_id,
            "at": attache_aws_protocol::timestamp::seconds::format(event.at),
            "account": event.account,
            "principal": event.principal,
            "operation": if event.operation.is_empty() { &event.action } else { &event.operation },
            "action": event.action,
            "resource": event.resource,
            "region": event.region,
            "source": event.source,
            "outcome": outcome,
            "code": code,
            "message": message,
            "reason": event.reason,
            "steps": steps,
        });
        hide(&mut decision);
        let mut newest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if newest.order.len() >= MOST
            && let Some(oldest) = newest.order.pop_front()
        {
            newest.by_id.remove(&oldest);
        }
        newest.order.push_back(event.request_id.clone());
        newest.by_id.insert(event.request_id.clone(), decision);
    }

    /// The decision of a request.
    pub(crate) fn get(&self, request_id: &str) -> Option<Value> {
        let newest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        newest.by_id.get(request_id).cloned()
    }
}
