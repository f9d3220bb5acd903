//! A policy under assumptions about conditions that cannot be decided.
//!
//! Whether a call comes from an address is not known of a call that was not made. What is assumed of
//! such a condition is compiled into the policy, and the evaluator decides as always.

use std::sync::Arc;

use crate::Policy;
use crate::operator::Operator;
use crate::parse::Inner;
use crate::rule::Rule;
use crate::syntax::{Condition, Statement, Text};

/// What is assumed of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assumption {
    /// Nothing: the request's keys decide.
    None,
    /// It holds.
    Holds,
    /// It does not hold, and with it its statement does not apply.
    Fails,
}

impl Policy {
    /// The same policy under assumptions. Statements keep their numbers and places.
    #[must_use]
    pub fn assuming(&self, assume: impl Fn(&Statement, &Condition) -> Assumption) -> Self {
        let own = &*self.inner;
        let statements: Vec<Statement> =
            own.statements.iter().map(|statement| assumed(statement, &assume)).collect();
        let compile = |statement| Rule::new(statement, own.variables);
        let inner = Inner {
            text: own.text.clone(),
            kind: own.kind,
            variables: own.variables,
            rules: statements.iter().map(compile).collect(),
            statements,
            head: own.head.clone(),
            warnings: own.warnings.clone(),
        };
        Self { inner: Arc::new(inner), ..self.clone() }
    }
}

fn assumed(
    statement: &Statement,
    assume: &impl Fn(&Statement, &Condition) -> Assumption,
) -> Statement {
    let of = |condition: &Condition| assume(statement, condition);
    let fails = statement.conditions.iter().any(|own| of(own) == Assumption::Fails);
    let mut changed = statement.clone();
    changed.conditions.retain(|condition| of(condition) == Assumption::None);
    if fails {
        changed.conditions.extend(impossible(statement));
    }
    changed
}

/// A condition that holds for no request: `aws:SecureTransport` is never this text.
fn impossible(statement: &Statement) -> Option<Condition> {
    let text = |text: &str| Text { at: statement.at.clone(), text: text.to_owned() };
    let operator = Operator::parse("StringEquals").ok()?;
    let (key, values) = (text("aws:SecureTransport"), vec![text("never")]);
    Some(Condition { operator, key, values })
}

#[cfg(test)]
mod tests {
    use super::Assumption;
    use crate::{Context, EffectivePolicies, Kind, Policy, Principal, Request, evaluate};

    #[test]
    fn a_condition_turns_out_as_assumed() {
        let text = r#"{"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "s3:*", "Resource": "*",
             "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}, "Bool": {"aws:SecureTransport": "true"}}},
            {"Effect": "Deny", "Action": "s3:Put*", "Resource": "*",
             "Condition": {"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}}]}"#;
        let policy = Policy::parse(text, Kind::Identity).unwrap();
        let allows = |assumption: Assumption, key: &str, action: &str| {
            let on_key = |condition: &crate::syntax::Condition| condition.is_on(key);
            let policy =
                policy.assuming(
                    |_, condition| {
                        if on_key(condition) { assumption } else { Assumption::None }
                    },
                );
            let mut context = Context::new();
            context.set("aws:SecureTransport", "true");
            let request = Request {
                principal: Principal::User { arn: "arn:aws:iam::222222222222:user/ann".into() },
                action: action.into(),
                resource: "*".into(),
                resource_account: None,
                context,
            };
            let policies =
                EffectivePolicies { identity: policy.into(), ..EffectivePolicies::default() };
            evaluate(&policies, &request).is_allowed()
        };
        assert!(!allows(Assumption::None, "aws:sourceip", "s3:GetObject"));
        assert!(allows(Assumption::Holds, "AWS:SourceIp", "s3:GetObject"));
        assert!(!allows(Assumption::Fails, "aws:SecureTransport", "s3:GetObject"));
        assert!(!allows(Assumption::Holds, "aws:SourceIp", "s3:PutObject"));
    }
}
