//! The decision on all actions that a call needs, for each alternative of the request.

use attache_identifiers::AccountId;
use attache_policy::{
    Denial, EffectivePolicies, Explanation, Kinds, Outcome, Request, RequiredPolicy,
};
use serde::Serialize;

use crate::alternatives::{Alternative, OpenDetail};
use crate::calls;
use crate::required::{Answer, Missing, answer};

/// What comes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Decision {
    /// It is allowed.
    Allowed,
    /// It is denied, whatever is not known.
    Denied,
    /// Something that decides was not given.
    Incomplete,
}

/// A decision with its reasons.
#[derive(Debug)]
pub struct Verdict {
    /// What comes of it.
    pub decision: Decision,
    /// Of the action that decided. Its sentence is the verdict's.
    pub explanation: Explanation,
    /// What has to allow and was not given.
    pub missing: Vec<Missing>,
    /// What is not known and would make a difference, each with the option that gives it.
    pub unknown: Vec<String>,
}

/// The request, and what it leaves open.
pub(crate) struct Evaluation<'q> {
    pub(crate) policies: &'q EffectivePolicies,
    pub(crate) request: &'q Request,
    pub(crate) owner: Option<AccountId>,
    pub(crate) required: Option<RequiredPolicy>,
    pub(crate) open: &'q [OpenDetail],
}

impl Evaluation<'_> {
    pub(crate) fn decide(&self) -> Verdict {
        let mut verdict = self.one(self.request);
        if let Some(why) = calls::impossible(self.request, self.owner) {
            return refuse(verdict, self.request, &why);
        }
        if calls::needs_no_permission(self.request) {
            return allow(verdict, self.request);
        }
        if let Some(missing) = calls::lacks(&self.request.action, &self.request.principal)
            && verdict.decision != Decision::Denied
        {
            verdict.decision = Decision::Incomplete;
            verdict.missing.push(missing);
        }
        for open in self.open {
            self.compare_alternatives(open, &mut verdict);
        }
        if verdict.decision == Decision::Incomplete {
            set_incomplete(&mut verdict, self.request);
        }
        verdict
    }

    /// The request as it is: of all actions that it needs the first that is not allowed.
    fn one(&self, request: &Request) -> Verdict {
        let mut whole: Option<Verdict> = None;
        for action in calls::actions(request) {
            let request = Request { action, ..request.clone() };
            let verdict = match answer(self.policies, &request, self.required) {
                Answer::Allowed(explanation) => Verdict::new(Decision::Allowed, explanation),
                Answer::Denied(explanation) => Verdict::new(Decision::Denied, explanation),
                Answer::Incomplete(explanation, missing) => {
                    Verdict { missing, ..Verdict::new(Decision::Incomplete, explanation) }
                }
            };
            whole = Some(match whole {
                Some(known) if known.rank() >= verdict.rank() => known,
                _ => verdict,
            });
        }
        // There is always the action itself.
        whole.unwrap_or_else(|| {
            let nothing =
                attache_policy::evaluate(&EffectivePolicies::default(), request).explain();
            Verdict::new(Decision::Denied, nothing)
        })
    }

    /// Takes the alternatives of one open detail into account.
    fn compare_alternatives(&self, open: &OpenDetail, verdict: &mut Verdict) {
        for Alternative { what, option, description, certain, request } in &open.alternatives {
            let other = self.one(request);
            if *certain && other.is_explicitly_denied() && !verdict.is_explicitly_denied() {
                let note = format!(
                    "the principal's role is assumed to be {description}, which a policy denies: role names are unique in an account"
                );
                *verdict = other;
                verdict.explanation.notes.push(note);
                return;
            }
            if open.given || other.decision == verdict.decision {
                continue;
            }
            if open.of_many_calls && other.decision == Decision::Allowed {
                let sentence =
                    format!("{}, where the call has {description}", other.explanation.decision);
                *verdict = other;
                verdict.explanation.decision = sentence;
                return;
            }
            // What is missing is missing either way.
            if verdict.decision == Decision::Incomplete && other.decision == Decision::Allowed {
                continue;
            }
            let then = match other.decision {
                Decision::Allowed => "it is allowed",
                Decision::Denied => "it is denied",
                Decision::Incomplete => "the decision differs",
            };
            verdict
                .unknown
                .push(format!("{what} is not known, and with {description} {then}: give {option}"));
            verdict.decision = Decision::Incomplete;
            for missing in other.missing {
                if !verdict.missing.contains(&missing) {
                    verdict.missing.push(missing);
                }
            }
            return;
        }
    }
}

impl Verdict {
    /// Takes note of something that would have to be known.
    pub(crate) fn set_unknown(&mut self, unknown: String, request: &Request) {
        self.unknown.push(unknown);
        self.decision = Decision::Incomplete;
        set_incomplete(self, request);
    }

    fn new(decision: Decision, explanation: Explanation) -> Self {
        Self { decision, explanation, missing: Vec::new(), unknown: Vec::new() }
    }

    fn rank(&self) -> u8 {
        match self.decision {
            Decision::Allowed => 0,
            Decision::Incomplete => 1,
            Decision::Denied => 2,
        }
    }

    fn is_explicitly_denied(&self) -> bool {
        self.decision == Decision::Denied
            && matches!(self.explanation.outcome, Outcome::Denied(Denial::Explicit(_)))
    }
}

/// A call that no policy allows or denies.
fn allow(mut verdict: Verdict, request: &Request) -> Verdict {
    verdict.decision = Decision::Allowed;
    verdict.missing.clear();
    let Explanation { outcome, principal, resource, decided_by, misses, decision, notes, .. } =
        &mut verdict.explanation;
    *outcome = Outcome::Allowed { by: Kinds::default() };
    decided_by.clear();
    misses.clear();
    *decision = format!("{principal} may call {} on {resource}", request.action);
    notes.push(format!("{} needs no permission: no policy can allow or deny it", request.action));
    verdict
}

fn refuse(mut verdict: Verdict, request: &Request, why: &str) -> Verdict {
    verdict.decision = Decision::Denied;
    verdict.missing.clear();
    let Explanation { principal, resource, decided_by, misses, decision, .. } =
        &mut verdict.explanation;
    decided_by.clear();
    misses.clear();
    *decision = format!("{principal} may not call {} on {resource}: {why}", request.action);
    verdict
}

fn set_incomplete(verdict: &mut Verdict, request: &Request) {
    let Explanation { principal, resource, decided_by, decision, .. } = &mut verdict.explanation;
    decided_by.clear();
    *decision =
        format!("whether {principal} may call {} on {resource} is not known", request.action);
}
