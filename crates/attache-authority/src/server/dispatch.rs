//! The loop that answers calls: read, authenticate, validate, permit, run, and hand to the journal. It
//! is one for all services, those of the sample resources too.
//!
//! Knows: the order of the steps, and what is locked during them. Does not know: any service or
//! operation. An operation that is not served is permitted before it is found missing: whoever may not
//! call it learns that, as on AWS. A service that is not served has operations of no other kind.
//!
//! Beside it there is only a path that is no operation's.

use std::cell::RefCell;

use attache_aws_protocol::ServiceError;
use attache_aws_protocol::call::Answer;
use attache_aws_protocol::sigv4::{SignatureError, Signed};
use attache_identifiers::redact;
use attache_ledger::state::State;
use attache_policy::Context;
use attache_services::access::Caller;
use attache_services::budget::Budget;
use attache_services::refusal::failure;
use attache_services::service::{
    Body, Call, LazyUsage, Operation, Permission, Record, Refusal, Response, Rest, Routed, Service,
    UnsignedOperation, View,
};
use attache_services::sts;
use attache_services::validation::Input;

use super::event_builder::cut_to;
use super::handle::{CallOutcome, PendingCall, hidden};
use super::laboratory;

pub(super) type Signature = Result<Option<Signed>, SignatureError>;

/// Answers a call to a service.
pub(super) fn service(
    mut pending: PendingCall<'_>,
    signed: Signature,
    service: &dyn Service,
) -> CallOutcome {
    match service.route(pending.inbound) {
        Ok(mut routed) => {
            laboratory::enter(&mut pending, &signed, service, &mut routed);
            routed_call(pending, signed, service, &routed)
        }
        Err(error) => {
            log_unknown_path(&pending, service, &error);
            pending.refused(error)
        }
    }
}

fn routed_call(
    mut pending: PendingCall<'_>,
    signed: Signature,
    service: &dyn Service,
    routed: &Routed,
) -> CallOutcome {
    note_operation(&mut pending, service, routed);
    let operation = service.operation(&routed.operation);
    let requested = Requested { service, routed, operation };
    let record = Record::new(pending.authority.decisions.is_some());
    let ledger = &pending.authority.ledger;
    // A change is decided and made under one lock; looking can be shared.
    if operation.is_some_and(Operation::changes) {
        let mut state = ledger.write();
        let done = requested.decide(&mut pending, signed, &state, &record);
        pending.take_record(record);
        return match done {
            Err(refusal) => requested.refuse(pending, refusal),
            Ok(Response { body, change, .. }) => {
                let answer = requested.answer(&pending, &body);
                match change {
                    Some(change) => pending.changed(&mut state, answer, change),
                    None => pending.ended(answer),
                }
            }
        };
    }
    let state = match service.view() {
        View::Current => ledger.read(),
        View::Deciding => ledger.deciding(),
    };
    let done = requested.decide(&mut pending, signed, &state, &record);
    drop(state);
    if let Some(keys_needed) = record.keys_needed.take().filter(|_| !pending.keys_fetched) {
        return pending.needs_keys(keys_needed);
    }
    pending.take_record(record);
    match done {
        Err(refusal) => requested.refuse(pending, refusal),
        Ok(Response { rest: Some(Rest::Lookup(lookup)), .. }) => pending.looks_up(lookup),
        Ok(Response { rest: Some(Rest::Work(work)), .. }) => {
            let budget = Budget::begin(pending.gone.clone());
            match work(Input(&routed.input), &budget) {
                Err(error) => requested.refuse(pending, service.modelled(error.into())),
                Ok(members) => {
                    let answer = requested.answer(&pending, &Body::Members(members));
                    pending.ended(answer)
                }
            }
        }
        Ok(Response { body, .. }) => {
            let answer = requested.answer(&pending, &body);
            pending.ended(answer)
        }
    }
}

/// Notes which operation is asked for, before it is known whether it may be.
fn note_operation(pending: &mut PendingCall<'_>, service: &dyn Service, routed: &Routed) {
    let Routed { operation, input } = routed;
    pending.event.operation(format!("{}:{operation}", service.name()), input);
    if let Some(resource) = service.resource(input) {
        resource.clone_into(&mut pending.event.resource);
    }
}

/// Logs a path that is no operation's, with a star for each name in it: every second part is one.
fn log_unknown_path(pending: &PendingCall<'_>, service: &dyn Service, error: &ServiceError) {
    if service.unknown_path() != Some(error.code.as_str()) {
        return;
    }
    let parts = pending.inbound.path.split('/').filter(|part| !part.is_empty()).enumerate();
    let parts: Vec<&str> = parts.map(|(at, part)| if at % 2 == 0 { part } else { "*" }).collect();
    let (service, method) = (&pending.address.service, &pending.inbound.method);
    let operation = format!("{service}:{method} /{}", parts.join("/"));
    pending.authority.log_unknown(&cut_to(200, &redact(&operation, &[])));
}

/// An operation that is asked for.
#[derive(Clone, Copy)]
struct Requested<'r> {
    service: &'r dyn Service,
    routed: &'r Routed,
    /// None where the service has none of that name.
    operation: Option<&'r dyn Operation>,
}

