//! A statement compiled for evaluation.

use crate::atom::{self, Atom, Wildcards};
use crate::condition::ConditionRule;
use crate::glob::Glob;
use crate::principal::{Grip, PrincipalRule};
use crate::syntax::{Effect, Patterns, Statement};
use crate::{Context, Request};

/// A compiled statement; its conditions stand in the order of the statement's own.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) effect: Effect,
    pub(crate) principal: Option<PrincipalRule>,
    pub(crate) actions: Globs,
    /// Nothing in trust policies: the resource is the role itself.
    pub(crate) resources: Option<Globs>,
    pub(crate) conditions: Box<[ConditionRule]>,
}

/// `Action` or `NotAction`, `Resource` or `NotResource`.
#[derive(Debug)]
pub(crate) struct Globs {
    pub(crate) negated: bool,
    /// Whether `*` is among them.
    any: bool,
    pub(crate) list: Box<[Glob]>,
}

impl Rule {
    pub(crate) fn new(statement: &Statement, variables: bool) -> Self {
        let action = |text: &str| [atom::read(&text.to_ascii_lowercase(), Wildcards::Yes, false)];
        let conditions = statement.conditions.iter();
        let trusts = statement.resources.is_none();
        let principal = statement.principal.as_ref();
        Self {
            effect: statement.effect,
            principal: principal.map(|named| PrincipalRule::new(named, trusts)),
            actions: Globs::new(&statement.actions, action),
            resources: statement
                .resources
                .as_ref()
                .map(|list| Globs::new(list, |text| atom::resource(text, variables))),
            conditions: conditions.map(|c| ConditionRule::new(c, variables)).collect(),
        }
    }

    /// How closely it names the principal; a policy without principals is the principal's own.
    pub(crate) fn grip(&self, request: &Request, bounded: bool) -> Option<Grip> {
        match &self.principal {
            Some(principal) => principal.grip(self.effect, request, bounded),
            None => Some(Grip::Itself),
        }
    }

    pub(crate) fn takes_resource(&self, request: &Request) -> bool {
        let Some(resources) = &self.resources else { return true };
        resources.take(&request.resource, &request.context)
    }

    /// Whether all but its actions apply, and how closely it names the principal.
    pub(crate) fn applies(&self, request: &Request, bounded: bool) -> Option<Grip> {
        let grip = self.grip(request, bounded)?;
        let applies = self.takes_resource(request)
            && self.conditions.iter().all(|condition| condition.holds(&request.context));
        applies.then_some(grip)
    }
}

impl Globs {
    /// `read` takes a text apart, in each way in which it can be meant.
    fn new<R: IntoIterator<Item = Vec<Atom>>>(
        patterns: &Patterns,
        read: impl Fn(&str) -> R,
    ) -> Self {
        let read = patterns.list.iter().flat_map(|text| read(&text.text));
        let list: Box<[Glob]> = read.map(|atoms| Glob::new(&atoms)).collect();
        Self { negated: patterns.negated, any: list.iter().any(Glob::is_any), list }
    }

    pub(crate) fn take(&self, text: &str, context: &Context) -> bool {
        (self.any || self.list.iter().any(|glob| glob.fits(text, context))) != self.negated
    }
}
