//! Whether a statement's conditions hold.
//!
//! Sources:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html>,
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html>.

use std::borrow::Cow;

use serde_json::Value;

use super::{Keys, compare, texts, values_of};

/// All operators and all keys must hold.
pub fn hold(block: &Value, keys: &Keys, variables: bool) -> bool {
    let variables = variables.then_some(keys);
    block.as_object().unwrap().iter().all(|(operator, by_key)| {
        by_key
            .as_object()
            .unwrap()
            .iter()
            .all(|(key, wanted)| holds(operator, &texts(wanted), values_of(keys, key), variables))
    })
}

fn holds(
    operator: &str,
    wanted: &[Cow<'_, str>],
    got: &[String],
    variables: Option<&Keys>,
) -> bool {
    match operator {
        "ForAllValues:Null" => return true,
        "ForAnyValue:Null" => return false,
        _ => {}
    }
    if operator == "Null" {
        let absent = if got.is_empty() { "true" } else { "false" };
        return wanted.iter().any(|w| w == absent);
    }
    let (operator, if_exists) = match operator.strip_suffix("IfExists") {
        Some(operator) => (operator, true),
        None => (operator, false),
    };
    let (set, operator) = operator.split_once(':').unwrap_or(("", operator));
    let (operator, negated) = positive(operator);
    // One of the request's values: among those that are wanted, or for a negated operator not.
    let one = |got: &String| {
        wanted.iter().any(|wanted| compare::matches(&operator, wanted, got, variables)) != negated
    };
    if got.is_empty() {
        return match set {
            "ForAllValues" => true,
            "ForAnyValue" => if_exists,
            _ => if_exists || negated,
        };
    }
    match set {
        "ForAllValues" => got.iter().all(one),
        "ForAnyValue" => got.iter().any(one),
        // Without a set operator a negated one is the opposite of its positive.
        _ if negated => got.iter().all(one),
        _ => got.iter().any(one),
    }
}

/// `StringNotLike` is `StringLike`, negated.
fn positive(operator: &str) -> (String, bool) {
    match operator.replacen("Not", "", 1) {
        positive if positive != operator => (positive, true),
        positive => (positive, false),
    }
}
