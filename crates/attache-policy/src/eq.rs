//! When two policies say the same.

use crate::Policy;
use crate::syntax::{Condition, Patterns, Principals, Statement, Text};

/// Equal policies have the same kind, version, id and statements, element by element in the same
/// order. Names, white space, and whether one value stood in a list do not count.
impl PartialEq for Policy {
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (&*self.inner, &*other.inner);
        a.kind == b.kind && a.head == b.head && all(&a.statements, &b.statements, statement)
    }
}

impl Eq for Policy {}

fn all<T>(a: &[T], b: &[T], same: impl Fn(&T, &T) -> bool) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
}

pub(crate) fn both<T>(a: Option<&T>, b: Option<&T>, same: impl Fn(&T, &T) -> bool) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => same(a, b),
        (None, None) => true,
        _ => false,
    }
}

fn statement(a: &Statement, b: &Statement) -> bool {
    a.sid == b.sid
        && a.effect == b.effect
        && both(a.principal.as_ref(), b.principal.as_ref(), principals)
        && patterns(&a.actions, &b.actions)
        && both(a.resources.as_ref(), b.resources.as_ref(), patterns)
        && all(&a.conditions, &b.conditions, condition)
}

fn text(a: &Text, b: &Text) -> bool {
    a.text == b.text
}

fn patterns(a: &Patterns, b: &Patterns) -> bool {
    a.negated == b.negated && all(&a.list, &b.list, text)
}

pub(crate) fn principals(a: &Principals, b: &Principals) -> bool {
    a.negated == b.negated && all(&a.list, &b.list, |a, b| a.0 == b.0 && text(&a.1, &b.1))
}

pub(crate) fn condition(a: &Condition, b: &Condition) -> bool {
    a.operator == b.operator && text(&a.key, &b.key) && all(&a.values, &b.values, text)
}
