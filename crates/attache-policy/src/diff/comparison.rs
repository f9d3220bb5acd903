//! Both policies for one principal, with the keys that are fixed for it.

use super::candidates::Keys;
use super::test_principals::TestPrincipal;
use super::variables::Fixed;
use crate::pattern::Pattern;
use crate::rule::Rule;
use crate::segment::Wildcards;
use crate::set::{Found, Matches};
use crate::syntax::{Condition, Effect, Patterns, Statement};
use crate::{Context, Kind, Policy, PolicySet, Request};

/// Both policies as they apply to one principal, with some keys fixed.
pub(super) struct Comparison<'p> {
    pub(super) test_principal: &'p TestPrincipal,
    pub(super) fixed: &'p Fixed,
    /// What each key may hold.
    pub(super) values: &'p Keys,
    /// The policy that should allow.
    pub(super) more: Side<'p>,
    /// The policy that should not.
    pub(super) less: Side<'p>,
}

/// One of the two policies.
pub(super) struct Side<'p> {
    pub(super) policy: &'p Policy,
    pub(super) set: &'p PolicySet,
    pub(super) statements: Vec<StatementView<'p>>,
}

/// A statement that matches the principal.
#[derive(Debug, Clone)]
pub(super) struct StatementView<'p> {
    pub(super) number: usize,
    pub(super) statement: &'p Statement,
    pub(super) rule: &'p Rule,
    pub(super) actions: Field,
    pub(super) resources: Option<Field>,
    pub(super) variables: bool,
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
pub(super) struct RequiredCondition<'p> {
    pub(super) condition: &'p Condition,
    pub(super) rule: &'p crate::condition::ConditionRule,
    pub(super) variables: bool,
    pub(super) holds: bool,
}

impl<'p> Side<'p> {
    pub(super) fn new(
        policy: &'p Policy,
        set: &'p PolicySet,
        test_principal: &TestPrincipal,
        fixed: &Fixed,
    ) -> Self {
        let request = request(test_principal, "", "", fixed.context.clone());
        let inner = &policy.inner;
        let named = inner.statements.iter().zip(&inner.rules).enumerate();
        let named = named.filter(|(_, (_, rule))| rule.principal_match(&request, false).is_some());
        let statements = named.map(|(number, (statement, rule))| StatementView {
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
    pub(super) fn of(&self, effect: Effect) -> impl Iterator<Item = &StatementView<'p>> {
        self.statements.iter().filter(move |view| view.statement.effect == effect)
    }

    /// What applies to the request.
    pub(super) fn matching_statements(&self, request: &Request) -> Matches<'p> {
        self.set.matching_statements(request)
    }

    /// A statement that was found.
    pub(super) fn view(&self, found: Found<'_>) -> Option<&StatementView<'p>> {
        let (_, number, _) = found.statement()?;
        self.statements.iter().find(|view| view.number == number)
    }

    /// What the policy is attached to.
    pub(super) fn kind(&self) -> Kind {
        self.policy.kind()
    }
}

impl<'p> StatementView<'p> {
    /// Its conditions, as they must hold or not.
    pub(super) fn conditions(&self, holds: bool) -> impl Iterator<Item = RequiredCondition<'p>> {
        let variables = self.variables;
        let both = self.statement.conditions.iter().zip(&self.rule.conditions);
        both.map(move |(condition, rule)| RequiredCondition { condition, rule, variables, holds })
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

/// A request of the principal.
pub(super) fn request(
    test_principal: &TestPrincipal,
    action: &str,
    resource: &str,
    context: Context,
) -> Request {
    Request {
        principal: test_principal.principal.clone(),
        action: action.to_owned(),
        resource: resource.to_owned(),
        resource_account: None,
        context,
    }
}
