//! What one policy allows that another does not, with a request that shows it.
//!
//! `comparison` is both policies for one principal; `coverage` sets aside what both say, and `search`
//! looks for a request between them.
//! `crate::pattern_search` finds texts that some patterns take and others do not, `candidates` the values of
//! condition keys that tell conditions apart, `test_principals` which principals can make a difference.
//!
//! Actions and resources are compared as what they are, sets of texts. A condition key is tried with
//! the values that its conditions name and those next to them, and with texts that its patterns make;
//! a key under a qualifier for several values also with several of these. A principal has the keys
//! that AWS sets for it and no others of that kind: an impossible principal is never reported.

mod candidates;
mod comparison;
mod coverage;
mod keys;
mod owner;
mod search;
mod show;
mod test_principals;
mod variables;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::pattern::Pattern;
use crate::syntax::Effect;
use crate::{Context, Kind, Place, Policy, PolicySet, Request};
use candidates::candidates;
use comparison::{Comparison, Side, StatementView};
use search::{Budget, Requirements};
use test_principals::{TestPrincipal, test_principals};

/// The most guesses of one comparison, for each way.
const MOST_GUESSES: usize = 200_000;

/// What two policies allow differently.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Diff {
    /// What the second allows and the first does not, in the order of the second's text.
    pub gained: Vec<Difference>,
    /// What the first allows and the second does not, in the order of the first's text.
    pub lost: Vec<Difference>,
    /// Whether all was looked at. Where it was not, there may be more.
    pub complete: bool,
}

/// Something that one statement allows and the other policy does not.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// The statement that allows it.
    pub allowed_by: Place,
    /// The statement of the other policy that denies it; nothing where none allows it.
    pub denied_by: Option<Place>,
    /// Those of the statement's actions to which it applies.
    pub actions: Vec<String>,
    /// Those of its resources; none in a trust policy.
    pub resources: Vec<String>,
    /// The principals that it concerns, where the policy names principals.
    pub principals: Vec<String>,
    /// A request that the one policy allows and the other does not.
    pub witness: Witness,
}

/// A request, as data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Witness {
    /// The principal; nothing where the policies name none.
    pub principal: Option<String>,
    /// The action.
    pub action: String,
    /// The resource.
    pub resource: String,
    /// The condition keys, as the policies write them.
    pub context: BTreeMap<String, Vec<String>>,
    /// The keys that it must not have.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<String>,
    /// The request itself.
    #[serde(skip)]
    pub request: Request,
}

/// Compares two policies, each by itself: what other policies say does not count. They should be of
/// one kind.
#[must_use]
pub fn diff(first: &Policy, second: &Policy) -> Diff {
    let (gained, all_gained) = gained_by(first, second);
    let (lost, all_lost) = gained_by(second, first);
    Diff { gained, lost, complete: all_gained && all_lost }
}

/// The first thing that `second` allows and `first` does not, and whether all was looked at where
/// there is none: for callers that only need to know whether there is any.
#[must_use]
pub fn first_gain(first: &Policy, second: &Policy) -> (Option<Difference>, bool) {
    let (found, complete) = search(first, second, true);
    (found.into_iter().next(), complete)
}

/// What `more` allows and `less` does not, and whether all was looked at.
fn gained_by(less: &Policy, more: &Policy) -> (Vec<Difference>, bool) {
    search(less, more, false)
}

/// The same, or the first of it alone.
fn search(less: &Policy, more: &Policy, only_first: bool) -> (Vec<Difference>, bool) {
    let named = test_principals([less, more]);
    let test_principals = if named.is_empty() { vec![TestPrincipal::own()] } else { named.clone() };
    let (all_fixed, whole) = variables::fixed([less, more]);
    // A comparison that cannot be complete is not worth a long search.
    let mut budget = Budget::new(if whole { MOST_GUESSES } else { MOST_GUESSES / 20 });
    budget.spent |= !whole;
    let (less_set, more_set) = (PolicySet::from(less.clone()), PolicySet::from(more.clone()));
    let mut found = Vec::new();
    for test_principal in &test_principals {
        // A principal's keys are the same however they were fixed before.
        let mut seen: Vec<Context> = Vec::new();
        for fixed in &all_fixed {
            let fixed = fixed.with(test_principal);
            if seen.contains(&fixed.context) {
                continue;
            }
            seen.push(fixed.context.clone());
            let values = candidates([less, more], &fixed.context);
            let comparison = Comparison {
                test_principal,
                fixed: &fixed,
                values: &values,
                more: Side::new(more, &more_set, test_principal, &fixed),
                less: Side::new(less, &less_set, test_principal, &fixed),
            };
            comparison.compare(!named.is_empty(), only_first, &mut found, &mut budget);
            if only_first && !found.is_empty() {
                return (found, true);
            }
        }
    }
    found.sort_by_key(|difference: &Difference| difference.allowed_by.statement);
    (found, !budget.spent)
}

