//! Private addresses under `aws:SourceIp`, which is the address that AWS sees: a public one.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourceip>.

use super::{Found, Level, LintRule, rule};
use crate::Policy;
use crate::operator::Test;
use crate::syntax::Condition;
use crate::value::Network;

const PRIVATE: LintRule =
    rule("private-source-ip", Level::Warning, "No request comes to AWS from a private address")
        .same_as("ERROR PRIVATE_IP_ADDRESS");

pub(super) const RULES: &[LintRule] = &[PRIVATE];

pub(super) fn check(policy: &Policy, found: &mut Found<'_>) {
    let conditions = policy.inner.statements.iter().flat_map(|own| &own.conditions);
    for condition in conditions.filter(|own| own.operator.test == Test::Ip) {
        if condition.is_on("aws:SourceIp") {
            private(condition, found);
        }
    }
}

fn private(condition: &Condition, found: &mut Found<'_>) {
    let is_private = |text: &str| Network::read(text).is_some_and(|network| network.is_private());
    let all = condition.values.iter().all(|value| is_private(&value.text));
    let what = match (all, condition.operator.negated) {
        (true, false) => "the condition never holds",
        (true, true) => "the condition always holds",
        (false, _) => "it decides nothing",
    };
    for value in condition.values.iter().filter(|value| is_private(&value.text)) {
        let message =
            format!("{} is private, and aws:SourceIp is a public address: {what}", value.text);
        let help = "write your public addresses, or aws:VpcSourceIp with aws:SourceVpc for calls through a VPC endpoint";
        found.add(PRIVATE, &value.at, message, help);
    }
}
