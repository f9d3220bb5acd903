//! A policy's syntax tree: what the document says, every node with its place in the text.
//!
//! [`Policy::statements`] returns it. Code that needs to know what a policy names reads this tree, so
//! that no other crate parses a document a second time. What a statement *does* is the
//! engine's: [`crate::evaluate()`].
//!
//! ```
//! use attache_policy::{Kind, Policy, syntax::Effect};
//! let text = r#"{"Version": "2012-10-17", "Statement": [{"Sid": "Read", "Effect": "Allow",
//!   "Action": "s3:Get*", "Resource": "arn:aws:s3:::logs/*"}]}"#;
//! let policy = Policy::parse(text, Kind::Identity).expect("it is a policy");
//! let [statement] = policy.statements() else { panic!("it has one statement") };
//! assert_eq!((statement.sid.as_deref(), statement.effect), (Some("Read"), Effect::Allow));
//! let action = &statement.actions.list[0];
//! assert_eq!(&text[action.at.clone()], "\"s3:Get*\"");
//! assert_eq!(policy.statements_about(&["s3:GetObject"]).count(), 1);
//! ```

use std::ops::Range;

use crate::rule::Rule;
use crate::{Context, Policy};

pub use crate::operator::{Operator, Order, SetQualifier, Test};

/// Allow or Deny.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// `"Effect": "Allow"`.
    Allow,
    /// `"Effect": "Deny"`.
    Deny,
}

/// One statement of a policy.
#[derive(Debug, Clone)]
pub struct Statement {
    /// Its bytes in the text.
    pub at: Range<usize>,
    /// Its `Sid`; an empty one is none.
    pub sid: Option<String>,
    /// Its `Effect`.
    pub effect: Effect,
    /// None in policies that are attached to the principal itself.
    pub principal: Option<Principals>,
    /// Its `Action` or `NotAction`.
    pub actions: Patterns,
    /// None in trust policies: the resource is the role itself.
    pub resources: Option<Patterns>,
    /// All of them have to hold.
    pub conditions: Vec<Condition>,
}

/// `Action` or `NotAction`, `Resource` or `NotResource`.
#[derive(Debug, Clone)]
pub struct Patterns {
    /// Whether it is the `Not…` element.
    pub negated: bool,
    /// As they are written.
    pub list: Vec<Text>,
}

/// `Principal` or `NotPrincipal`.
#[derive(Debug, Clone)]
pub struct Principals {
    /// Whether it is `NotPrincipal`.
    pub negated: bool,
    /// Each name with the key that it is under.
    pub list: Vec<(PrincipalKind, Text)>,
}

/// The kinds that `Principal` takes as keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrincipalKind {
    /// `"Principal": "*"`.
    Anyone,
    /// `AWS`: accounts, users, roles, sessions, federated users, unique ids, `*`.
    Aws,
    /// `Federated`: identity providers.
    Federated,
    /// `Service`: AWS's services.
    Service,
    /// `CanonicalUser`: an account's id in Amazon S3.
    CanonicalUser,
}

/// A piece of text and where it stood.
#[derive(Debug, Clone)]
pub struct Text {
    /// Its bytes in the policy's text, quotes included.
    pub at: Range<usize>,
    /// Its value: escapes are read; wildcards and variables are as they are written.
    pub text: String,
}

/// One operator with one key.
#[derive(Debug, Clone)]
pub struct Condition {
    /// The operator, taken apart.
    pub operator: Operator,
    /// The condition key, in the letters of the document.
    pub key: Text,
    /// What the key's values are compared with.
    pub values: Vec<Text>,
}

impl Condition {
    /// Whether it is on this key: keys compare without case.
    #[must_use]
    pub fn is_on(&self, key: &str) -> bool {
        self.key.text.to_lowercase() == key.to_lowercase()
    }
}

impl Statement {
    /// The texts in which `${…}` is a variable, where the policy's version has variables: values and
    /// resources.
    pub(crate) fn texts_with_variables(&self) -> impl Iterator<Item = &Text> {
        let conditions = self.conditions.iter().filter(|own| own.operator.test.takes_variables());
        let values = conditions.flat_map(|own| &own.values);
        values.chain(self.resources.iter().flat_map(|own| &own.list))
    }
}

impl Policy {
    /// Its statements in the order of the text.
    #[must_use]
    pub fn statements(&self) -> &[Statement] {
        &self.inner.statements
    }

    /// The statements that are about one of these actions, in any case of their letters.
    pub fn statements_about(&self, actions: &[&str]) -> impl Iterator<Item = &Statement> + use<'_> {
        let actions: Vec<String> =
            actions.iter().map(|action| action.to_ascii_lowercase()).collect();
        let statements = self.inner.statements.iter().zip(&self.inner.rules);
        let about = move |rule: &Rule| {
            actions.iter().any(|action| rule.actions.take(action, &Context::none()))
        };
        statements.filter(move |(_, rule)| about(rule)).map(|(statement, _)| statement)
    }
}
