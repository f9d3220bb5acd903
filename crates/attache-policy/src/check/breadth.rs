//! What is wider, or narrower, than people mean.

use super::{Found, Level, LintRule, rule};
use crate::actions;
use crate::operator::Test;
use crate::syntax::{Condition, Effect, Patterns, PrincipalKind, Statement};
use crate::{Kind, Policy};

const EVERYTHING: LintRule =
    rule("allows-everything", Level::Warning, "A statement allows every action on everything")
        .same_as("SECURITY_WARNING PASS_ROLE_WITH_STAR_IN_RESOURCE");
const NOT_ACTION: LintRule = rule(
    "allows-all-but",
    Level::Warning,
    "Allow with NotAction allows whatever AWS adds in future",
);
const ANYONE: LintRule =
    rule("anyone", Level::Warning, "Everybody is named, and no condition narrows that");
const STAR_IN_EQUALS: LintRule =
    rule("star-in-equals", Level::Warning, "Under StringEquals a * is a star and no wildcard")
        .same_as("WARNING WILDCARD_WITHOUT_LIKE_OPERATOR");
const LIKE_WITHOUT: LintRule =
    rule("like-without-wildcard", Level::Note, "StringLike without a wildcard is StringEquals");
const COVERED: LintRule =
    rule("covered-already", Level::Note, "Another pattern of the same list takes it in already")
        .same_as("SUGGESTION REDUNDANT_ACTION");

pub(super) const RULES: &[LintRule] =
    &[EVERYTHING, NOT_ACTION, ANYONE, STAR_IN_EQUALS, LIKE_WITHOUT, COVERED];

pub(super) fn check(policy: &Policy, found: &mut Found<'_>) {
    for statement in &policy.inner.statements {
        if statement.effect == Effect::Allow {
            allowed(policy.kind(), statement, found);
        }
        for condition in &statement.conditions {
            wildcards(condition, found);
        }
        covered(&statement.actions, true, found);
        if let Some(resources) = &statement.resources {
            covered(resources, false, found);
        }
    }
}

fn is_all(patterns: &Patterns) -> bool {
    !patterns.negated && patterns.list.iter().any(|own| own.text == "*" || own.text == "*:*")
}

fn allowed(kind: Kind, statement: &Statement, found: &mut Found<'_>) {
    let at = &statement.at;
    let resources = statement.resources.as_ref();
    let bare = statement.conditions.is_empty();
    if kind.grants() && bare && is_all(&statement.actions) && resources.is_some_and(is_all) {
        found.add(
            EVERYTHING,
            at,
            "this allows every action on everything",
            "name the actions that are needed",
        );
    }
    if kind.grants() && statement.actions.negated {
        let message = "NotAction allows all but these, also what does not exist yet";
        found.add(NOT_ACTION, at, message, "list what is needed under Action");
    }
    let everybody = statement.principal.as_ref().filter(|own| !own.negated).and_then(|own| {
        let all = |(kind, text): &&(PrincipalKind, _)| is_everybody(*kind, text);
        own.list.iter().find(all)
    });
    if let Some((_, text)) = everybody.filter(|_| bare) {
        let help = "name the principals, or narrow it by aws:PrincipalOrgID or aws:PrincipalArn";
        found.add(ANYONE, &text.at, "everybody who has an AWS account is meant", help);
    }
}

fn is_everybody(kind: PrincipalKind, text: &crate::syntax::Text) -> bool {
    matches!(kind, PrincipalKind::Anyone | PrincipalKind::Aws) && text.text == "*"
}

fn wildcards(condition: &Condition, found: &mut Found<'_>) {
    let operator = &condition.operator;
    let plain = |text: &str| text.replace("${*}", "").replace("${?}", "");
    for value in &condition.values {
        let wild = plain(&value.text).contains(['*', '?']);
        match operator.test {
            Test::StringEquals | Test::StringEqualsIgnoreCase
                if wild && value.text.contains('*') =>
            {
                let like = if operator.negated { "StringNotLike" } else { "StringLike" };
                let message = format!("{} compares the * as it stands", operator.name);
                found.add(
                    STAR_IN_EQUALS,
                    &value.at,
                    message,
                    &format!("write {like} if a wildcard is meant"),
                );
            }
            Test::StringLike if !wild => {
                let equals = if operator.negated { "StringNotEquals" } else { "StringEquals" };
                let message = format!("there is no wildcard in {:?}", value.text);
                found.add(LIKE_WITHOUT, &value.at, message, &format!("write {equals}"));
            }
            _ => {}
        }
    }
}

/// The most patterns of a list that are compared with one another. Ours.
const MOST_COMPARED: usize = 200;

fn covered(patterns: &Patterns, lower: bool, found: &mut Found<'_>) {
    if patterns.list.len() > MOST_COMPARED {
        return;
    }
    let read = |text: &str| {
        let text = if lower { text.to_ascii_lowercase() } else { text.to_owned() };
        actions::read(&text).filter(|_| !text.contains("${")).map(|pattern| (pattern, text))
    };
    let all: Vec<_> = patterns.list.iter().map(|own| read(&own.text)).collect();
    for (at, own) in patterns.list.iter().enumerate() {
        let Some(Some((_, text))) = all.get(at) else { continue };
        let wider = all.iter().enumerate().find(|(other, wide)| {
            let Some((wide, wide_text)) = wide else { return false };
            // Of two that are the same the later one is too much. A text's own wildcards are taken in
            // by another pattern's as any characters are.
            wide.matches(text) && (wide_text != text || *other < at) && *other != at
        });
        if let Some((_, Some((_, wide)))) = wider {
            found.add(COVERED, &own.at, format!("{wide} takes this in already"), "leave it out");
        }
    }
}
