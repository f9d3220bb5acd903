//! The order in which the kinds of policy decide.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>.

use crate::explain::{locate, miss, near_misses, sentence, with_article};
use crate::principal::{Grip, grip};
use crate::statement::{Effect, Statement};
use crate::{Decision, Denial, Explanation, Kind, Outcome, Policy, Principal, Request};

/// All policies that have a say in a request.
#[derive(Debug, Clone, Default)]
pub struct PolicySet {
    /// The principal's own, inline and managed.
    pub identity: Vec<Policy>,
    /// The principal's permissions boundary.
    pub boundary: Option<Policy>,
    /// The session's policies, where it was begun with any.
    pub session: Option<Vec<Policy>>,
    /// The resource's policy; a role's trust policy for `sts:AssumeRole`.
    pub resource: Option<Policy>,
    /// Service control policies, one list for each level of the tree, the root first.
    pub service_control: Vec<Vec<Policy>>,
    /// Resource control policies, likewise.
    pub resource_control: Vec<Vec<Policy>>,
}

/// Decides a request over all kinds of policy.
#[must_use]
pub fn evaluate(policies: &PolicySet, request: &Request) -> Decision {
    Evaluation { policies, request, allowed: Vec::new() }.run()
}

/// Decides a request by a role's trust policy alone, as `sts:AssumeRoleWithWebIdentity` is.
#[must_use]
pub fn evaluate_trust(trust: &Policy, request: &Request) -> Decision {
    let policies = PolicySet { resource: Some(trust.clone()), ..PolicySet::default() };
    let mut evaluation = Evaluation { policies: &policies, request, allowed: Vec::new() };
    if let Some((policy, statement)) = evaluation.matching(Effect::Deny).next() {
        return evaluation.denied(Denial::Explicit(Kind::Trust), vec![locate(policy, statement)]);
    }
    match evaluation.allow(Kind::Trust, std::slice::from_ref(trust)) {
        Some(_) => evaluation.allowed(),
        None => evaluation.denied(Denial::Implicit(Kind::Trust), Vec::new()),
    }
}

struct Evaluation<'p> {
    policies: &'p PolicySet,
    request: &'p Request,
    allowed: Vec<(Kind, String)>,
}

impl<'p> Evaluation<'p> {
    fn run(mut self) -> Decision {
        if let Some((policy, statement)) = self.matching(Effect::Deny).next() {
            let by = vec![locate(policy, statement)];
            return self.denied(Denial::Explicit(policy.kind()), by);
        }
        let policies = self.policies;
        let levels = policies.resource_control.iter().map(|l| (Kind::ResourceControl, l));
        let service = policies.service_control.iter().map(|l| (Kind::ServiceControl, l));
        for (kind, level) in levels.chain(service) {
            if self.allow(kind, level).is_none() {
                return self.denied(Denial::Implicit(kind), Vec::new());
            }
        }
        match self.decide_below() {
            Ok(()) => self.allowed(),
            Err(kind) => self.denied(Denial::Implicit(kind), Vec::new()),
        }
    }

    /// Resource policy, boundary, session policies and identity policies, in this order; the error
    /// is the kind that should have allowed.
    fn decide_below(&mut self) -> Result<(), Kind> {
        let policies = self.policies;
        let granted = match &policies.resource {
            Some(p) => self.allow(p.kind(), std::slice::from_ref(p)),
            None => None,
        };
        let same_account = self.same_account();
        if !same_account && granted.is_none() {
            return Err(policies.resource.as_ref().map_or(Kind::Resource, Policy::kind));
        }
        // No identity of ours stands behind these: the resource's policy alone decides.
        let outsider = matches!(
            self.request.principal,
            Principal::Anonymous | Principal::Service { .. } | Principal::WebIdentity { .. }
        );
        if granted == Some(Grip::Itself) && (same_account || outsider) {
            return Ok(());
        }
        if let Some(boundary) = &policies.boundary {
            self.allow(Kind::Boundary, std::slice::from_ref(boundary)).ok_or(Kind::Boundary)?;
        }
        if let Some(session) = &policies.session {
            self.allow(Kind::Session, session).ok_or(Kind::Session)?;
        }
        // The role was named: its identity policies need not allow as well.
        if granted == Some(Grip::Role) && same_account {
            return Ok(());
        }
        // An account's root user may all that its account may.
        if matches!(self.request.principal, Principal::Root { .. }) {
            return Ok(());
        }
        self.allow(Kind::Identity, &policies.identity).map(|_| ()).ok_or(Kind::Identity)
    }

    fn same_account(&self) -> bool {
        match (self.request.principal.account(), self.request.resource_account) {
            (Some(principal), Some(resource)) => principal == resource,
            (_, None) => true,
            (None, Some(_)) => false,
        }
    }

    /// Notes the kind's first allowing statement with the closest grip.
    fn allow(&mut self, kind: Kind, policies: &'p [Policy]) -> Option<Grip> {
        let request = self.request;
        let found = statements(policies.iter())
            .filter(|(p, s)| s.effect == Effect::Allow && miss(p, s, request).is_none())
            .filter_map(|(p, s)| grip(s, &request.principal).map(|grip| (grip, p, s)))
            .max_by_key(|(grip, ..)| *grip)?;
        let (grip, policy, statement) = found;
        self.allowed.push((kind, locate(policy, statement)));
        Some(grip)
    }

    fn all(&self) -> impl Iterator<Item = &'p Policy> + use<'p> {
        let p = self.policies;
        let levels = p.resource_control.iter().chain(&p.service_control).flatten();
        let session = p.session.iter().flatten();
        levels.chain(&p.resource).chain(&p.boundary).chain(session).chain(&p.identity)
    }

    fn matching(
        &self,
        effect: Effect,
    ) -> impl Iterator<Item = (&'p Policy, &'p Statement)> + use<'p> {
        let request = self.request;
        statements(self.all())
            .filter(move |(p, s)| s.effect == effect && miss(p, s, request).is_none())
    }

    fn allowed(self) -> Decision {
        let by = self.allowed.iter().map(|(kind, _)| *kind).collect();
        let decided_by = self.allowed.iter().map(|(_, at)| at.clone()).collect();
        let explanation = self.explanation("may call", decided_by, Vec::new());
        Decision::new(Outcome::Allowed { by }, explanation)
    }

    fn denied(self, denial: Denial, decided_by: Vec<String>) -> Decision {
        let (said, misses) = match denial {
            Denial::Explicit(kind) => (
                format!("may not, with an explicit deny in {}, call", with_article(kind)),
                Vec::new(),
            ),
            Denial::Implicit(kind) => {
                let of_kind = self.all().filter(|p| p.kind() == kind);
                let said = format!("may not, because no {} allows it, call", kind.name());
                (said, near_misses(of_kind, self.request))
            }
        };
        let explanation = self.explanation(&said, decided_by, misses);
        Decision::new(Outcome::Denied(denial), explanation)
    }

    fn explanation(
        &self,
        said: &str,
        decided_by: Vec<String>,
        misses: Vec<crate::Miss>,
    ) -> Explanation {
        Explanation {
            decision: sentence(self.request, said),
            principal: self.request.principal.name(),
            action: self.request.action.clone(),
            resource: self.request.resource.clone(),
            decided_by,
            misses,
        }
    }
}

fn statements<'p>(
    policies: impl Iterator<Item = &'p Policy>,
) -> impl Iterator<Item = (&'p Policy, &'p Statement)> {
    policies.flat_map(|p| p.inner.statements.iter().map(move |s| (p, s)))
}
