//! A statement compiled for evaluation.

use crate::actions;
use crate::condition::ConditionRule;
use crate::glob::Glob;
use crate::principal::{PrincipalMatch, PrincipalRule};
use crate::segment::{self, Segment, Wildcards};
use crate::syntax::{Effect, Patterns, Statement};
use crate::{Context, Request};

/// A compiled statement; its conditions are in the statement's order.
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
        let action =
            |text: &str| [segment::read(&text.to_ascii_lowercase(), Wildcards::Yes, false)];
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
                .map(|list| Globs::new(list, |text| segment::resource(text, variables))),
            conditions: conditions.map(|c| ConditionRule::new(c, variables)).collect(),
        }
    }

    /// How closely it names the principal; a policy without principals is attached to the principal.
    pub(crate) fn principal_match(
        &self,
        request: &Request,
        bounded: bool,
    ) -> Option<PrincipalMatch> {
        match &self.principal {
            Some(principal) => principal.principal_match(self.effect, request, bounded),
            None => Some(PrincipalMatch::Exact),
        }
    }

    pub(crate) fn takes_resource(&self, request: &Request) -> bool {
        let Some(resources) = &self.resources else { return true };
        if !resources.any
            && let Some(arn) = actions::listing_resource(request)
        {
            return resources.take(&arn, &request.context);
        }
        resources.take(&request.resource, &request.context)
    }

    /// Whether all but its actions apply, and how closely it names the principal.
    pub(crate) fn applies(&self, request: &Request, bounded: bool) -> Option<PrincipalMatch> {
        let principal_match = self.principal_match(request, bounded)?;
        let applies = self.takes_resource(request)
            && self.conditions.iter().all(|condition| condition.holds(&request.context));
        applies.then_some(principal_match)
    }
}

impl Globs {
    /// `read` takes a text apart, in each way in which it can be meant.
    fn new<R: IntoIterator<Item = Vec<Segment>>>(
        patterns: &Patterns,
        read: impl Fn(&str) -> R,
    ) -> Self {
        let read = patterns.list.iter().flat_map(|text| read(&text.text));
        let list: Box<[Glob]> = read.map(|segments| Glob::new(&segments)).collect();
        Self { negated: patterns.negated, any: list.iter().any(Glob::is_any), list }
    }

    pub(crate) fn take(&self, text: &str, context: &Context) -> bool {
        (self.any || self.list.iter().any(|glob| glob.fits(text, context))) != self.negated
    }
}
