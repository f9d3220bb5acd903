//! AWS's services in the policies of resources: a service acts for every customer of AWS.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html#cross-service-confused-deputy-prevention>.

use super::{Found, Level, LintRule, rule};
use crate::condition_keys::SERVICE_SOURCE_KEYS;
use crate::syntax::{Condition, Effect, PrincipalKind, Statement};
use crate::{Kind, Policy};

const NO_SOURCE: LintRule = rule(
    "service-without-source",
    Level::Warning,
    "A service may be let in on behalf of any customer: nothing says for which account or resource",
)
.same_as("SECURITY_WARNING RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL");

pub(super) const RULES: &[LintRule] = &[NO_SOURCE];

pub(super) fn check(policy: &Policy, found: &mut Found<'_>) {
    if policy.kind() != Kind::Resource {
        return;
    }
    for statement in policy.inner.statements.iter().filter(|own| own.effect == Effect::Allow) {
        let names = statement.principal.iter().filter(|own| !own.negated).flat_map(|own| &own.list);
        for (_, name) in names.filter(|(kind, _)| *kind == PrincipalKind::Service) {
            if !says_for_whom(statement) {
                let message = format!("{} is let in for whomever it acts", name.text);
                let help = format!("add a condition on {}", SERVICE_SOURCE_KEYS.join(" or "));
                found.add(NO_SOURCE, &name.at, message, &help);
            }
        }
    }
}

fn says_for_whom(statement: &Statement) -> bool {
    let is_one = |own: &Condition| SERVICE_SOURCE_KEYS.iter().any(|key| own.is_on(key));
    statement.conditions.iter().any(is_one)
}
