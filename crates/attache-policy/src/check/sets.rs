//! Keys that may have several values, where one is wanted.

use super::{Found, Level, LintRule, rule};
use crate::Policy;
use crate::condition_keys::is_multivalued;
use crate::operator::Test;
use crate::segment::{self, Segment, Wildcards};
use crate::syntax::{Condition, Effect, Text};

/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html#access-analyzer-reference-policy-checks-error-missing-qualifier>.
const NO_QUALIFIER: LintRule = rule(
    "missing-qualifier",
    Level::Warning,
    "The key may have several values, and without ForAllValues or ForAnyValue no condition on it holds",
);
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html>.
const VARIABLE: LintRule = rule(
    "multivalued-variable",
    Level::Warning,
    "A key that may have several values cannot be a policy variable",
);

pub(super) const RULES: &[LintRule] = &[NO_QUALIFIER, VARIABLE];

pub(super) fn check(policy: &Policy, found: &mut Found<'_>) {
    for statement in &policy.inner.statements {
        for condition in &statement.conditions {
            qualifier(condition, statement.effect, found);
        }
        if !policy.inner.variables {
            continue;
        }
        let conditions = statement.conditions.iter();
        let values = conditions.filter(|own| own.operator.test.takes_variables());
        let values = values.flat_map(|own| &own.values);
        let resources = statement.resources.iter().flat_map(|own| &own.list);
        values.chain(resources).for_each(|text| variables(text, found));
    }
}

fn qualifier(condition: &Condition, effect: Effect, found: &mut Found<'_>) {
    let Condition { operator, key, .. } = condition;
    if operator.set.is_some() || operator.test == Test::Null || !is_multivalued(&key.text) {
        return;
    }
    let (name, key_name) = (&operator.name, &key.text);
    let outcome = match effect {
        Effect::Allow => "the statement allows nothing",
        Effect::Deny => "the statement denies nothing",
    };
    let message = format!(
        "the request context key {key_name} has multiple values: with {name} alone {outcome} where it is present"
    );
    let help = format!(
        "use a qualifier: ForAnyValue:{name} tests whether one of the values matches, ForAllValues:{name} whether all of them do, and holds where there are none"
    );
    found.add(NO_QUALIFIER, &key.at, message, &help);
}

fn variables(text: &Text, found: &mut Found<'_>) {
    for segment in segment::read(&text.text, Wildcards::No, true) {
        let Segment::Variable(variable) = segment else { continue };
        if is_multivalued(variable.key()) {
            let key = variable.key();
            let message = format!("{key} may have several values: as a variable it has none");
            found.add(VARIABLE, &text.at, message, "write the value itself");
        }
    }
}
