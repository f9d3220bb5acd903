//! Condition keys for which some conditions hold and others do not.

use std::collections::BTreeMap;

use super::comparison::{Comparison, RequiredCondition};
use super::search::Budget;
use crate::Context;
use crate::condition_keys::is_no_claim_key;
use crate::operator::{SetQualifier, Test};
use crate::pattern::Pattern;
use crate::pattern_search;

/// Keys that meet all that is asked. Each key is looked at by itself: no condition has two, and the
/// keys of variables are fixed.
pub(super) fn find(
    comparison: &Comparison<'_>,
    asked: &[RequiredCondition<'_>],
    budget: &mut Budget,
) -> Option<Context> {
    let mut by_key: BTreeMap<String, Vec<RequiredCondition<'_>>> = BTreeMap::new();
    for one in asked {
        by_key.entry(one.condition.key.text.to_lowercase()).or_default().push(*one);
    }
    let mut context = comparison.fixed.context.clone();
    for (key, asked) in by_key {
        // What no request has is not to be found either.
        if comparison.fixed.has(&key) || is_no_claim_key(&key) {
            if !asked.iter().all(|one| one.is_met(&context)) {
                return None;
            }
            continue;
        }
        let found = Key { comparison, name: &key, asked: &asked, context: &context }.find(budget);
        context = found?;
    }
    Some(context)
}

/// What is asked of one key.
struct Key<'k, 'p> {
    comparison: &'k Comparison<'k>,
    name: &'k str,
    asked: &'k [RequiredCondition<'p>],
    /// The keys that are found so far.
    context: &'k Context,
}

impl Key<'_, '_> {
    /// Without a value, with one that the policies name or one beside it, with several, with a text
    /// that is made for it.
    fn find(&self, budget: &mut Budget) -> Option<Context> {
        if self.is_good(self.context) {
            return Some(self.context.clone());
        }
        let known = self.comparison.values.get(self.name);
        let single = known.map(|known| known.single.as_slice()).unwrap_or_default();
        let mut ones = single.iter().map(|one| self.with(std::slice::from_ref(one)));
        ones.find(|context| self.is_good(context))
            .or_else(|| {
                let made = text(self.comparison, self.asked, (Vec::new(), Vec::new()), budget)?;
                Some(self.with(&[made])).filter(|context| self.is_good(context))
            })
            .or_else(|| self.several(single, budget).filter(|_| known.is_some_and(|k| k.several)))
    }

    fn with(&self, values: &[String]) -> Context {
        let mut next = self.context.clone();
        next.set_many(self.name, values);
        next
    }

    fn is_good(&self, context: &Context) -> bool {
        self.asked.iter().all(|one| one.is_met(context))
    }

    /// Several values. Without a set operator no condition holds then. Of the others: what is asked
    /// of each value is met by all that meet it alone; what is asked of any of them only gains by
    /// more. So all of those together do if any do, and the fewest of them are kept.
    fn several(&self, single: &[String], budget: &mut Budget) -> Option<Context> {
        let with_set = self.asked.iter().filter(|one| one.is_of_a_set());
        let (each, any): (Vec<RequiredCondition<'_>>, Vec<RequiredCondition<'_>>) =
            with_set.partition(|one| one.binds_each());
        let mut pool = single.to_vec();
        for one in &any {
            let together: Vec<RequiredCondition<'_>> = each.iter().copied().chain([*one]).collect();
            pool.extend(text(self.comparison, &together, (Vec::new(), Vec::new()), budget));
        }
        pool.retain(|value| {
            let alone = self.with(std::slice::from_ref(value));
            each.iter().all(|one| one.is_met(&alone))
        });
        if !self.is_good(&self.with(&pool)) {
            return None;
        }
        for at in (0..pool.len()).rev() {
            let mut fewer = pool.clone();
            fewer.remove(at);
            if self.is_good(&self.with(&fewer)) {
                pool = fewer;
            }
        }
        Some(self.with(&pool))
    }
}

impl RequiredCondition<'_> {
    fn is_met(&self, context: &Context) -> bool {
        self.rule.holds(context) == self.holds
    }

    /// Whether it compares several values, or whether there are any.
    fn is_of_a_set(&self) -> bool {
        let operator = &self.condition.operator;
        operator.set.is_some() || operator.test == Test::Null
    }

    /// Whether it is asked of each value of its key, and not of any one of them.
    fn binds_each(&self) -> bool {
        let operator = &self.condition.operator;
        let holds_for_each = operator.set == Some(SetQualifier::All);
        operator.test == Test::Null || holds_for_each == self.holds
    }
}

/// One text that meets all that is asked of a key by patterns. What is asked otherwise is passed
/// over: the text is tried against all.
fn text(
    comparison: &Comparison<'_>,
    asked: &[RequiredCondition<'_>],
    (all, none): (Vec<Pattern>, Vec<Pattern>),
    budget: &mut Budget,
) -> Option<String> {
    let Some((first, rest)) = asked.split_first() else {
        if all.is_empty() && none.is_empty() {
            return None;
        }
        return pattern_search::find(&all, &none).unwrap_or_else(|_| {
            budget.give_up();
            None
        });
    };
    if !matches!(first.condition.operator.test, Test::StringEquals | Test::StringLike | Test::Arn) {
        return text(comparison, rest, (all, none), budget);
    }
    let wildcards = first.condition.operator.test.wildcards();
    let wanted = first.condition.values.iter();
    let wanted: Vec<Pattern> = wanted
        .filter_map(|own| {
            Pattern::read(&own.text, wildcards, first.variables, &comparison.fixed.context)
        })
        .collect();
    if first.holds == first.condition.operator.negated {
        // It must be none of them.
        let none = none.into_iter().chain(wanted).collect();
        return text(comparison, rest, (all, none), budget);
    }
    wanted.into_iter().find_map(|one| {
        let all = all.iter().cloned().chain([one]).collect();
        text(comparison, rest, (all, none.clone()), budget)
    })
}
