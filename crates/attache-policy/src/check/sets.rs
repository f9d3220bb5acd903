//! Keys that may have several values, where one is wanted.

use super::{Found, Level, LintRule, rule};
use crate::Policy;
use crate::actions;
use crate::condition_keys::{claim_key, global, is_multivalued};
use crate::operator::{SetQualifier, Test};
use crate::segment;
use crate::syntax::{Condition, Effect, Text};

/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html#access-analyzer-reference-policy-checks-error-missing-qualifier>.
const NO_QUALIFIER: LintRule = rule(
    "missing-qualifier",
    Level::Warning,
    "The key may have several values, and without ForAllValues or ForAnyValue no condition on it holds",
)
.same_as("ERROR MISSING_QUALIFIER");
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html>.
const VARIABLE: LintRule = rule(
    "multivalued-variable",
    Level::Warning,
    "A key that may have several values cannot be a policy variable",
);

/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html#access-analyzer-reference-policy-checks-security-warning-forallvalues-with-single-valued-key>.
const NO_SET: LintRule = rule(
    "set-operator-on-single-value",
    Level::Warning,
    "The key has one value: ForAllValues holds where it is missing, and ForAnyValue adds nothing",
)
.same_as("SECURITY_WARNING FORALLVALUES_WITH_SINGLE_VALUED_KEY");

pub(super) const RULES: &[LintRule] = &[NO_QUALIFIER, VARIABLE, NO_SET];

pub(super) fn check(policy: &Policy, found: &mut Found<'_>) {
    for statement in &policy.inner.statements {
        for condition in &statement.conditions {
            qualifier(condition, statement.effect, found);
            set_operator(condition, statement.effect, found);
        }
        if policy.inner.variables {
            statement.texts_with_variables().for_each(|text| variables(text, found));
        }
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

fn set_operator(condition: &Condition, effect: Effect, found: &mut Found<'_>) {
    let Condition { operator, key, .. } = condition;
    let Some(set) =
        operator.set.filter(|_| operator.test != Test::Null && has_one_value(&key.text))
    else {
        return;
    };
    let help = "leave the set operator out";
    match (set, effect) {
        (SetQualifier::All, Effect::Allow) => {
            let message =
                format!("{} has one value: ForAllValues allows also where it is missing", key.text);
            found.add(NO_SET, &key.at, message, help);
        }
        _ => {
            let message = format!("{} has one value: it needs no set operator", key.text);
            found.add_at(NO_SET, Level::Note, &key.at, message, help);
        }
    }
}

/// Whether a key is known, and known to have one value.
fn has_one_value(key: &str) -> bool {
    if is_multivalued(key) {
        return false;
    }
    if let Some(kind) = global::kind_of(key) {
        return !kind.starts_with("ArrayOf");
    }
    if let Some((_, claim)) = claim_key(key) {
        return ["aud", "sub", "email"].iter().any(|own| claim.eq_ignore_ascii_case(own));
    }
    let service = key.split_once(':').and_then(|(prefix, _)| actions::service(prefix));
    service.is_some_and(|service| service.has_key(key))
}

fn variables(text: &Text, found: &mut Found<'_>) {
    for key in segment::variable_keys(&text.text).filter(|key| is_multivalued(key)) {
        let message = format!("{key} may have several values: as a variable it has none");
        found.add(VARIABLE, &text.at, message, "write the value itself");
    }
}
