//! What the organisation lays on a request.

use attache_identifiers::AccountId;
use attache_ledger::change::PolicyType;
use attache_ledger::state::State;
use attache_policy::{Denial, EffectivePolicies, Explanation, Kind, Outcome, Request};

/// Lays the service control policies of the caller's account on what it does.
pub(crate) fn of_caller(all: &mut EffectivePolicies, state: &State, caller: AccountId) {
    if let Some(organization) = state.organization_of(caller) {
        all.management_account = Some(organization.management);
        all.service_control = organization.levels(PolicyType::ServiceControl, caller);
    }
}

/// Lays the resource control policies of the account that owns what is asked for on the request,
/// whoever asks.
pub fn of_owner(all: &mut EffectivePolicies, state: &State, owner: AccountId) {
    let Some(organization) = state.organization_of(owner) else { return };
    // A management account is not bound by its own organisation; the caller's may be another.
    if organization.management != owner {
        all.resource_control = organization.levels(PolicyType::ResourceControl, owner);
    }
}

/// Why the resource control policies of an account do not let in whom the engine asks about by the
/// trust policy alone: the holder of a web identity, an AWS service. None where they do.
pub(crate) fn resource_control_denial(
    state: &State,
    owner: AccountId,
    trust: &attache_policy::PolicySet,
    request: &Request,
) -> Option<Explanation> {
    let mut all = EffectivePolicies::default();
    of_owner(&mut all, state, owner);
    if all.resource_control.is_empty() {
        return None;
    }
    all.resource = Some(trust.clone());
    let decision = attache_policy::evaluate(&all, request);
    match decision.outcome() {
        Outcome::Denied(
            Denial::Explicit(Kind::ResourceControl) | Denial::Implicit(Kind::ResourceControl),
        ) => Some(decision.explain()),
        _ => None,
    }
}
