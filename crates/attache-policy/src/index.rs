//! Which statements can apply to an action, without looking at those that cannot.
//!
//! Every pattern of an `Action` begins with some text. These beginnings are kept in order; each
//! knows the longest other one that it begins with itself. So one search and a walk along these
//! parents visit exactly the patterns whose beginning the action has: a policy with 1,500 patterns
//! costs little more than one with 15. `prefix_index` has the search.

use crate::Context;
use crate::glob::Beyond;
use crate::prefix_index::{PrefixIndex, begins, with_lower};
use crate::rule::Rule;

/// A statement of a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct At {
    pub(crate) policy: u32,
    pub(crate) statement: u32,
}

#[derive(Debug, Default)]
pub(crate) struct Index {
    /// In the order of their text.
    beginnings: Vec<Beginning>,
    /// Where each is.
    prefixes: PrefixIndex,
    /// Every beginning's patterns, together.
    patterns: Vec<Pattern>,
    /// Statements with `NotAction`, which can apply to any.
    negated: Vec<At>,
}

#[derive(Debug)]
struct Beginning {
    text: Box<str>,
    /// The longest other beginning that this one begins with.
    parent: Option<u32>,
    patterns: std::ops::Range<usize>,
}

#[derive(Debug)]
struct Pattern {
    at: At,
    /// Its place among the statement's actions.
    action: u32,
    beyond: Beyond,
}

impl Index {
    pub(crate) fn new<'r>(rules: impl Iterator<Item = (At, &'r Rule)>) -> Self {
        let mut index = Self::default();
        let mut patterns: Vec<(&str, Pattern)> = Vec::new();
        for (at, rule) in rules {
            if rule.actions.negated {
                index.negated.push(at);
                continue;
            }
            for (action, glob) in (0..).zip(&rule.actions.list) {
                let beyond = glob.beyond_prefix();
                patterns.push((glob.prefix(), Pattern { at, action, beyond }));
            }
        }
        patterns.sort_by_key(|(text, _)| *text);
        for (text, pattern) in patterns {
            index.push(text, pattern);
        }
        index.prefixes.finish();
        index
    }

    fn push(&mut self, text: &str, pattern: Pattern) {
        let at = self.patterns.len();
        self.patterns.push(pattern);
        if let Some(last) = self.beginnings.last_mut()
            && *last.text == *text
        {
            last.patterns.end = at + 1;
            return;
        }
        // What `text` begins with is the beginning before it, or one of its ancestors.
        let before = self.beginnings.len().checked_sub(1);
        let mut parent = before.and_then(|before| u32::try_from(before).ok());
        while let Some(beginning) = self.beginning(parent)
            && !text.starts_with(&*beginning.text)
        {
            parent = beginning.parent;
        }
        self.beginnings.push(Beginning { text: text.into(), parent, patterns: at..at + 1 });
        self.prefixes.push(text);
    }

    fn beginning(&self, at: Option<u32>) -> Option<&Beginning> {
        self.beginnings.get(usize::try_from(at?).ok()?)
    }

    /// Visits the statements whose actions take in this one. A statement comes once for each of its
    /// patterns that does.
    pub(crate) fn visit<'r>(
        &self,
        action: &str,
        rule: impl Fn(At) -> Option<&'r Rule>,
        mut each: impl FnMut(At, &'r Rule),
    ) {
        let text = |at: usize| self.beginnings.get(at).map(|beginning| &*beginning.text);
        let nearest = self.prefixes.nearest(action, text);
        let mut is_prefix = nearest.is_some_and(|nearest| nearest.is_prefix);
        let mut next = nearest.and_then(|nearest| self.beginnings.get(nearest.at));
        while let Some(beginning) = next {
            next = self.beginning(beginning.parent);
            // What begins with one begins with all of its ancestors.
            is_prefix = is_prefix || begins(action, &beginning.text);
            if !is_prefix {
                continue;
            }
            let whole = action.len() == beginning.text.len();
            for pattern in self.patterns.get(beginning.patterns.clone()).unwrap_or_default() {
                let Some(rule) = rule(pattern.at) else { continue };
                let takes = match pattern.beyond {
                    Beyond::Nothing => whole,
                    Beyond::Anything => true,
                    Beyond::More => takes(rule, pattern.action, action),
                };
                if takes {
                    each(pattern.at, rule);
                }
            }
        }
        for at in &self.negated {
            let Some(rule) = rule(*at) else { continue };
            if with_lower(action, |lower| rule.actions.take(lower, &NO_KEYS)) {
                each(*at, rule);
            }
        }
    }
}

/// Actions have no variables.
static NO_KEYS: Context = Context::none();

fn takes(rule: &Rule, at: u32, action: &str) -> bool {
    let glob = usize::try_from(at).ok().and_then(|at| rule.actions.list.get(at));
    glob.is_some_and(|glob| with_lower(action, |lower| glob.fits(lower, &NO_KEYS)))
}
