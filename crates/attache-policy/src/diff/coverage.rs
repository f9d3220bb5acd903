//! What needs no search: statements of both policies that say the same.
//!
//! Most of two versions of a policy is the same. What one statement allows and another of the other
//! policy allows as well is a difference only where that policy denies it.

use super::comparison::{Comparison, Field, StatementView};
use crate::eq;
use crate::pattern::Pattern;
use crate::syntax::Effect;

/// One action and one resource of a statement.
pub(super) type Part<'f> = (&'f Pattern, Option<&'f Pattern>);

impl<'p> Comparison<'p> {
    /// Whether the other policy allows all that the statement allows, its Denies aside: by one of the
    /// statement's actions and resources, or by all of them.
    pub(super) fn is_covered(&self, view: &StatementView<'_>, part: Option<Part<'_>>) -> bool {
        self.less.of(Effect::Allow).any(|other| other.takes_in(view, part))
    }

    /// The Denies of the other policy that the first does not have.
    pub(super) fn denies(&self) -> Vec<&StatementView<'p>> {
        let known = |deny: &&StatementView<'p>| {
            self.more.of(Effect::Deny).any(|other| other.takes_in(deny, None))
        };
        self.less.of(Effect::Deny).filter(|deny| !known(deny)).collect()
    }
}

impl StatementView<'_> {
    fn takes_in(&self, narrow: &StatementView<'_>, part: Option<Part<'_>>) -> bool {
        asks_no_more(self, narrow)
            && takes(&self.actions, &narrow.actions, part.map(|(action, _)| action))
            && eq::both(self.resources.as_ref(), narrow.resources.as_ref(), |wide, narrow| {
                takes(wide, narrow, part.and_then(|(_, resource)| resource))
            })
    }
}

/// Whether a field takes in one pattern of another field, or all of them.
fn takes(wide: &Field, narrow: &Field, one: Option<&Pattern>) -> bool {
    match (wide.negated, narrow.negated) {
        (false, false) => match one {
            Some(one) => wide.has(one),
            None => narrow.patterns().all(|own| wide.has(own)),
        },
        (true, true) => wide.patterns().all(|own| narrow.patterns().any(|other| own == other)),
        (false, true) => wide.has(&Pattern::any()),
        (true, false) => false,
    }
}

/// Whether the one applies to the same principals and wherever all conditions of the other hold.
fn asks_no_more(wide: &StatementView<'_>, narrow: &StatementView<'_>) -> bool {
    let principals = (wide.statement.principal.as_ref(), narrow.statement.principal.as_ref());
    wide.variables == narrow.variables
        && eq::both(principals.0, principals.1, eq::principals)
        && wide.statement.conditions.iter().all(|condition| {
            narrow.statement.conditions.iter().any(|other| eq::condition(condition, other))
        })
}

impl Field {
    fn has(&self, one: &Pattern) -> bool {
        self.patterns().any(|own| own == one || *own == Pattern::any())
    }
}
