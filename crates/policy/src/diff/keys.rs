//! Condition keys for which some conditions hold and others do not.

use std::collections::BTreeMap;

use super::solve::Budget;
use super::world::{Asked, World};
use crate::Context;
use crate::atom::Wildcards;
use crate::language::{self, Pattern};
use crate::operator::Test;

/// Keys that meet all that is asked. Each key is looked at by itself: no condition has two, and the
/// keys that stand in variables are fixed.
pub(super) fn find(world: &World<'_>, asked: &[Asked<'_>], budget: &mut Budget) -> Option<Context> {
    let mut by_key: BTreeMap<String, Vec<Asked<'_>>> = BTreeMap::new();
    for one in asked {
        by_key.entry(one.condition.key.text.to_lowercase()).or_default().push(*one);
    }
    let mut context = world.fixed.context.clone();
    for (key, asked) in by_key {
        let good = |context: &Context| asked.iter().all(|one| one.rule.holds(context) == one.holds);
        if world.fixed.has(&key) {
            if !good(&context) {
                return None;
            }
            continue;
        }
        let values = world.values.get(&key).map(Vec::as_slice).unwrap_or_default();
        let with = |values: &Option<Vec<String>>| {
            let mut next = context.clone();
            if let Some(values) = values {
                next.set_many(&key, values.clone());
            }
            next
        };
        let found = values.iter().map(with).find(good).or_else(|| {
            let text = text(world, &asked, (Vec::new(), Vec::new()), budget)?;
            Some(with(&Some(vec![text]))).filter(good)
        });
        context = found?;
    }
    Some(context)
}

/// One text that meets all that is asked of a key, where that is asked by patterns alone.
fn text(
    world: &World<'_>,
    asked: &[Asked<'_>],
    (all, none): (Vec<Pattern>, Vec<Pattern>),
    budget: &mut Budget,
) -> Option<String> {
    let Some((first, rest)) = asked.split_first() else {
        return language::find(&all, &none).unwrap_or_else(|_| {
            budget.spent = true;
            None
        });
    };
    let wildcards = match first.condition.operator.test {
        Test::StringEquals => Wildcards::No,
        Test::StringLike => Wildcards::Yes,
        _ => return None,
    };
    let wanted = first.condition.values.iter();
    let wanted: Vec<Pattern> = wanted
        .filter_map(|own| {
            Pattern::read(&own.text, wildcards, first.variables, &world.fixed.context)
        })
        .collect();
    if first.holds == first.condition.operator.negated {
        // It must be none of them.
        let none = none.into_iter().chain(wanted).collect();
        return text(world, rest, (all, none), budget);
    }
    wanted.into_iter().find_map(|one| {
        let all = all.iter().cloned().chain([one]).collect();
        text(world, rest, (all, none.clone()), budget)
    })
}
