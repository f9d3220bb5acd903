//! Whether a condition holds for a request's keys.
//!
//! Sources:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html>,
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html>.

use crate::Context;
use crate::condition_keys::is_multivalued;
use crate::operand::Operand;
use crate::operator::{SetQualifier, Test};
use crate::segment::{self, Segment, Variable, Wildcards};
use crate::syntax::Condition;

/// One operator with one key, compiled.
#[derive(Debug)]
pub(crate) struct ConditionRule {
    /// In lower case, as the context keeps its keys.
    key: Box<str>,
    null: Option<Presence>,
    negated: bool,
    if_exists: bool,
    set: Option<SetQualifier>,
    /// Whether AWS lists the key as multivalued.
    multivalued: bool,
    operands: Box<[Operand]>,
    /// The variables in its values; hardly ever there are any.
    variables: Box<[Variable]>,
}

/// What `Null` tests: any of its values may hold.
#[derive(Debug, Clone, Copy)]
struct Presence {
    absent: bool,
    present: bool,
}

impl ConditionRule {
    pub(crate) fn new(condition: &Condition, variables: bool) -> Self {
        let operator = &condition.operator;
        let says =
            |word: &str| condition.values.iter().any(|value| value.text.eq_ignore_ascii_case(word));
        let null = (operator.test == Test::Null)
            .then(|| Presence { absent: says("true"), present: says("false") });
        let takes_variables = variables && operator.test.takes_variables();
        let in_values = condition.values.iter().filter(|_| takes_variables);
        let in_values = in_values.flat_map(|v| segment::read(&v.text, Wildcards::No, true));
        let in_values = in_values.filter_map(|segment| match segment {
            Segment::Variable(variable) => Some(variable),
            _ => None,
        });
        let operands = condition.values.iter();
        let operands = operands.map(|v| Operand::new(operator.test, &v.text, variables));
        Self {
            key: condition.key.text.to_lowercase().into(),
            null,
            negated: operator.negated,
            if_exists: operator.if_exists,
            set: operator.set,
            multivalued: is_multivalued(&condition.key.text),
            operands: operands.collect(),
            variables: in_values.collect(),
        }
    }

    pub(crate) fn holds(&self, context: &Context) -> bool {
        let got = context.get_lower(&self.key).filter(|values| !values.is_empty());
        if let Some(null) = self.null {
            // `Null` tests whether the key is present; these test its values.
            match self.set {
                Some(SetQualifier::All) => return true,
                Some(SetQualifier::Any) => return false,
                None => {}
            }
            return if got.is_none() { null.absent } else { null.present };
        }
        let Some(got) = got else { return self.holds_without_key() };
        // Without a set operator AWS compares no multivalued key, be it with one value: neither an
        // operator nor its opposite holds, so that a Deny that is written so denies nothing.
        if self.set.is_none() && (self.multivalued || got.len() > 1) {
            return false;
        }
        // A value with a multivalued key for a variable is compared with nothing, under a negated
        // operator neither.
        if self.negated && self.variables.iter().any(|own| own.is_multivalued(context)) {
            return false;
        }
        // Negated operators are NOR over the policy's values: none of them may be satisfied.
        let mut one = |got: &str| {
            self.operands.iter().any(|operand| operand.takes(got, context)) != self.negated
        };
        match self.set {
            Some(SetQualifier::All) => got.iter().all(one),
            Some(SetQualifier::Any) => got.iter().any(one),
            None => got.only().is_some_and(&mut one),
        }
    }

    fn holds_without_key(&self) -> bool {
        self.if_exists
            || match self.set {
                Some(SetQualifier::All) => true,
                Some(SetQualifier::Any) => false,
                None => self.negated,
            }
    }
}
