//! Why: the statements that decided, or came close and what they lacked.

mod failure;
mod hint;
mod show;

use std::fmt::Write as _;
use std::sync::Arc;

use attache_excerpt::{Excerpt, MAX_MESSAGE_BYTES, advance, clip, position};
use serde::Serialize;

use crate::effective_policies::BoundPolicies;
use crate::principal::issuer_of;
use crate::syntax::{Effect, Statement};
use crate::{Denial, Kind, Kinds, Outcome, Policy, PolicySet, Principal, Request, Values};
use show::Named;

/// Why a decision is what it is.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// Allowed or denied, and by which kind of policy.
    pub outcome: Outcome,
    /// The decision in a sentence.
    pub decision: String,
    /// The principal.
    pub principal: String,
    /// The action.
    pub action: String,
    /// The resource.
    pub resource: String,
    /// The statements that decided.
    pub decided_by: Vec<Place>,
    /// Statements that would have allowed it but for the elements that failed; the nearest first.
    pub misses: Vec<NearMiss>,
    /// What else decided it.
    pub notes: Vec<String>,
}

/// The position of a statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// The policy's name, or its kind's where it has none.
    pub policy: String,
    /// The statement's number in it, from 1.
    pub statement: usize,
    /// The statement's own name.
    pub sid: Option<String>,
    /// Its line, from 1.
    pub line: usize,
    /// Its column in characters, from 1.
    pub column: usize,
    /// The line of its end.
    pub end_line: usize,
    /// The column after its end.
    pub end_column: usize,
}

/// A statement that did not apply, by its first failed element.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NearMiss {
    /// The statement.
    pub statement: Place,
    /// The line of the failed element, from 1.
    pub line: usize,
    /// Its column in characters, from 1.
    pub column: usize,
    /// The failed element: `Principal`, `Action`, `Resource`, or operator and key.
    pub element: String,
    /// What the statement expects.
    pub wanted: Vec<String>,
    /// What the request has; nothing where the key is missing.
    pub got: Vec<String>,
    /// How many elements failed.
    pub failed: usize,
    /// What would fix it, where that is known.
    pub hint: Option<String>,
    /// The failed element in the policy's text.
    #[serde(skip)]
    excerpt: Arc<Excerpt>,
}

/// Explains an outcome.
pub(crate) fn explain(outcome: Outcome, sets: BoundPolicies<'_>, request: &Request) -> Explanation {
    let explainer = Explainer { sets, request };
    let (decided_by, misses) = match outcome {
        Outcome::Allowed { by } => {
            (explainer.deciders(|kind| by.contains(kind), Effect::Allow), Vec::new())
        }
        Outcome::Denied(Denial::Explicit(kind)) => {
            (explainer.deciders(|k| k == kind, Effect::Deny), Vec::new())
        }
        Outcome::Denied(Denial::Implicit(kind)) => (Vec::new(), explainer.misses(kind)),
    };
    Explanation {
        outcome,
        decision: sentence(outcome, request),
        principal: request.principal.name(),
        action: request.action.clone(),
        resource: request.resource.clone(),
        decided_by,
        notes: notes(outcome, sets, request),
        misses,
    }
}

/// What the explanation of a request that is allowed says.
pub(crate) fn allowed(by: Kinds, sets: BoundPolicies<'_>, request: &Request) -> String {
    let mut said = sentence(Outcome::Allowed { by }, request);
    let explainer = Explainer { sets, request };
    for (policy, number, statement) in explainer.found(|kind| by.contains(kind), Effect::Allow) {
        let by = Named {
            policy: policy.name().unwrap_or_else(|| policy.kind().name()),
            statement: number + 1,
            sid: statement.sid.as_deref(),
            line: position(policy.text(), statement.at.start).0,
        };
        // Text takes all that is written into it.
        let _written = write!(said, "\n  decided by {by}");
    }
    said.push('\n');
    said
}

struct Explainer<'p> {
    sets: BoundPolicies<'p>,
    request: &'p Request,
}

impl<'p> Explainer<'p> {
    /// The places of the statements of these kinds that applied, one of each set.
    fn deciders(&self, of: impl Fn(Kind) -> bool, effect: Effect) -> Vec<Place> {
        let found = self.found(of, effect);
        found.map(|(policy, number, statement)| Place::of(policy, number, statement)).collect()
    }

    fn found(
        &self,
        of: impl Fn(Kind) -> bool,
        effect: Effect,
    ) -> impl Iterator<Item = (&'p Policy, usize, &'p Statement)> {
        let Self { sets, request } = *self;
        let bounded = sets.boundary.is_some();
        sets.all().filter(move |(kind, _)| of(*kind)).filter_map(move |(_, set)| {
            let matches = set.matching_statements_bounded(request, bounded);
            let found = match effect {
                Effect::Allow => matches.allowed,
                Effect::Deny => matches.denied,
            };
            found?.statement()
        })
    }

