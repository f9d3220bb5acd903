//! Calls to services that the authority does not know: authorised here, answered by a [`Backend`].

use attache_aws_protocol::ServiceError;
use attache_aws_protocol::serve::{Backend, Permission};
use attache_aws_protocol::sigv4::SignatureError;
use attache_identifiers::Region;
use attache_ledger::state::State;
use attache_services::access::Caller;

use super::address;
use super::dispatch::Signature;
use super::handle::{CallOutcome, PendingCall};

/// Answers a call to a service that the authority does not know.
pub(super) fn answer(
    mut pending: PendingCall<'_>,
    signed: Signature,
    backend: &dyn Backend,
) -> CallOutcome {
    let service = pending.address.service.clone();
    let authority = pending.authority;
    let state = authority.ledger.deciding();
    let allowed = pending.caller(signed, &state).and_then(|caller| {
        let region = Region::parse(&caller.region).map_err(|_| {
            let (wanted, got) = ("us-east-1".to_owned(), caller.region.clone());
            SignatureError::ScopeRegion { wanted, got }.service_error(pending.address.protocol)
        })?;
        let routed = match backend.route(caller.account, &region, &service, pending.inbound) {
            Ok(routed) => routed,
            Err(error) => return Err(unserved(&mut pending, &state, &caller, error)),
        };
        pending.event.operation(format!("{service}:{}", routed.operation), &routed.input);
        for permission in &routed.permissions {
            pending.permit(&state, &caller, permission, |_| {})?;
        }
        let Caller { account, arn, .. } = caller;
        Ok((attache_aws_protocol::serve::Caller { account, arn, region }, routed))
    });
    // A backend has its own state, and may take its time.
    drop(state);
    let id = &pending.context.request_id;
    let answer = allowed.and_then(|(caller, routed)| backend.answer(&caller, &routed, id));
    pending.ended(answer)
}

/// What to say of a call that the backend does not take. One that AWS knows is first judged: who
/// may not call it learns that, as on AWS.
fn unserved(
    pending: &mut PendingCall<'_>,
    state: &State,
    caller: &Caller,
    error: ServiceError,
) -> ServiceError {
    let service = &pending.address.service;
    let Some(operation) = address::operation(pending.inbound) else { return error };
    let action = format!("{service}:{operation}");
    if !attache_policy::is_action(&action) {
        return error;
    }
    let permission = Permission { action, resource: "*".to_owned() };
    match pending.permit(state, caller, &permission, |_| {}) {
        Ok(()) => error,
        Err(refusal) => refusal,
    }
}
