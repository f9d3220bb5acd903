//! The organization's policies that bind a request.

use attache_identifiers::AccountId;
use attache_ledger::change::PolicyType;
use attache_ledger::state::State;
use attache_policy::{Denial, EffectivePolicies, Explanation, Kind, Outcome, Request};

/// Adds the service control policies of the caller's account.
pub(crate) fn of_caller(all: &mut EffectivePolicies, state: &State, caller: AccountId) {
    if let Some(organization) = state.organization_of(caller) {
        all.management_account = Some(organization.management);
        all.service_control = organization.levels(PolicyType::ServiceControl, caller);
    }
}

/// Adds the resource control policies of the account that owns the resource. They bind every caller.
pub fn of_owner(all: &mut EffectivePolicies, state: &State, owner: AccountId) {
    let Some(organization) = state.organization_of(owner) else { return };
    // An organization's policies do not bind its management account; the caller may be in another one.
    if organization.management != owner {
        all.resource_control = organization.levels(PolicyType::ResourceControl, owner);
    }
}

/// The explanation of a denial by an account's resource control policies, for a principal that otherwise
/// only the trust policy decides on: a web identity, an AWS service. None where they allow.
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
