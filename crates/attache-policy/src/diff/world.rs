//! Both policies as one asker sees them, with the keys that are fixed for it.

use super::candidates::Keys;
use super::principals::Asker;
use super::variables::Fixed;
use crate::atom::Wildcards;
use crate::pattern::Pattern;
use crate::rule::Rule;
use crate::set::{Found, Survey};
use crate::syntax::{Condition, Effect, Patterns, Statement};
use crate::{Context, Kind, Policy, PolicySet, Request};

/// What one asker, with some keys fixed, is told by both policies.
pub(super) struct World<'p> {
    pub(super) asker: &'p Asker,
    pub(super) fixed: &'p Fixed,
    /// What each key may hold.
    pub(super) values: &'p Keys,
    /// The policy that is to allow.
    pub(super) more: Half<'p>,
    /// The policy that is not to.
    pub(super) less: Half<'p>,
}

/// One of the two policies.
pub(super) struct Half<'p> {
    pub(super) policy: &'p Policy,
    pub(super) set: &'p PolicySet,
    pub(super) statements: Vec<Shape<'p>>,
}

/// A statement that names the asker.
#[derive(Debug, Clone)]
pub(super) struct Shape<'p> {
    pub(super) number: usize,
    pub(super) statement: &'p Statement,
    pub(super) rule: &'p Rule,
    pub(super) actions: Field,
    pub(super) resources: Option<Field>,
    variables: bool,
}

/// Its actions or resources, with their variables filled in.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) negated: bool,
    /// Each with the text that it was read from.
    pub(super) list: Vec<(Pattern, String)>,
}

/// A condition that must hold, or must not.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'p> {
    pub(super) condition: &'p Condition,
    pub(super) rule: &'p crate::condition::ConditionRule,
    pub(super) variables: bool,
    pub(super) holds: bool,
}

impl<'p> Half<'p> {
    pub(super) fn new(
        policy: &'p Policy,
        set: &'p PolicySet,
        asker: &Asker,
        fixed: &Fixed,
    ) -> Self {
        let request = request(asker, "", "", fixed.context.clone());
        let inner = &policy.inner;
        let named = inner.statements.iter().zip(&inner.rules).enumerate();
        let named = named.filter(|(_, (_, rule))| rule.grip(&request, false).is_some());
        let statements = named.map(|(number, (statement, rule))| Shape {
            number,
            statement,
            rule,
            actions: Field::actions(&statement.actions),
            resources: statement
                .resources
                .as_ref()
                .map(|list| Field::resources(list, inner.variables, &fixed.context)),
            variables: inner.variables,
        });
        Self { policy, set, statements: statements.collect() }
    }

    /// The statements of that effect.
    pub(super) fn of(&self, effect: Effect) -> impl Iterator<Item = &Shape<'p>> {
        self.statements.iter().filter(move |shape| shape.statement.effect == effect)
    }

    /// What applies to the request.
    pub(super) fn survey(&self, request: &Request) -> Survey<'p> {
        self.set.survey(request)
    }

    /// A statement that was found.
    pub(super) fn shape(&self, found: Found<'_>) -> Option<&Shape<'p>> {
        let (_, number, _) = found.statement()?;
        self.statements.iter().find(|shape| shape.number == number)
    }

    /// What the policy is attached to.
    pub(super) fn kind(&self) -> Kind {
        self.policy.kind()
    }
}

impl<'p> Shape<'p> {
    /// Its conditions, as they must hold or not.
    pub(super) fn conditions(&self, holds: bool) -> impl Iterator<Item = Asked<'p>> {
        let variables = self.variables;
        let both = self.statement.conditions.iter().zip(&self.rule.conditions);
        both.map(move |(condition, rule)| Asked { condition, rule, variables, holds })
    }
}

impl Field {
    fn actions(patterns: &Patterns) -> Self {
        let read = |text: &str| {
            let lower = text.to_ascii_lowercase();
            Pattern::read(&lower, Wildcards::Yes, false, &Context::none()).into_iter()
        };
        Self::new(patterns, read)
    }

    fn resources(patterns: &Patterns, variables: bool, fixed: &Context) -> Self {
        Self::new(patterns, |text| Pattern::resource(text, variables, fixed))
    }

    fn new<R: Iterator<Item = Pattern>>(patterns: &Patterns, read: impl Fn(&str) -> R) -> Self {
        let list = patterns.list.iter();
        let list = list.flat_map(|own| read(&own.text).map(|pattern| (pattern, own.text.clone())));
        Self { negated: patterns.negated, list: list.collect() }
    }

    pub(super) fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        self.list.iter().map(|(pattern, _)| pattern)
    }
}

/// What an asker asks.
pub(super) fn request(asker: &Asker, action: &str, resource: &str, context: Context) -> Request {
    Request {
        principal: asker.principal.clone(),
        action: action.to_owned(),
        resource: resource.to_owned(),
        resource_account: None,
        context,
    }
}
