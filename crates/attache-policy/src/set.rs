//! Policies compiled together.

use std::sync::Arc;

use crate::index::{At, Index};
use crate::principal::PrincipalMatch;
use crate::rule::Rule;
use crate::syntax::{Effect, Statement};
use crate::{Policy, Request};

/// Policies of one kind that apply together (a principal's own, a level of the organization), compiled
/// once. Cheap to clone and to join: what several principals share is compiled once for all of
/// them.
///
/// A decision costs as much as the statements whose actions match the request's, however many others
/// there are.
#[derive(Debug, Clone, Default)]
pub struct PolicySet(Vec<Arc<Part>>);

/// Policies that were compiled together.
#[derive(Debug)]
struct Part {
    policies: Vec<Policy>,
    index: Index,
}

impl PolicySet {
    /// Compiles policies.
    #[must_use]
    pub fn compile(policies: impl IntoIterator<Item = Policy>) -> Self {
        let policies: Vec<Policy> = policies.into_iter().collect();
        let rules = (0..).zip(&policies).flat_map(|(policy, read)| {
            let rules = (0..).zip(&read.inner.rules);
            rules.map(move |(statement, rule)| (At { policy, statement }, rule))
        });
        let index = Index::new(rules);
        Self(vec![Arc::new(Part { policies, index })])
    }

    /// The policies that it was compiled from.
    pub fn policies(&self) -> impl Iterator<Item = &Policy> {
        self.0.iter().flat_map(|part| &part.policies)
    }

    /// The statements of the set that apply to the request.
    pub(crate) fn matching_statements<'s>(&'s self, request: &Request) -> Matches<'s> {
        self.matching_statements_bounded(request, false)
    }

    /// The same, where the principal may have a permissions boundary.
    pub(crate) fn matching_statements_bounded<'s>(
        &'s self,
        request: &Request,
        bounded: bool,
    ) -> Matches<'s> {
        let mut matches = Matches::default();
        for part in &self.0 {
            part.index.visit(
                &request.action,
                |at| part.rule(at),
                |at, rule| {
                    matches.add(Found { part, at }, rule, request, bounded);
                },
            );
        }
        matches
    }
}

impl Part {
    fn rule(&self, at: At) -> Option<&Rule> {
        let policy = self.policies.get(usize::try_from(at.policy).ok()?)?;
        policy.inner.rules.get(usize::try_from(at.statement).ok()?)
    }
}

impl From<Policy> for PolicySet {
    fn from(policy: Policy) -> Self {
        Self::compile([policy])
    }
}

impl FromIterator<PolicySet> for PolicySet {
    /// Puts compiled sets together, as they are.
    fn from_iter<I: IntoIterator<Item = PolicySet>>(sets: I) -> Self {
        Self(sets.into_iter().flat_map(|set| set.0).collect())
    }
}

/// A statement that was found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found<'s> {
    part: &'s Part,
    at: At,
}

impl<'s> Found<'s> {
    /// The statement, its policy and its number in it, from 0.
    pub(crate) fn statement(self) -> Option<(&'s Policy, usize, &'s Statement)> {
        let policy = self.part.policies.get(usize::try_from(self.at.policy).ok()?)?;
        let number = usize::try_from(self.at.statement).ok()?;
        Some((policy, number, policy.inner.statements.get(number)?))
    }
}

/// The statements of a set that apply to a request.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Matches<'s> {
    /// A Deny that applies.
    pub(crate) denied: Option<Found<'s>>,
    /// The Allow that names the principal most closely.
    pub(crate) allowed: Option<Found<'s>>,
    /// How closely it does.
    pub(crate) principal_match: Option<PrincipalMatch>,
}

impl<'s> Matches<'s> {
    fn add(&mut self, found: Found<'s>, rule: &Rule, request: &Request, bounded: bool) {
        match rule.effect {
            Effect::Deny if self.denied.is_some() => {}
            Effect::Deny => self.denied = rule.applies(request, bounded).map(|_| found),
            // Nothing names a principal more closely than itself.
            Effect::Allow if self.principal_match == Some(PrincipalMatch::Exact) => {}
            Effect::Allow => {
                let principal_match = rule.applies(request, bounded);
                if principal_match > self.principal_match {
                    (self.allowed, self.principal_match) = (Some(found), principal_match);
                }
            }
        }
    }
}
