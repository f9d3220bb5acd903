//! The rooms of EKS and EKS Auth.

use std::cell::RefCell;

use attache_aws_protocol::call::Answer;
use attache_aws_protocol::serve::Permission;
use attache_aws_protocol::{Protocol, ServiceError};
use attache_identifiers::redact;
use attache_policy::Context;
use attache_policy::condition_keys::POD_IDENTITY_SERVICE;
use serde_json::Value;

use super::dispatch::Signature;
use super::event_builder::cut_to;
use super::handle::{Decided, Pending};
use crate::access::{Caller, context};
use crate::discovery::Wanted;
use crate::eks::{self, Call, Done, Operation, Routed};
use crate::refusal::failure;
use crate::shape::Input;
use crate::sts;
use attache_ledger::Tag;
use attache_ledger::state::State;

/// EKS.
pub(super) fn eks(mut pending: Pending<'_>, signed: Signature) -> Decided {
    let Routed { name, input } = match eks::route(pending.inbound) {
        Ok(routed) => routed,
        Err(error) => {
            log_unknown(&pending, &error);
            return pending.refused(error);
        }
    };
    pending.note.calls(format!("eks:{name}"), &input);
    let Some(operation) = eks::operation(name) else { return pending.refused(failure()) };
    let authority = pending.authority;
    // A change is decided and made under one lock; looking can be shared.
    if operation.changes {
        let mut state = authority.ledger.write();
        match decide(&mut pending, signed, &state, operation, &input) {
            Err(error) => pending.refused(error),
            Ok(Done { result, change }) => {
                let answer = Ok(written(&result, &pending.around.request_id));
                match change {
                    Some(change) => pending.changed(&mut state, answer, change),
                    None => pending.ended(answer),
                }
            }
        }
    } else {
        let state = authority.ledger.read();
        let done = decide(&mut pending, signed, &state, operation, &input);
        drop(state);
        let answer = done.map(|done| written(&done.result, &pending.around.request_id));
        pending.ended(answer)
    }
}

/// Logs a path that is no operation's, with a star for each name in it: every second part is one.
fn log_unknown(pending: &Pending<'_>, error: &ServiceError) {
    if error.code != eks::UNKNOWN_PATH {
        return;
    }
    let parts = pending.inbound.path.split('/').filter(|part| !part.is_empty()).enumerate();
    let parts: Vec<&str> = parts.map(|(at, part)| if at % 2 == 0 { part } else { "*" }).collect();
    let (service, method) = (&pending.address.service, &pending.inbound.method);
    let operation = format!("{service}:{method} /{}", parts.join("/"));
    pending.authority.log_unknown(&cut_to(200, &redact(&operation, &[])));
}

fn decide(
    pending: &mut Pending<'_>,
    signed: Signature,
    state: &State,
    operation: &'static Operation,
    input: &Value,
) -> Result<Done, ServiceError> {
    // Who calls and whether they may can lag behind; what EKS tells and changes is as it is.
    let lagging = pending.authority.ledger.delayed();
    let deciding = lagging.as_deref().unwrap_or(state);
    let caller = pending.caller(signed, deciding)?;
    operation.check(input)?;
    let account = state.account(caller.account).ok_or_else(failure)?;
    let now = pending.around.now;
    let call = Call { account, region: &caller.region, input: Input(input), now };
    for permission in operation.permissions(&call) {
        pending.permit(deciding, &caller, &permission, |context| {
            add_keys(context, &permission, &call);
        })?;
    }
    operation.answer(&call)
}

/// The keys that EKS's own operations bring.
fn add_keys(context: &mut Context, permission: &Permission, call: &Call<'_>) {
    if permission.action == "iam:PassRole" {
        context.set("iam:PassedToService", POD_IDENTITY_SERVICE);
    }
    let tags = call.input.0.get("tags").and_then(Value::as_object);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let tags = tags.into_iter().flatten();
    let tags: Vec<Tag> =
        tags.map(|(key, value)| Tag { key: key.clone(), value: text(value) }).collect();
    context::add_tags(context, &tags);
}

/// EKS Auth. Its one call changes nothing: a session is in its own token.
pub(super) fn eks_auth(mut pending: Pending<'_>, signed: Signature) -> Decided {
    let Routed { input, .. } = match eks::route_auth(pending.inbound) {
        Ok(routed) => routed,
        Err(error) => {
            log_unknown(&pending, &error);
            return pending.refused(error);
        }
    };
    pending.note.calls(eks::AUTH_ACTION.to_owned(), &input);
    let authority = pending.authority;
    let state = authority.ledger.deciding();
    let caller = match pending.caller(signed, &state) {
        Ok(caller) => caller,
        Err(error) => return pending.refused(error),
    };
    let wanted = RefCell::new(None);
    let result = assume(&mut pending, &state, &caller, &input, &wanted).map_err(as_modelled);
    drop(state);
    if let Some(wanted) = wanted.take().filter(|_| !pending.asked) {
        return pending.wants(wanted);
    }
    let answer = result.map(|result| written(&result, &pending.around.request_id));
    pending.ended(answer)
}

fn assume(
    pending: &mut Pending<'_>,
    state: &State,
    caller: &Caller,
    input: &Value,
    wanted: &RefCell<Option<Wanted>>,
) -> Result<Value, ServiceError> {
    let account = state.account(caller.account).ok_or_else(failure)?;
    let input = Input(input);
    let resource = eks::cluster_arn(account.id, &caller.region, input.text("clusterName"));
    let permission = Permission { action: eks::AUTH_ACTION.to_owned(), resource };
    pending.permit(state, caller, &permission, |_| {})?;
    let around = pending.around;
    let (key, issuers) = (pending.authority.ledger.key(), &pending.authority.issuers);
    let all = RefCell::default();
    let explained = pending.authority.decisions.as_ref().map(|_| &all);
    let call = sts::Call { state, input, around, key, issuers, wanted, explained };
    let assumed = eks::assume_role_for_pod_identity(&call, account);
    pending.explained(all.take());
    match assumed {
        Ok((result, reason)) => {
            pending.note.reason = reason;
            Ok(result)
        }
        Err((error, reason)) => {
            pending.note.reason = reason;
            Err(error)
        }
    }
}

/// EKS Auth's model gives a refused caller 400, where EKS's gives 403.
fn as_modelled(error: ServiceError) -> ServiceError {
    match error.code.as_str() {
        "AccessDeniedException" => ServiceError { status: 400, ..error },
        _ => error,
    }
}

/// A restJson answer.
fn written(result: &Value, request_id: &str) -> Answer {
    Answer::new(200, Protocol::RestJson, request_id, result.to_string())
}
