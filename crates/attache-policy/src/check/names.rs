//! Services and global condition keys that AWS does not have.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use super::{Found, Level, LintRule, rule};
use crate::Policy;
use crate::condition_keys::{claim_key, global};
use crate::operator::nearest;
use crate::segment;
use crate::syntax::{Statement, Text};

const SERVICES: &str = include_str!("../../keys/services.txt");
const PREFIXES: &str = include_str!("../../keys/prefixes.txt");
const OF_MANAGED_POLICIES: &str = include_str!("../../keys/managed_policies.txt");

const UNKNOWN_SERVICE: LintRule =
    rule("unknown-service", Level::Warning, "AWS has no service of that prefix")
        .same_as("ERROR INVALID_SERVICE_IN_ACTION");
const UNKNOWN_KEY: LintRule =
    rule("unknown-global-key", Level::Warning, "AWS has no such global condition key")
        .same_as("ERROR INVALID_GLOBAL_CONDITION_KEY");
const UNKNOWN_KEY_SERVICE: LintRule = rule(
    "unknown-key-service",
    Level::Warning,
    "No service of AWS has condition keys of that prefix",
)
.same_as("ERROR INVALID_SERVICE_CONDITION_KEY");

pub(super) const RULES: &[LintRule] = &[UNKNOWN_SERVICE, UNKNOWN_KEY, UNKNOWN_KEY_SERVICE];

pub(super) fn check(policy: &Policy, found: &mut Found<'_>) {
    for statement in &policy.inner.statements {
        statement.actions.list.iter().for_each(|action| service(action, found));
        for condition in &statement.conditions {
            key(&condition.key.text, &condition.key, found);
        }
        if policy.inner.variables {
            variables(statement, found);
        }
    }
}

fn service(action: &Text, found: &mut Found<'_>) {
    let Some((prefix, name)) = action.text.split_once(':') else { return };
    let lower = prefix.to_ascii_lowercase();
    if prefix.contains(['*', '?']) || known().contains(&*lower) {
        return;
    }
    let near = nearest(prefix, known().iter().copied());
    let help = near.map(|near| format!("did you mean {near}:{name}?")).unwrap_or_default();
    found.add(UNKNOWN_SERVICE, &action.at, format!("AWS has no service {prefix}"), &help);
}

/// A key where it stands, in a condition or in a variable.
fn key(name: &str, at: &Text, found: &mut Found<'_>) {
    let Some((prefix, rest)) = name.split_once(':') else { return };
    let lower = prefix.to_ascii_lowercase();
    if lower == "aws" {
        let is_name = |line: &str| line.eq_ignore_ascii_case(name);
        if global::kind_of(name).is_none() && !OF_MANAGED_POLICIES.lines().any(is_name) {
            let near = nearest(name, global::names());
            let help = near.map(|near| format!("did you mean {near}?")).unwrap_or_default();
            let message = format!("AWS has no global condition key {name}: no request has it");
            found.add(UNKNOWN_KEY, &at.at, message, &help);
        }
    } else if claim_key(name).is_none() && !prefix.contains('.') {
        let is_prefix = |line: &str| line == lower;
        if !known().contains(&*lower) && !PREFIXES.lines().any(is_prefix) {
            let near = nearest(prefix, known().iter().copied());
            let help = near.map(|near| format!("did you mean {near}:{rest}?")).unwrap_or_default();
            let message = format!("no request has the key {name}: AWS has no service {prefix}");
            found.add(UNKNOWN_KEY_SERVICE, &at.at, message, &help);
        }
    }
}

fn variables(statement: &Statement, found: &mut Found<'_>) {
    for text in statement.texts_with_variables() {
        segment::variable_keys(&text.text).for_each(|name| key(name, text, found));
    }
}

fn known() -> &'static BTreeSet<&'static str> {
    static KNOWN: OnceLock<BTreeSet<&str>> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let lines = SERVICES.lines().chain(OF_MANAGED_POLICIES.lines());
        lines.filter(|line| !line.starts_with('#')).collect()
    })
}
