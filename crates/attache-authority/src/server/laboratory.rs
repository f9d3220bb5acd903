//! Where a call meets the laboratory: once its operation is known, and once its caller is.

use attache_identifiers::AccountId;
use attache_identifiers::PrincipalArn;
use attache_services::access::Caller;
use attache_services::ids::account_of;
use attache_services::service::{Refusal, Routed, Service};
use serde_json::Value;

use super::dispatch::Signature;
use super::handle::PendingCall;
use crate::laboratory::CallName;

/// Chooses what goes wrong with a call.
pub(super) fn enter(
    pending: &mut PendingCall<'_>,
    signed: &Signature,
    service: &dyn Service,
    routed: &mut Routed,
) {
    // Most authorities have none: their calls are not to pay for it.
    if pending.visit.is_off() {
        return;
    }
    let Routed { operation, input } = routed;
    let key =
        signed.as_ref().ok().and_then(Option::as_ref).map(|signed| signed.access_key.as_str());
    let account = match key {
        Some(key) => pending.authority.fixed_keys.account_of(key).or_else(|| account_of(key)),
        None => account_of_role(input),
    };
    let (region, service) = (pending.context.region.as_str(), service.name());
    let call = CallName { account, region, service, operation };
    pending.visit.enter(call, &pending.context.request_id, input);
}

/// Refuses a call that the laboratory does not let through.
///
/// # Errors
/// In the service's words.
pub(super) fn refuse(
    pending: &mut PendingCall<'_>,
    caller: Option<&Caller>,
    service: &dyn Service,
    routed: &Routed,
) -> Result<(), Refusal> {
    if pending.visit.is_off() {
        return Ok(());
    }
    let Routed { operation, input } = routed;
    let account = match caller {
        Some(caller) => Some(caller.account),
        None => account_of_role(input),
    };
    let (region, service) = (pending.context.region.as_str(), service.name());
    let call = CallName { account, region, service, operation };
    match pending.visit.refuse(call, pending.address.protocol, input) {
        Some((error, reason)) => {
            pending.event.reason = reason;
            Err(error.into())
        }
        None => Ok(()),
    }
}

/// The account of a call that nobody signed: that of the role which it asks for.
fn account_of_role(input: &Value) -> Option<AccountId> {
    let role = input.get("RoleArn").and_then(Value::as_str)?;
    PrincipalArn::parse(role).ok().map(|role| role.account())
}
