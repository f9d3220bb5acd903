//! Looking for a request that one policy allows and the other does not.
//!
//! A request is guessed from what it must meet. Where a statement blocks it, that statement
//! is excluded by each of its elements in turn, and the next guess is made. So the evaluator confirms
//! what is found, and only blocking statements are ever looked at.

use super::comparison::{Comparison, Field, RequiredCondition, StatementView, request};
use super::keys;
use crate::Request;
use crate::pattern::Pattern;
use crate::pattern_search::{self, SearchLimitReached};

/// The guesses that are left. Ours: what people write needs some thousands.
#[derive(Debug)]
pub(super) struct Budget {
    left: usize,
    /// Whether something was given up, so that there may be more than was found.
    pub(super) spent: bool,
}

impl Budget {
    pub(super) fn new(guesses: usize) -> Self {
        Self { left: guesses, spent: false }
    }

    /// One guess more, where there is one left.
    fn take(&mut self) -> bool {
        self.spent |= self.left == 0;
        let any = self.left > 0;
        self.left = self.left.saturating_sub(1);
        any
    }

    /// A text was looked for in vain, at the cost of many guesses: others are still looked for.
    pub(super) fn give_up(&mut self) {
        self.spent = true;
        self.left = self.left.saturating_sub(COST_OF_GIVING_UP);
    }
}

/// In guesses. Ours: a comparison ends after twenty of them.
const COST_OF_GIVING_UP: usize = 10_000;

/// What a request must meet.
#[derive(Debug, Clone)]
pub(super) struct Requirements<'p> {
    actions: Text,
    resources: Text,
    conditions: Vec<RequiredCondition<'p>>,
}

/// What a text must meet, and one that does.
#[derive(Debug, Clone)]
struct Text {
    all: Vec<Pattern>,
    none: Vec<Pattern>,
    found: Option<String>,
}

impl Text {
    fn new(all: Vec<Pattern>, none: Vec<Pattern>) -> Self {
        Self { all, none, found: None }
    }

    /// Finds a text anew, unless there is one; `likely` are tried first.
    fn find(&mut self, likely: &[String], budget: &mut Budget) -> bool {
        if self.found.is_some() {
            return true;
        }
        let good = |text: &&String| {
            self.all.iter().all(|p| p.matches(text)) && !self.none.iter().any(|p| p.matches(text))
        };
        self.found = match likely.iter().find(good) {
            Some(text) => Some(text.clone()),
            None => {
                pattern_search::find(&self.all, &self.none).unwrap_or_else(|SearchLimitReached| {
                    budget.give_up();
                    None
                })
            }
        };
        self.found.is_some()
    }

    /// With more to meet; what was found may still do.
    fn and(&self, all: &[Pattern], none: &[Pattern]) -> Self {
        let mut next = self.clone();
        next.all.extend(all.iter().cloned());
        next.none.extend(none.iter().cloned());
        let found = next.found.take();
        next.found = found.filter(|text| {
            all.iter().all(|p| p.matches(text)) && !none.iter().any(|p| p.matches(text))
        });
        next
    }
}

impl<'p> Requirements<'p> {
    /// A request that a statement takes in, by one of its actions and one of its resources; nothing
    /// for an element that is negated or not there.
    pub(super) fn of(
        view: &StatementView<'p>,
        action: Option<&Pattern>,
        resource: Option<&Pattern>,
    ) -> Self {
        let none = |field: &Field| match field.negated {
            true => field.patterns().cloned().collect(),
            false => Vec::new(),
        };
        let all = |one: Option<&Pattern>| one.cloned().into_iter().collect();
        let resources = view.resources.as_ref().map(none).unwrap_or_default();
        Self {
            actions: Text::new(all(action), none(&view.actions)),
            resources: Text::new(all(resource), resources),
            conditions: view.conditions(true).collect(),
        }
    }

    /// With an action that is well-formed.
    pub(super) fn with_action(mut self, pattern: Pattern) -> Self {
        self.actions.all.push(pattern);
        self
    }

    /// All the ways in which another statement takes the request in as well.
    pub(super) fn within(&self, view: &StatementView<'p>) -> Vec<Self> {
        let actions = inside(&self.actions, &view.actions);
        let resources = match &view.resources {
            Some(field) => inside(&self.resources, field),
            None => vec![self.resources.clone()],
        };
        let conditions: Vec<_> =
            self.conditions.iter().copied().chain(view.conditions(true)).collect();
        let pairs = actions.iter().flat_map(|a| resources.iter().map(move |r| (a, r)));
        pairs
            .map(|(actions, resources)| Self {
                actions: actions.clone(),
                resources: resources.clone(),
                conditions: conditions.clone(),
            })
            .collect()
    }

