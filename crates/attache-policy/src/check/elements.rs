//! Actions that there are not, resources that they never act on, keys that they never carry.

use super::{Found, Level, LintRule, rule};
use crate::actions::{self, Action, Service};
use crate::condition_keys::global;
use crate::operator::nearest;
use crate::pattern::Pattern;
use crate::syntax::{Statement, Text};
use crate::{Kind, Policy};

const UNKNOWN_ACTION: LintRule =
    rule("unknown-action", Level::Warning, "The service has no such action")
        .same_as("ERROR INVALID_ACTION");
const NEEDS_STAR: LintRule = rule(
    "action-needs-star",
    Level::Warning,
    "The action supports no resource ARN, and the statement does not name *",
);
const NEVER_MATCHES: LintRule = rule(
    "resource-never-matches",
    Level::Warning,
    "None of the statement's actions acts on such a resource",
);
const NEVER_PRESENT: LintRule =
    rule("key-never-present", Level::Warning, "None of the statement's actions carries the key");

pub(super) const RULES: &[LintRule] = &[UNKNOWN_ACTION, NEEDS_STAR, NEVER_MATCHES, NEVER_PRESENT];

pub(super) fn check(policy: &Policy, found: &mut Found<'_>) {
    for statement in &policy.inner.statements {
        let Some(known) = known(statement, found) else { continue };
        if statement.actions.negated || known.is_empty() {
            continue;
        }
        resources(policy, statement, &known, found);
        keys(statement, &known, found);
    }
}

type Known = Vec<(&'static Service, &'static Action)>;

/// The actions that a statement names; nothing where some are of unknown services,
/// or of all.
fn known(statement: &Statement, found: &mut Found<'_>) -> Option<Known> {
    let mut known = Vec::new();
    let mut whole = true;
    for text in &statement.actions.list {
        let split = text.text.split_once(':');
        let Some((service, name)) =
            split.and_then(|(prefix, name)| Some((actions::service(prefix)?, name)))
        else {
            whole = false;
            continue;
        };
        let matching = service.matching(name);
        if matching.is_empty() {
            unknown(text, service, name, found);
        }
        known.extend(matching.into_iter().map(|action| (service, action)));
    }
    whole.then_some(known)
}

fn unknown(text: &Text, service: &Service, name: &str, found: &mut Found<'_>) {
    let prefix = text.text.split(':').next().unwrap_or_default();
    let near = nearest(name, service.names());
    let help = near.map(|near| format!("did you mean {prefix}:{near}?")).unwrap_or_default();
    let message = match name.contains(['*', '?']) {
        true => format!("no action of {prefix} matches {}", text.text),
        false => format!("{prefix} has no action {name}"),
    };
    found.add(UNKNOWN_ACTION, &text.at, message, &help);
}

fn resources(policy: &Policy, statement: &Statement, known: &Known, found: &mut Found<'_>) {
    let Some(resources) = statement.resources.as_ref().filter(|list| !list.negated) else { return };
    // Elsewhere the resource is the policy's own.
    if !matches!(
        policy.kind(),
        Kind::Identity | Kind::Boundary | Kind::Session | Kind::ServiceControl
    ) {
        return;
    }
    if resources.list.iter().any(|own| own.text == "*") {
        return;
    }
    // A variable may have any value.
    let patterns: Vec<Pattern> =
        resources.list.iter().map(|own| actions::placeholders(&own.text)).collect();
    for (own, pattern) in resources.list.iter().zip(&patterns) {
        // What has fewer parts than an ARN is reported already.
        if own.text.matches(':').count() < 5 {
            continue;
        }
        // On what an action without a type is asked for, the reference does not say.
        let can_name = |(service, action): &(&Service, &Action)| {
            service.has_no_type(action) || service.can_name(action, pattern)
        };
        if !known.iter().any(can_name) {
            let message = format!("none of the actions acts on {}", own.text);
            found.add(NEVER_MATCHES, &own.at, message, "");
        }
    }
    for text in &statement.actions.list {
        let Some((prefix, name)) = text.text.split_once(':') else { continue };
        let Some(service) = actions::service(prefix) else { continue };
        let matching = service.matching(name);
        let is_starved = |action: &&&Action| {
            service.has_no_type(action)
                && !patterns.iter().any(|pattern| service.is_listed_on(action, pattern))
        };
        let starved = matching.iter().filter(is_starved).count();
        if starved > 0 && starved == matching.len() {
            let message =
                format!("{} supports no resource ARN: it is allowed only on *", text.text);
            found.add(
                NEEDS_STAR,
                &text.at,
                message,
                "put it into a statement of its own with \"Resource\": \"*\"",
            );
        }
    }
}

fn keys(statement: &Statement, known: &Known, found: &mut Found<'_>) {
    for condition in &statement.conditions {
        let key = condition.key.text.as_str();
        let prefix = key.split(':').next().unwrap_or_default();
        // Global keys depend on the caller too, and a provider's on its token.
        if prefix.eq_ignore_ascii_case("aws")
            || prefix.contains('.')
            || actions::service(prefix).is_none()
            || global::kind_of(key).is_some()
        {
            continue;
        }
        if !known.iter().any(|(service, action)| service.carries(action, key)) {
            let message = format!("none of the actions carries the key {key}");
            let help = "a condition on a key that is missing fails, except under IfExists and negated operators";
            found.add(NEVER_PRESENT, &condition.key.at, message, help);
        }
    }
}
