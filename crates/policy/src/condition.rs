//! Whether a condition holds for a request's keys.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html>.

use crate::Context;
use crate::operand::Operand;
use crate::operator::{SetQualifier, Test};
use crate::statement::Condition;

/// One operator with one key, compiled.
#[derive(Debug)]
pub(crate) struct ConditionRule {
    /// In lower case, as the context keeps its keys.
    key: Box<str>,
    null: Option<Presence>,
    negated: bool,
    if_exists: bool,
    set: Option<SetQualifier>,
    operands: Box<[Operand]>,
}

/// What `Null` asks: any of its values may be met.
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
        let operands = condition.values.iter();
        let operands = operands.map(|v| Operand::new(operator.test, &v.text, variables));
        Self {
            key: condition.key.text.to_lowercase().into(),
            null,
            negated: operator.negated,
            if_exists: operator.if_exists,
            set: operator.set,
            operands: operands.collect(),
        }
    }

    pub(crate) fn holds(&self, context: &Context) -> bool {
        let got = context.get_lower(&self.key).filter(|values| !values.is_empty());
        if let Some(null) = self.null {
            // Whether a key is there is no question about its values, of which these ask.
            match self.set {
                Some(SetQualifier::All) => return true,
                Some(SetQualifier::Any) => return false,
                None => {}
            }
            return if got.is_none() { null.absent } else { null.present };
        }
        let Some(got) = got else { return self.holds_without_key() };
        // Negated operators are NOR over the policy's values: none of them may be satisfied.
        let one = |got: &str| {
            self.operands.iter().any(|operand| operand.takes(got, context)) != self.negated
        };
        match self.set {
            Some(SetQualifier::All) => got.iter().all(one),
            Some(SetQualifier::Any) => got.iter().any(one),
            // A key with several values under an operator for one: any may match, for a negated
            // operator none may.
            None if self.negated => got.iter().all(one),
            None => got.iter().any(one),
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