impl<'p> Comparison<'p> {
    fn compare(
        &self,
        named: bool,
        only_first: bool,
        found: &mut Vec<Difference>,
        budget: &mut Budget,
    ) {
        let denies = self.denies();
        for view in self.more.of(Effect::Allow) {
            let covered = self.is_covered(view, None);
            if covered && denies.is_empty() {
                continue;
            }
            for (action, shown) in self.actions(view) {
                for (resource, on) in resources(view) {
                    let part = (&action, resource.as_ref());
                    let covered = covered || self.is_covered(view, Some(part));
                    if covered && denies.is_empty() {
                        continue;
                    }
                    let requirements = Requirements::of(view, Some(&action), resource.as_ref());
                    let requirements = requirements.with_action(well_formed(self.more.kind()));
                    let request = self.difference(&requirements, covered, &denies, budget);
                    let Some(request) = request else { continue };
                    self.record(view, &request, (&shown, on.as_deref()), named, found);
                    if only_first {
                        return;
                    }
                }
            }
        }
    }

    /// A difference that nothing of the other policy allows, unless it is covered, or one that a Deny of
    /// the other policy denies.
    fn difference(
        &self,
        requirements: &Requirements<'p>,
        covered: bool,
        denies: &[&StatementView<'p>],
        budget: &mut Budget,
    ) -> Option<Request> {
        let allowed_by_none =
            if covered { None } else { self.search(requirements.clone(), budget) };
        let request = allowed_by_none.or_else(|| {
            let denied = denies.iter().flat_map(|deny| requirements.within(deny));
            denied
                .collect::<Vec<_>>()
                .into_iter()
                .find_map(|requirements| self.search(requirements, budget))
        });
        request.filter(|request| self.confirms(request))
    }

    /// The actions by which to look at a statement, as it writes them.
    fn actions(&self, view: &StatementView<'_>) -> Vec<(Pattern, String)> {
        if self.more.kind() == Kind::Trust {
            let known = show::trust_actions(&self.test_principal.principal).iter();
            let taken = known.filter(|action| {
                view.rule.actions.take(&action.to_ascii_lowercase(), &Context::none())
            });
            let literal = |action: &str| {
                let text = action.to_ascii_lowercase();
                Pattern::read(&text, crate::segment::Wildcards::No, false, &Context::none())
            };
            return taken.filter_map(|own| Some((literal(own)?, (*own).to_owned()))).collect();
        }
        match view.actions.negated {
            true => {
                let list: Vec<&str> = view.actions.list.iter().map(|own| own.1.as_str()).collect();
                vec![(Pattern::any(), format!("all but {}", list.join(", ")))]
            }
            false => view.actions.list.clone(),
        }
    }

    fn record(
        &self,
        view: &StatementView<'_>,
        request: &Request,
        (action, resource): (&str, Option<&str>),
        named: bool,
        found: &mut Vec<Difference>,
    ) {
        // Where a statement stands in the text is looked up once for each difference.
        let denying = self.denying_statement(request);
        let number = |place: &Place| place.statement.checked_sub(1);
        let same = |own: &&mut Difference| {
            number(&own.allowed_by) == Some(view.number)
                && own.denied_by.as_ref().and_then(number) == denying.map(|deny| deny.number)
        };
        let principal = named.then(|| self.test_principal.principal.name());
        if let Some(known) = found.iter_mut().find(same) {
            add(&mut known.actions, Some(action));
            add(&mut known.resources, resource);
            add(&mut known.principals, principal.as_deref());
            return;
        }
        found.push(Difference {
            allowed_by: place(self.more.policy, view),
            denied_by: denying.map(|deny| place(self.less.policy, deny)),
            actions: vec![action.to_owned()],
            resources: resource.map(str::to_owned).into_iter().collect(),
            principals: principal.clone().into_iter().collect(),
            witness: self.witness(request, principal, action),
        });
    }
}

/// The resources by which to look at a statement, as it writes them.
fn resources(view: &StatementView<'_>) -> Vec<(Option<Pattern>, Option<String>)> {
    match &view.resources {
        None => vec![(None, None)],
        Some(field) if field.negated => {
            let list: Vec<&str> = field.list.iter().map(|own| own.1.as_str()).collect();
            vec![(None, Some(format!("all but {}", list.join(", "))))]
        }
        Some(field) => {
            let list = field.list.iter();
            list.map(|(pattern, text)| (Some(pattern.clone()), Some(text.clone()))).collect()
        }
    }
}

/// What every action looks like.
fn well_formed(kind: Kind) -> Pattern {
    let text = if kind == Kind::Trust { "sts:?*" } else { "?*:?*" };
    let read = Pattern::read(text, crate::segment::Wildcards::Yes, false, &Context::none());
    read.unwrap_or_else(Pattern::any)
}

fn add(list: &mut Vec<String>, new: Option<&str>) {
    if let Some(new) = new
        && !list.iter().any(|own| own == new)
    {
        list.push(new.to_owned());
    }
}

fn place(policy: &Policy, view: &StatementView<'_>) -> Place {
    Place::of(policy, view.number, view.statement)
}
