//! The order in which the kinds of policy decide.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>.

use crate::decision::Kinds;
use crate::effective_policies::BoundPolicies;
use crate::principal::PrincipalMatch;
use crate::set::Matches;
use crate::{Decision, Denial, EffectivePolicies, Kind, Outcome, PolicySet, Principal, Request};

/// Decides a request over all kinds of policy.
#[must_use]
pub fn evaluate<'p>(policies: &'p EffectivePolicies, request: &'p Request) -> Decision<'p> {
    let sets = BoundPolicies::binding(policies, request);
    let outcome = Evaluation { sets: &sets, request }.run();
    Decision::new(outcome, sets, request)
}

/// Decides a request by a role's trust policy alone, as for a caller that has no policies of its
/// own: the holder of a web identity token, an AWS service.
#[must_use]
pub fn evaluate_trust<'p>(trust: &'p PolicySet, request: &'p Request) -> Decision<'p> {
    let sets = BoundPolicies::trust(trust);
    let outcome = match trust.matching_statements(request) {
        Matches { denied: Some(_), .. } => Outcome::Denied(Denial::Explicit(Kind::Trust)),
        Matches { allowed: Some(_), .. } => Outcome::Allowed { by: Kinds::of(Kind::Trust) },
        _ => Outcome::Denied(Denial::Implicit(Kind::Trust)),
    };
    Decision::new(outcome, sets, request)
}

struct Evaluation<'e, 'p> {
    sets: &'e BoundPolicies<'p>,
    request: &'p Request,
}

/// What the policies below the organization's say.
struct AccountLevel<'p> {
    resource: Option<Matches<'p>>,
    boundary: Option<Matches<'p>>,
    session: Option<Matches<'p>>,
    identity: Matches<'p>,
}

impl<'p> Evaluation<'_, 'p> {
    fn run(&self) -> Outcome {
        let sets = self.sets;
        if let Some(identity) = sets.identity.filter(|_| self.is_simple()) {
            return match identity.matching_statements(self.request) {
                Matches { denied: Some(_), .. } => {
                    Outcome::Denied(Denial::Explicit(Kind::Identity))
                }
                Matches { allowed: Some(_), .. } => {
                    Outcome::Allowed { by: Kinds::of(Kind::Identity) }
                }
                _ => Outcome::Denied(Denial::Implicit(Kind::Identity)),
            };
        }
        let one = |set: Option<&'p PolicySet>| set.map(|set| set.matching_statements(self.request));
        let resource_control = self.levels(sets.resource_control);
        let service_control = self.levels(sets.service_control);
        let scope_down = self.levels(sets.scope_down);
        let account = AccountLevel {
            resource: sets
                .resource
                .map(|set| set.matching_statements_bounded(self.request, sets.boundary.is_some())),
            boundary: one(sets.boundary),
            session: one(sets.session),
            identity: one(sets.identity).unwrap_or_default(),
        };
        let denied = |matches: &Option<Matches<'_>>| matches.is_some_and(|s| s.denied.is_some());
        let explicit = [
            (Kind::ResourceControl, resource_control == Level::Denies),
            (Kind::ServiceControl, service_control == Level::Denies),
            (sets.resource_kind(), denied(&account.resource)),
            (Kind::Boundary, denied(&account.boundary)),
            (Kind::Session, denied(&account.session) || scope_down == Level::Denies),
            (Kind::Identity, account.identity.denied.is_some()),
        ];
        if let Some((kind, _)) = explicit.into_iter().find(|(_, denied)| *denied) {
            return Outcome::Denied(Denial::Explicit(kind));
        }
        let mut by = Kinds::default();
        for (kind, level, any) in [
            (Kind::ResourceControl, resource_control, !sets.resource_control.is_empty()),
            (Kind::ServiceControl, service_control, !sets.service_control.is_empty()),
            (Kind::Session, scope_down, !sets.scope_down.is_empty()),
        ] {
            if level == Level::Silent {
                return Outcome::Denied(Denial::Implicit(kind));
            }
            if any {
                by.add(kind);
            }
        }
        match self.decide(&account, &mut by) {
            Ok(()) => Outcome::Allowed { by },
            Err(kind) => Outcome::Denied(Denial::Implicit(kind)),
        }
    }

    /// Whether a user or a role calls within its account, and has identity policies alone: most
    /// requests are such, and one pass over them decides.
    fn is_simple(&self) -> bool {
        let sets = self.sets;
        let own = matches!(
            self.request.principal,
            Principal::User { .. } | Principal::RoleSession { .. }
        );
        let alone = sets.resource.is_none()
            && sets.boundary.is_none()
            && sets.session.is_none()
            && sets.scope_down.is_empty();
        let free = sets.service_control.is_empty() && sets.resource_control.is_empty();
        own && alone && free && self.same_account()
    }

    /// What the levels of the organization say together: each of them must allow.
    fn levels(&self, levels: &[PolicySet]) -> Level {
        let levels = levels.iter().map(|level| level.matching_statements(self.request));
        levels.map(Level::from).max().unwrap_or(Level::Allows)
    }

    /// Resource policy, boundary, session policies and identity policies, in this order; the error
    /// is the kind that should have allowed.
    fn decide(&self, account: &AccountLevel<'p>, by: &mut Kinds) -> Result<(), Kind> {
        let granted = account.resource.and_then(|matches| matches.principal_match);
        let resource_kind = self.sets.resource_kind();
        let same_account = self.same_account();
        // These have no identity policies: the resource's policy alone decides.
        let outsider = matches!(
            self.request.principal,
            Principal::Anonymous
                | Principal::Service { .. }
                | Principal::WebIdentity { .. }
                | Principal::CanonicalUser { .. }
        );
        // A role's trust policy and a key's policy must allow within their account too.
        let key = self.sets.resource.is_some() && self.request.is_for_a_key();
        let must = !same_account || outsider || key || resource_kind == Kind::Trust;
        if granted.is_none() && must {
            return Err(resource_kind);
        }
        if granted.is_some() {
            by.add(resource_kind);
        }
        if granted == Some(PrincipalMatch::Exact) && (same_account || outsider) {
            return Ok(());
        }
        let federated = matches!(self.request.principal, Principal::Federated { .. });
        for (kind, matches) in
            [(Kind::Boundary, account.boundary), (Kind::Session, account.session)]
        {
            match matches {
                Some(Matches { allowed: None, .. }) => return Err(kind),
                Some(_) => by.add(kind),
                // A federated user without a session policy has nothing of its user's permissions.
                None if kind == Kind::Session && federated => return Err(kind),
                None => {}
            }
        }
        // The role was named: its identity policies need not allow as well.
        if granted == Some(PrincipalMatch::Role) && same_account {
            return Ok(());
        }
        // An account's root user may all that its account may.
        if self.request.principal.is_root() {
            return Ok(());
        }
        if account.identity.allowed.is_none() {
            return Err(Kind::Identity);
        }
        by.add(Kind::Identity);
        Ok(())
    }

    fn same_account(&self) -> bool {
        let Some(owner) = self.request.resource_account else { return true };
        self.request.principal.account() == Some(owner)
    }
}

/// What a level of the organization says; the worst of several counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Allows,
    Silent,
    Denies,
}

impl From<Matches<'_>> for Level {
    fn from(matches: Matches<'_>) -> Self {
        match matches {
            Matches { denied: Some(_), .. } => Self::Denies,
            Matches { allowed: None, .. } => Self::Silent,
            _ => Self::Allows,
        }
    }
}
