//! Roles handed to services: who may pass any role has what the strongest of them may.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html>.

use super::{Found, Level, LintRule, rule};
use crate::Policy;
use crate::pattern::Pattern;
use crate::syntax::{Effect, Patterns, Statement, Text};

const PASS_ROLE: LintRule =
    rule("passes-any-role", Level::Warning, "iam:PassRole on every role, to every service")
        .same_as("SECURITY_WARNING PASS_ROLE_WITH_STAR_IN_RESOURCE");
const PASS_ALL_BUT: LintRule = rule(
    "passes-all-roles-but",
    Level::Warning,
    "iam:PassRole on every role but those under NotResource",
)
.same_as("SECURITY_WARNING PASS_ROLE_WITH_NOT_RESOURCE");
const ALL_OF_IAM: LintRule =
    rule("all-of-iam", Level::Warning, "iam:* on everything is every permission of the account")
        .same_as("SECURITY_WARNING PASS_ROLE_WITH_STAR_IN_RESOURCE");

pub(super) const RULES: &[LintRule] = &[PASS_ROLE, PASS_ALL_BUT, ALL_OF_IAM];

pub(super) fn check(policy: &Policy, found: &mut Found<'_>) {
    if !policy.kind().grants() {
        return;
    }
    let statements = policy.inner.statements.iter();
    statements.filter(|own| own.effect == Effect::Allow).for_each(|own| of_one(own, found));
}

fn of_one(statement: &Statement, found: &mut Found<'_>) {
    let narrowed = statement.conditions.iter().any(|own| own.is_on("iam:PassedToService"));
    let Some(resources) = statement.resources.as_ref().filter(|_| !narrowed) else { return };
    let Some(action) = passing(&statement.actions) else { return };
    let help = "name the roles, and the service under iam:PassedToService";
    if resources.negated {
        let message = "every role that NotResource does not name may be handed to any service";
        found.add(PASS_ALL_BUT, &action.at, message, help);
    } else if action.text.eq_ignore_ascii_case("iam:*")
        && resources.list.iter().any(|own| own.text == "*")
    {
        let message = "whoever may change every policy and pass every role may everything";
        found.add(ALL_OF_IAM, &action.at, message, "name the actions that are needed");
    } else if resources.list.iter().any(|own| is_any_role(&own.text)) {
        found.add(PASS_ROLE, &action.at, "any role may be handed to any service", help);
    }
}

/// The first pattern that takes `iam:PassRole` in. `*` is told of as allowing everything.
fn passing(actions: &Patterns) -> Option<&Text> {
    let takes = |own: &&Text| {
        let text = own.text.to_ascii_lowercase();
        text != "*" && text != "*:*" && Pattern::new(&text).matches("iam:passrole")
    };
    actions.list.iter().find(takes).filter(|_| !actions.negated)
}

/// Whether a resource takes every role of an account in, whatever its path.
fn is_any_role(resource: &str) -> bool {
    let Some(name) = resource.splitn(6, ':').nth(5) else { return resource == "*" };
    let pattern = Pattern::new(name);
    pattern.matches("role/a") && pattern.matches("role/other/path/z")
}
