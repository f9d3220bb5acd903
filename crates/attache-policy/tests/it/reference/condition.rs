//! Whether a statement's conditions hold.
//!
//! Sources:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html>,
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html>.

use std::borrow::Cow;

use serde_json::Value;

use super::{Keys, compare, glob, texts, values_of};

/// All operators and all keys must hold.
pub fn hold(block: &Value, keys: &Keys, variables: bool) -> bool {
    let variables = variables.then_some(keys);
    block.as_object().unwrap().iter().all(|(operator, by_key)| {
        by_key.as_object().unwrap().iter().all(|(key, wanted)| {
            holds(operator, key, &texts(wanted), values_of(keys, key), variables)
        })
    })
}

fn holds(
    operator: &str,
    key: &str,
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
    // A comparison without a set operator is for keys with one value, as AWS's page has it: a key that
    // may have several is never compared so.
    let one_by_one = set.is_empty();
    // A key that may have several values cannot be a policy variable: what would be compared with it is not
    // compared at all, whatever the operator.
    let compared =
        |wanted: &Cow<'_, str>| !variables.is_some_and(|k| glob::names_several(wanted, k));
    // One of the request's values: among those that are wanted, or for a negated operator not.
    let one = |got: &String| match negated {
        true => {
            wanted.iter().all(|wanted| !takes_variables(&operator) || compared(wanted))
                && !wanted.iter().any(|w| compare::matches(&operator, w, got, variables))
        }
        false => wanted.iter().any(|w| compare::matches(&operator, w, got, variables)),
    };
    if got.is_empty() {
        return match set {
            "ForAllValues" => true,
            "ForAnyValue" => if_exists,
            _ => if_exists || negated,
        };
    }
    if one_by_one && (may_have_several(key) || got.len() > 1) {
        return false;
    }
    match set {
        "ForAllValues" => got.iter().all(one),
        "ForAnyValue" => got.iter().any(one),
        _ => one(&got[0]),
    }
}

/// Of the keys that are asked for here, those whose value type is "multivalued" on AWS's page
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>.
pub fn may_have_several(key: &str) -> bool {
    let key = key.to_lowercase();
    ["aws:tagkeys", "aws:principalorgpaths", "aws:calledvia"].contains(&key.as_str())
}

/// Texts and ARNs take variables, numbers, dates, addresses and binary values do not.
fn takes_variables(operator: &str) -> bool {
    ["String", "Arn", "Bool"].iter().any(|kind| operator.starts_with(kind))
}

/// `StringNotLike` is `StringLike`, negated.
fn positive(operator: &str) -> (String, bool) {
    match operator.replacen("Not", "", 1) {
        positive if positive != operator => (positive, true),
        positive => (positive, false),
    }
}
