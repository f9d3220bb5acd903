//! Conditions on claims of a token that AWS makes no keys of.

use super::{Found, Level, LintRule, rule};
use crate::condition_keys::{claim_key, claims_of, is_no_claim_key};
use crate::syntax::{Condition, Effect};
use crate::{Context, Policy};

/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif>.
const NO_CLAIM_KEY: LintRule = rule(
    "claim-is-no-key",
    Level::Warning,
    "AWS makes no condition key of that claim of the issuer's tokens",
);

pub(super) const RULES: &[LintRule] = &[NO_CLAIM_KEY];

pub(super) fn check(policy: &Policy, found: &mut Found<'_>) {
    for (statement, rule) in policy.inner.statements.iter().zip(&policy.inner.rules) {
        for (condition, rule) in statement.conditions.iter().zip(&rule.conditions) {
            let without = rule.holds(&Context::none());
            of_a_claim(condition, statement.effect, without, found);
        }
    }
}

/// `without` is what the condition comes to where its key is missing.
fn of_a_claim(condition: &Condition, effect: Effect, without: bool, found: &mut Found<'_>) {
    let key = &condition.key;
    let Some((issuer, claim)) = claim_key(&key.text).filter(|_| is_no_claim_key(&key.text)) else {
        return;
    };
    if let Some((_, bare)) = issuer.split_once("://") {
        let message = format!("no request has the key {}: keys have no scheme", key.text);
        found.add(NO_CLAIM_KEY, &key.at, message, &format!("write {bare}:{claim}"));
        return;
    }
    let outcome = match (without, effect) {
        (true, Effect::Allow) => "the statement allows every token that meets the rest",
        (true, Effect::Deny) => "the statement denies every token that meets the rest",
        (false, Effect::Allow) => "the statement allows nothing",
        (false, Effect::Deny) => "the statement denies nothing",
    };
    let message = format!(
        "AWS makes no condition key of the claim {claim}: the key is never present, so {outcome}"
    );
    let help = format!("the keys of {issuer} are {}", claims_of(issuer).join(", "));
    found.add(NO_CLAIM_KEY, &key.at, message, &help);
}
