//! Summaries of a policy, without a request: its condition keys and services.

use std::collections::BTreeSet;

use crate::segment;
use crate::syntax::{Condition, Effect};
use crate::{Context, Policy, PolicySet, actions};

impl Policy {
    /// The condition keys of its conditions and variables, as they are written.
    #[must_use]
    pub fn condition_keys(&self) -> BTreeSet<String> {
        let conditions = self.inner.statements.iter().flat_map(|own| &own.conditions);
        let keys = conditions.map(|condition| condition.key.text.as_str());
        keys.chain(self.variables()).map(str::to_owned).collect()
    }

    /// The conditions on a key.
    pub(crate) fn conditions_on<'p, 'k>(
        &'p self,
        key: &'k str,
    ) -> impl Iterator<Item = &'p Condition> + use<'p, 'k> {
        let conditions = self.inner.statements.iter().flat_map(|own| &own.conditions);
        conditions.filter(move |condition| condition.is_on(key))
    }

    /// What its conditions compare a key with, in the text's order, wildcards and variables as they
    /// are written.
    ///
    /// ```
    /// # use attache_policy::{Kind, Policy};
    /// let text = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*",
    ///   "Resource": "*", "Condition": {"StringLike": {"aws:userid": ["AROA1:*", "AIDA2"]}}}]}"#;
    /// let policy = Policy::parse(text, Kind::Identity).expect("it is a policy");
    /// assert_eq!(policy.values_compared_with("aws:UserId"), ["AROA1:*", "AIDA2"]);
    /// ```
    #[must_use]
    pub fn values_compared_with(&self, key: &str) -> Vec<&str> {
        let values = self.conditions_on(key).flat_map(|own| &own.values);
        values.map(|value| value.text.as_str()).collect()
    }

    /// The keys of its variables, in lower case; one that occurs twice is listed twice.
    pub(crate) fn variable_keys(&self) -> Vec<String> {
        self.variables().map(str::to_lowercase).collect()
    }

    /// The same, as they are written.
    fn variables(&self) -> impl Iterator<Item = &str> {
        let statements = self.inner.statements.iter().filter(|_| self.has_variables());
        let texts = statements.flat_map(|statement| {
            let resources = statement.resources.iter().flat_map(|list| &list.list);
            resources.chain(statement.conditions.iter().flat_map(|condition| &condition.values))
        });
        texts.flat_map(|text| segment::variable_keys(&text.text))
    }
}

/// The services, by their prefix in actions and of those that are known here, of which some statement
/// allows an action, whatever its resources and conditions.
#[must_use]
pub fn services_allowed(policies: &PolicySet) -> Vec<&'static str> {
    let none = Context::new();
    let rules = policies.policies().flat_map(|policy| &policy.inner.rules);
    let allows: Vec<_> = rules.filter(|rule| rule.effect == Effect::Allow).collect();
    let takes = |action: &str| allows.iter().any(|rule| rule.actions.take(action, &none));
    actions::known()
        .filter_map(|(service, mut actions)| {
            actions.any(|name| takes(&format!("{service}:{name}"))).then_some(service)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::{Kind, Policy, services_allowed};

    fn policy(statements: &str) -> Policy {
        let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
        Policy::parse(&text, Kind::Identity).unwrap()
    }

    #[test]
    fn keys_of_conditions_and_variables_are_told() {
        let policy = policy(
            r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/${aws:username}",
                "Condition": {"StringEquals": {"aws:PrincipalTag/Team": "a"}}}"#,
        );
        let keys: Vec<_> = policy.condition_keys().into_iter().collect();
        assert_eq!(keys, ["aws:PrincipalTag/Team", "aws:username"]);
    }

    #[test]
    fn services_are_those_of_which_an_action_is_allowed() {
        for (statement, wanted) in [
            (
                r#"{"Effect": "Allow", "Action": ["sqs:*", "ec2:Desc*"], "Resource": "*"}"#,
                "ec2 sqs",
            ),
            (r#"{"Effect": "Deny", "Action": "sqs:*", "Resource": "*"}"#, ""),
            (r#"{"Effect": "Allow", "Action": "sqs:NoSuchAction", "Resource": "*"}"#, ""),
        ] {
            let allowed = services_allowed(&policy(statement).into());
            assert_eq!(allowed.join(" "), wanted, "{statement}");
        }
    }
}
