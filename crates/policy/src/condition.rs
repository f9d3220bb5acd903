//! Whether a condition holds for a request's keys.

use crate::Context;
use crate::operator::{SetQualifier, Test};
use crate::statement::Condition;
use crate::variable;
use crate::wildcard::Pattern;

/// Whether it holds. `variables` says whether `${…}` are variables in this document.
pub(crate) fn holds(condition: &Condition, context: &Context, variables: bool) -> bool {
    let operator = &condition.operator;
    let got = context.get(&condition.key.text).filter(|values| !values.is_empty());
    if operator.test == Test::Null {
        let wanted_absent = condition.values.iter().any(|v| v.text.eq_ignore_ascii_case("true"));
        return got.is_none() == wanted_absent;
    }
    let Some(got) = got else {
        return operator.if_exists
            || match operator.set {
                Some(SetQualifier::All) => true,
                Some(SetQualifier::Any) => false,
                None => operator.negated,
            };
    };
    let wanted = wanted(condition, context, variables);
    // Negated operators are NOR over the policy's values: none of them may be satisfied.
    let one = |got: &String| satisfies(operator.test, &wanted, got) != operator.negated;
    match operator.set {
        Some(SetQualifier::All) => got.iter().all(one),
        Some(SetQualifier::Any) => got.iter().any(one),
        // A key with several values under an operator for one: any may match, for a negated
        // operator none may.
        None if operator.negated => got.iter().all(one),
        None => got.iter().any(one),
    }
}

/// The policy's values with their variables filled in; those without a value are left out.
fn wanted(condition: &Condition, context: &Context, variables: bool) -> Vec<Pattern> {
    let values = condition.values.iter();
    values.filter_map(|value| variable::read(&value.text, variables, context)).collect()
}

fn satisfies(test: Test, wanted: &[Pattern], got: &str) -> bool {
    wanted.iter().any(|wanted| test.holds(wanted, got))
}
