//! A statement, as it was read.

use std::ops::Range;

use crate::operator::Operator;

/// Allow or Deny.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    Allow,
    Deny,
}

/// One statement of a policy.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    pub(crate) at: Range<usize>,
    pub(crate) sid: Option<String>,
    pub(crate) effect: Effect,
    pub(crate) principal: Option<Principals>,
    pub(crate) actions: Patterns,
    /// None in trust policies: the resource is the role itself.
    pub(crate) resources: Option<Patterns>,
    pub(crate) conditions: Vec<Condition>,
}

/// `Action` or `NotAction`, `Resource` or `NotResource`.
#[derive(Debug, Clone)]
pub(crate) struct Patterns {
    pub(crate) negated: bool,
    pub(crate) list: Vec<Text>,
}

/// `Principal` or `NotPrincipal`.
#[derive(Debug, Clone)]
pub(crate) struct Principals {
    pub(crate) negated: bool,
    pub(crate) list: Vec<(PrincipalKind, Text)>,
}

/// The kinds that `Principal` takes as keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PrincipalKind {
    /// `"Principal": "*"`.
    Anyone,
    Aws,
    Federated,
    Service,
    CanonicalUser,
}

/// A piece of text and where it stood.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    pub(crate) at: Range<usize>,
    pub(crate) text: String,
}

/// One operator with one key.
#[derive(Debug, Clone)]
pub(crate) struct Condition {
    pub(crate) operator: Operator,
    pub(crate) key: Text,
    pub(crate) values: Vec<Text>,
}
