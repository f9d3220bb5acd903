//! The elements by which a statement does not apply to a request.

use std::sync::Arc;

use attache_excerpt::{Excerpt, Label, position};

use super::{NearMiss, Place, hint, show};
use crate::rule::Rule;
use crate::syntax::{Effect, Statement, Text};
use crate::{Policy, PolicySet, Request, Values};

/// Ours: more near misses than a few are noise.
const MOST: usize = 5;

/// An element that failed, by what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Element {
    Principal,
    /// The place among the statement's conditions.
    Condition(usize),
    Resource,
    /// Last: a statement about other actions is hardly a near miss.
    Action,
}

/// The near misses of all Allow statements, nearest first: one failed element before two.
///
/// Only those few that are shown are written out: there may be thousands.
pub(super) fn near_misses<'p>(
    sets: impl Iterator<Item = &'p PolicySet>,
    request: &Request,
) -> Vec<NearMiss> {
    let mut nearest = Vec::new();
    for policy in sets.flat_map(PolicySet::policies) {
        let rules = policy.inner.rules.iter().zip(&policy.inner.statements).enumerate();
        for (number, (rule, statement)) in rules {
            if rule.effect != Effect::Allow {
                continue;
            }
            let failed = failed_elements(rule, request);
            let Some(first) = failed.first().copied() else { continue };
            let other_action = failed.contains(&Element::Action);
            nearest.push(((failed.len(), other_action), first, policy, number, statement));
        }
        nearest.sort_by_key(|(rank, ..)| *rank);
        nearest.truncate(MOST);
    }
    let described = nearest.into_iter().map(|((failed, _), first, policy, number, statement)| {
        describe(first, failed, policy, number, statement, request)
    });
    described.collect()
}

/// The elements that failed, in the order in which a reader checks them.
fn failed_elements(rule: &Rule, request: &Request) -> Vec<Element> {
    let conditions = rule.conditions.iter().enumerate();
    let conditions = conditions.filter(|(_, condition)| !condition.holds(&request.context));
    let action = request.action.to_ascii_lowercase();
    let takes_action = rule.actions.take(&action, &request.context);
    let mut failed: Vec<Element> = Vec::new();
    failed.extend(rule.principal_match(request, false).is_none().then_some(Element::Principal));
    failed.extend((!takes_action).then_some(Element::Action));
    failed.extend((!rule.takes_resource(request)).then_some(Element::Resource));
    failed.extend(conditions.map(|(at, _)| Element::Condition(at)));
    failed
}

fn describe(
    element: Element,
    failed: usize,
    policy: &Policy,
    number: usize,
    statement: &Statement,
    request: &Request,
) -> NearMiss {
    let texts = |list: &[Text]| list.iter().map(|t| t.text.clone()).collect::<Vec<_>>();
    let first = |list: &[Text]| list.first().map_or(statement.at.clone(), |t| t.at.clone());
    let mut name = String::new();
    let (span, wanted, got) = match element {
        Element::Principal => {
            let list = statement.principal.iter().flat_map(|p| &p.list);
            let list: Vec<Text> = list.map(|(_, text)| text.clone()).collect();
            name.push_str(named(
                "Principal",
                statement.principal.as_ref().is_some_and(|p| p.negated),
            ));
            (first(&list), texts(&list), vec![request.principal.name()])
        }
        Element::Action => {
            let actions = &statement.actions;
            name.push_str(named("Action", actions.negated));
            (first(&actions.list), texts(&actions.list), vec![request.action.clone()])
        }
        Element::Resource => {
            let resources = statement.resources.as_ref();
            let list = resources.map_or(&[][..], |r| &r.list);
            name.push_str(named("Resource", resources.is_some_and(|r| r.negated)));
            (first(list), texts(list), vec![request.resource.clone()])
        }
        Element::Condition(at) => match statement.conditions.get(at) {
            Some(condition) => {
                name = format!("{} {}", condition.operator.name, condition.key.text);
                let got = request.context.get(&condition.key.text);
                let got = got.map(Values::to_vec).unwrap_or_default();
                // A key that is missing is shown itself, else the value that it ought to have.
                let at = if got.is_empty() {
                    condition.key.at.clone()
                } else {
                    first(&condition.values)
                };
                (at, texts(&condition.values), got)
            }
            None => (statement.at.clone(), Vec::new(), Vec::new()),
        },
    };
    let (line, column) = position(policy.text(), span.start);
    let condition = match element {
        Element::Condition(at) => statement.conditions.get(at),
        _ => None,
    };
    let hint = hint::hint(&hint::Failed {
        element: &name,
        condition,
        wanted: &wanted,
        got: &got,
        request,
    });
    let label = Label::new(span, show::label(&name, &wanted, &got));
    let source = policy.name().unwrap_or_else(|| policy.kind().name());
    let excerpt = Arc::new(Excerpt::new(source, policy.text(), &[label]));
    NearMiss {
        statement: Place::of(policy, number, statement),
        line,
        column,
        element: name,
        wanted,
        got,
        failed,
        hint,
        excerpt,
    }
}

fn named(element: &'static str, negated: bool) -> &'static str {
    match (element, negated) {
        ("Principal", true) => "NotPrincipal",
        ("Action", true) => "NotAction",
        ("Resource", true) => "NotResource",
        _ => element,
    }
}