impl Requested<'_> {
    /// Authenticates and authorises the caller, and runs the operation.
    fn decide(
        self,
        pending: &mut PendingCall<'_>,
        signed: Signature,
        state: &State,
        record: &Record,
    ) -> Result<Response, Refusal> {
        let Self { service, routed: Routed { input, .. }, operation } = self;
        let authority = pending.authority;
        if let Some(unsigned) = operation.and_then(Operation::unsigned) {
            laboratory::refuse(pending, None, service, self.routed)?;
            return self.run_unsigned(unsigned, pending, state, record);
        }
        // Who calls and whether they may can lag behind; what is told and changed is as it is.
        let delayed = match service.view() {
            View::Current => authority.ledger.delayed(),
            View::Deciding => None,
        };
        let deciding = delayed.as_deref().unwrap_or(state);
        let caller = pending.caller(signed, deciding)?;
        laboratory::refuse(pending, Some(&caller), service, self.routed)?;
        service.admit(&caller)?;
        let Some(operation) = operation else {
            return Err(self.refuse_unserved(pending, deciding, &caller));
        };
        operation.validate(&caller, input)?;
        let call = Call {
            state,
            account: state.account(caller.account).ok_or_else(failure)?,
            caller: &caller,
            input: Input(input),
            now: pending.context.now,
            context: pending.context,
            key: authority.ledger.key(),
            quotas: &authority.quotas,
            issuers: &authority.issuers,
            usage: &LazyUsage::of(&authority.ledger),
            record,
        };
        let permitted = self.permit(pending, deciding, operation, &call);
        permitted.and_then(|()| operation.run(&call)).map_err(|refusal| service.modelled(refusal))
    }

    /// Runs an operation whose input has its own proof of who asks.
    fn run_unsigned(
        self,
        operation: &dyn UnsignedOperation,
        pending: &PendingCall<'_>,
        state: &State,
        record: &Record,
    ) -> Result<Response, Refusal> {
        let call = sts::Call {
            state,
            input: Input(&self.routed.input),
            context: pending.context,
            key: pending.authority.ledger.key(),
            issuers: &pending.authority.issuers,
            record,
        };
        operation.run_unsigned(&call).map_err(|refusal| self.service.modelled(refusal))
    }

    /// The refusal of an operation that is not served, once it is decided whether the caller may call
    /// it.
    fn refuse_unserved(
        self,
        pending: &mut PendingCall<'_>,
        deciding: &State,
        caller: &Caller,
    ) -> Refusal {
        let Self { service, routed: Routed { operation, input }, .. } = self;
        let Some(action) = service.unserved_action(operation) else {
            return service.unknown_operation(operation).into();
        };
        let permission = Permission { action, resource: service.unserved_resource(caller, input) };
        let permitted = self.permit_one(pending, deciding, caller, &permission, |_| {});
        match permitted {
            Ok(()) => service.unserved(operation).into(),
            Err(denied) => service.modelled(denied.into()),
        }
    }

    fn permit(
        self,
        pending: &mut PendingCall<'_>,
        deciding: &State,
        operation: &dyn Operation,
        call: &Call<'_>,
    ) -> Result<(), Refusal> {
        for permission in operation.permissions(call)? {
            let mut added = Ok(());
            let add_keys = |context: &mut Context| {
                added = operation.add_keys(context, &permission, call);
            };
            let permitted = self.permit_one(pending, deciding, call.caller, &permission, add_keys);
            // What was decided without its keys does not count.
            added?;
            permitted?;
        }
        Ok(())
    }

    fn permit_one(
        self,
        pending: &mut PendingCall<'_>,
        deciding: &State,
        caller: &Caller,
        permission: &Permission,
        add_keys: impl FnOnce(&mut Context),
    ) -> Result<(), ServiceError> {
        if self.service.is_within_account() {
            pending.permit_within(deciding, caller, permission, add_keys)
        } else {
            pending.permit(deciding, caller, permission, add_keys)
        }
    }

    fn answer(self, pending: &PendingCall<'_>, body: &Body) -> Result<Answer, ServiceError> {
        let rewritten = match body {
            Body::Members(members) => pending.visit.rewrite(members).map(Body::Members),
            Body::Session(_) => None,
        };
        let body = rewritten.as_ref().unwrap_or(body);
        self.service.answer(&self.routed.operation, body, &pending.context.request_id)
    }

    /// Ends the call with a refusal, in the service's own form where it has one.
    fn refuse(self, pending: PendingCall<'_>, refusal: Refusal) -> CallOutcome {
        let Refusal { error, reason } = refusal;
        let Some(body) = self.service.refusal_body() else { return pending.refused(error) };
        let refusal = Refusal { error: hidden(error), reason };
        let (status, protocol) = (refusal.error.status, self.service.protocol());
        let answer = Answer::new(status, protocol, &pending.context.request_id, body(&refusal));
        pending.refused_as(&refusal.error, answer)
    }
}

impl PendingCall<'_> {
    /// Takes over what an operation says for the journal.
    fn take_record(&mut self, record: Record) {
        if let Some(requester) = record.requester.into_inner() {
            self.event.account = requester.account;
            self.event.principal = requester.principal;
        }
        if let Some(reason) = record.reason.into_inner() {
            self.event.reason = reason;
        }
        let explanations = record.explanations.map(RefCell::into_inner).unwrap_or_default();
        self.event.steps.extend(explanations.into_iter().map(Into::into));
    }
}
