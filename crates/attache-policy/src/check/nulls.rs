//! `Null` that is decided before there is a request.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Null>.

use super::{Found, Level, LintRule, rule};
use crate::Policy;
use crate::operator::Test;
use crate::syntax::{Condition, Statement};

const DECIDED: LintRule = rule(
    "null-decides-nothing",
    Level::Warning,
    "Null always holds, or never, whatever the request has",
);

pub(super) const RULES: &[LintRule] = &[DECIDED];

/// What every request has.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>, which says
/// of each key when it is in the request's context.
const ALWAYS_PRESENT: &[&str] = &[
    "aws:CurrentTime",
    "aws:EpochTime",
    "aws:PrincipalIsAWSService",
    "aws:PrincipalType",
    "aws:SecureTransport",
    "aws:UserAgent",
    "aws:ViaAWSService",
];

pub(super) fn check(policy: &Policy, found: &mut Found<'_>) {
    for statement in &policy.inner.statements {
        for condition in statement.conditions.iter().filter(|own| own.operator.test == Test::Null) {
            of_one(statement, condition, found);
        }
    }
}

fn of_one(statement: &Statement, condition: &Condition, found: &mut Found<'_>) {
    let has =
        |word: &str| condition.values.iter().any(|value| value.text.eq_ignore_ascii_case(word));
    let (absent, present, key) = (has("true"), has("false"), &condition.key);
    if absent && present {
        let message = "the key is there or it is not: with both values Null always holds";
        found.add(DECIDED, &key.at, message, "keep one of the values, or leave the condition out");
    } else if ALWAYS_PRESENT.iter().any(|always| condition.is_on(always)) && (absent || present) {
        let outcome = if absent { "never holds" } else { "always holds" };
        let message = format!("every request has {}: Null with this value {outcome}", key.text);
        found.add(DECIDED, &key.at, message, "compare the key's value");
    } else if absent && needs_the_key(statement, condition) {
        let message = format!("another condition needs {}: the two never hold together", key.text);
        let help = "leave one of them out, or write the other with IfExists";
        found.add(DECIDED, &key.at, message, help);
    }
}

/// Whether another condition of the statement fails where the key is missing.
fn needs_the_key(statement: &Statement, null: &Condition) -> bool {
    statement.conditions.iter().any(|own| {
        let operator = &own.operator;
        let passes = operator.negated
            || operator.if_exists
            || operator.test == Test::Null
            || operator.set == Some(crate::operator::SetQualifier::All);
        own.is_on(&null.key.text) && !passes
    })
}