    /// All the ways in which a statement does not take the request in.
    fn without(&self, view: &StatementView<'p>) -> Vec<Self> {
        let mut ways = Vec::new();
        for actions in outside(&self.actions, &view.actions) {
            ways.push(Self { actions, ..self.clone() });
        }
        for resources in view.resources.iter().flat_map(|field| outside(&self.resources, field)) {
            ways.push(Self { resources, ..self.clone() });
        }
        for asked in view.conditions(false) {
            let mut way = self.clone();
            way.conditions.push(asked);
            ways.push(way);
        }
        ways
    }
}

fn inside(text: &Text, field: &Field) -> Vec<Text> {
    match field.negated {
        true => vec![text.and(&[], &field.patterns().cloned().collect::<Vec<_>>())],
        false => meeting(text, field),
    }
}

fn outside(text: &Text, field: &Field) -> Vec<Text> {
    match field.negated {
        true => meeting(text, field),
        // A pattern that it cannot meet anyway need not be shut out.
        false => vec![text.and(&[], &near(text, field).cloned().collect::<Vec<_>>())],
    }
}

/// The patterns of the field that the text can meet at all.
fn near<'f>(text: &Text, field: &'f Field) -> impl Iterator<Item = &'f Pattern> {
    field.patterns().filter(|pattern| text.all.iter().all(|own| own.intersects(pattern)))
}

/// One for each pattern of the field that the text can meet.
fn meeting(text: &Text, field: &Field) -> Vec<Text> {
    near(text, field).map(|pattern| text.and(std::slice::from_ref(pattern), &[])).collect()
}

impl<'p> Comparison<'p> {
    /// A request that meets the requirements, that one policy allows and the other does not.
    pub(super) fn search(
        &self,
        mut requirements: Requirements<'p>,
        budget: &mut Budget,
    ) -> Option<Request> {
        if !budget.take() {
            return None;
        }
        if !requirements.actions.find(&likely_actions(self), budget) {
            return None;
        }
        let action = requirements.actions.found.clone().unwrap_or_default();
        if !requirements.resources.find(&likely_resources(self, &action), budget) {
            return None;
        }
        let resource = requirements.resources.found.clone().unwrap_or_default();
        let context = keys::find(self, &requirements.conditions, budget)?;
        let request = request(self.test_principal, &action, &resource, context);
        let Some(blocker) = self.blocker(&request) else { return Some(request) };
        requirements.without(blocker).into_iter().find_map(|next| self.search(next, budget))
    }

    /// The statement because of which the request is not a difference: a Deny of the one policy, or an
    /// Allow of the other. Nothing where it is one.
    fn blocker(&self, request: &Request) -> Option<&StatementView<'p>> {
        let more = self.more.matching_statements(request);
        if let Some(denied) = more.denied {
            return self.more.view(denied);
        }
        let less = self.less.matching_statements(request);
        let allowed = less.allowed.filter(|_| less.denied.is_none());
        allowed.and_then(|found| self.less.view(found))
    }

    /// Whether the request is a difference, as the evaluator decides it.
    pub(super) fn confirms(&self, request: &Request) -> bool {
        let (more, less) =
            (self.more.matching_statements(request), self.less.matching_statements(request));
        let more = more.denied.is_none() && more.allowed.is_some();
        more && (less.denied.is_some() || less.allowed.is_none())
    }

    /// The Deny of the other policy that applies to the request.
    pub(super) fn denying_statement(&self, request: &Request) -> Option<&StatementView<'p>> {
        self.less.matching_statements(request).denied.and_then(|found| self.less.view(found))
    }
}

/// What a reader knows, where anything would do.
fn likely_actions(comparison: &Comparison<'_>) -> Vec<String> {
    match comparison.more.kind() {
        crate::Kind::Trust => Vec::new(),
        _ => ["s3:getobject", "ec2:describeinstances"].map(str::to_owned).into(),
    }
}

fn likely_resources(comparison: &Comparison<'_>, action: &str) -> Vec<String> {
    if comparison.more.kind() == crate::Kind::Trust {
        return vec!["arn:aws:iam::111122223333:role/example".to_owned()];
    }
    let service = action.split(':').next().unwrap_or_default();
    vec![match service {
        "s3" => "arn:aws:s3:::example/example".to_owned(),
        "iam" => "arn:aws:iam::111122223333:role/example".to_owned(),
        _ => ["arn:aws", service, "us-east-1:111122223333:example"].join(":"),
    }]
}