    /// The near misses of the sets of that kind which did not allow: of an organization's levels,
    /// those that did not allow. Where identity policies did not allow, the resource's policy might
    /// have: across accounts, and for a role's trust policy, that would have been its own denial.
    fn misses(&self, kind: Kind) -> Vec<NearMiss> {
        let silent = |set: &&PolicySet| set.matching_statements(self.request).allowed.is_none();
        let may = |own: Kind| own == kind || (kind, own) == (Kind::Identity, Kind::Resource);
        let sets = self.sets.all().filter(|(own, _)| may(*own)).map(|(_, set)| set);
        failure::near_misses(sets.filter(silent), self.request)
    }
}

impl Place {
    pub(crate) fn of(policy: &Policy, number: usize, statement: &Statement) -> Self {
        let begin = position(policy.text(), statement.at.start);
        let own = policy.text().get(statement.at.clone()).unwrap_or_default();
        let ((line, column), (end_line, end_column)) = (begin, advance(begin, own));
        Self {
            policy: policy.name().unwrap_or_else(|| policy.kind().name()).to_owned(),
            statement: number + 1,
            sid: statement.sid.clone(),
            line,
            column,
            end_line,
            end_column,
        }
    }
}

/// The decision in a sentence.
fn sentence(outcome: Outcome, request: &Request) -> String {
    let (verb, reason) = match outcome {
        Outcome::Allowed { .. } => (" may call ", String::new()),
        Outcome::Denied(Denial::Explicit(kind)) => {
            (" may not call ", format!(": explicit deny in {}", kind.with_article()))
        }
        Outcome::Denied(Denial::Implicit(Kind::Trust)) => {
            (" may not call ", ": no statement of its trust policy allows it".to_owned())
        }
        Outcome::Denied(Denial::Implicit(kind)) => {
            (" may not call ", format!(": no {} allows it", kind.name()))
        }
    };
    let short = |text: &str| clip(text, MAX_MESSAGE_BYTES);
    let (who, action, resource) =
        (short(&who(request)), short(&request.action), short(&request.resource));
    [&who, verb, &action, " on ", &resource, &reason].concat()
}

/// A token's holder is known by its subject.
fn who(request: &Request) -> String {
    let Principal::WebIdentity { provider_arn } = &request.principal else {
        return request.principal.name();
    };
    let issuer = issuer_of(provider_arn).unwrap_or_default();
    match request.context.get(&[issuer, ":sub"].concat()).and_then(Values::only) {
        Some(subject) => [subject, " (by ", provider_arn, ")"].concat(),
        _ => provider_arn.clone(),
    }
}

fn notes(outcome: Outcome, sets: BoundPolicies<'_>, request: &Request) -> Vec<String> {
    if spares_nobody(outcome, sets, request) {
        let note = "its NotPrincipal exempts no principal that has a permissions boundary: use a condition on aws:PrincipalArn";
        return vec![note.to_owned()];
    }
    let Outcome::Denied(Denial::Implicit(kind)) = outcome else { return Vec::new() };
    let mut notes = Vec::new();
    let policies =
        |(k, set): (Kind, &PolicySet)| if k == kind { set.policies().count() } else { 0 };
    if sets.all().map(policies).sum::<usize>() == 0 {
        notes.push(format!("there is no {} at all", kind.name()));
    }
    if let (Some(own), Some(owner)) = (request.principal.account(), request.resource_account)
        && own != owner
        && matches!(kind, Kind::Resource | Kind::Identity)
    {
        notes.push(format!("the principal is of account {own} and the resource of {owner}: both accounts' policies must allow"));
    } else if kind == Kind::Resource && sets.resource.is_some() && request.is_for_a_key() {
        notes.push("a key's own policy must allow, or leave it to the account, whatever the principal's policies say".to_owned());
    } else if kind == Kind::Identity && sets.resource.is_some() {
        let matches = sets.resource.map(|set| set.matching_statements(request));
        if matches.is_some_and(|matches| {
            matches.principal_match == Some(crate::principal::PrincipalMatch::Account)
        }) {
            notes.push("the resource's policy trusts the account as a whole, which leaves the decision to the principal's own policies".to_owned());
        }
    }
    notes
}

/// Whether the resource's policy denies by a `NotPrincipal` that would spare the principal if it had
/// no boundary.
fn spares_nobody(outcome: Outcome, sets: BoundPolicies<'_>, request: &Request) -> bool {
    outcome == Outcome::Denied(Denial::Explicit(Kind::Resource))
        && sets.boundary.is_some()
        && sets.resource.is_some_and(|set| set.matching_statements(request).denied.is_none())
}
