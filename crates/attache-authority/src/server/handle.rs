//! One call, from its bytes to its answer.

use std::borrow::Cow;
use std::error::Error;

use attache_aws_protocol::ServiceError;
use attache_aws_protocol::call::{Answer, Inbound};
use attache_aws_protocol::sigv4::{self, SignatureError, Signed};
use attache_identifiers::redact;
use attache_ledger::Event;
use attache_ledger::change::Change;
use attache_ledger::journal::{CommitHandle, WritePermit};
use attache_ledger::state::{ApplyError, State};
use attache_services::access::context::CallContext;
use attache_services::access::{Caller, message};
use attache_services::cloudtrail::Lookup;
use attache_services::issuer_keys::KeyRequest;
use attache_services::refusal::failure;
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

use super::address::Address;
use super::connection::Reply;
use super::endpoint::Endpoint;
use super::event_builder::{EventBuilder, cut_to};
use super::{dispatch, endpoint, lookup};
use crate::HOME_REGION;
use crate::access::{authenticate, fixed_key};
use crate::laboratory::Visit;
use crate::shared::Shared;

/// A call that is being decided.
pub(super) struct PendingCall<'c> {
    pub(super) authority: &'c Shared,
    pub(super) inbound: &'c Inbound,
    pub(super) address: &'c Address,
    pub(super) context: &'c CallContext,
    pub(super) event: EventBuilder,
    pub(super) permit: WritePermit<'c>,
    /// Whether the keys of the token's issuer were fetched already.
    pub(super) keys_fetched: bool,
    /// Cancelled when the caller no longer waits.
    pub(super) gone: &'c CancellationToken,
    /// What the laboratory does to the call.
    pub(super) visit: &'c mut Visit,
}

/// A call that was decided, its event sent to the journal.
pub(super) struct CallOutcome {
    answer: Result<Answer, ServiceError>,
    /// What to wait for before the answer may be given.
    commit: Option<CommitHandle>,
    /// What to read from the journal for the answer.
    lookup: Option<Lookup>,
    /// The issuer whose keys are needed to decide the call.
    keys_needed: Option<KeyRequest>,
}

/// Answers one call: authenticates the caller, finds the operation, authorizes it, and runs it. The
/// event is sent to the journal before the answer is given, and is on the disk where it changed
/// anything.
pub(super) async fn handle(
    authority: &Shared,
    inbound: &Inbound,
    source: &str,
    request_id: &str,
    gone: &CancellationToken,
) -> Reply {
    let mut keys_fetched = false;
    let mut visit = Visit::new(&authority.laboratory);
    let (address, decided) = loop {
        let endpoint = Endpoint::of(inbound);
        let signed = sigv4::read(inbound).and_then(|signed| match signed {
            Some(own) => endpoint::require_scope(endpoint.as_ref(), &own).map(|()| Some(own)),
            None => Ok(None),
        });
        let scope = match &signed {
            Ok(signed) => signed.as_ref().map(Signed::scope),
            // It says in which service's words a wrong signature is refused.
            Err(_) => sigv4::claimed_scope(inbound),
        };
        let service = endpoint.as_ref().map(|own| own.service);
        let service = service.or(scope.as_ref().map(|own| own.service.as_str()));
        let address = Address::of(inbound, service, authority);
        let region = scope.map(|own| cut_to(64, &redact(&own.region, &[])));
        let region = region.or_else(|| endpoint.as_ref().map(|own| own.region.clone()));
        let region = region.filter(|_| !endpoint::is_in_one_region(&address.service));
        let context = CallContext {
            now: OffsetDateTime::now_utc(),
            source: source.to_owned(),
            user_agent: inbound.header("user-agent").map(str::to_owned),
            region: region.unwrap_or_else(|| HOME_REGION.to_owned()),
            global_endpoint: endpoint.is_some_and(|own| own.global),
            request_id: request_id.to_owned(),
        };
        let Ok(permit) = authority.ledger.journal().permit().await else {
            return failure().render(address.protocol, request_id).into();
        };
        let (address_of, context, event) = (&address, &context, EventBuilder::default());
        let pending = PendingCall {
            authority,
            inbound,
            address: address_of,
            context,
            event,
            permit,
            keys_fetched,
            gone,
            visit: &mut visit,
        };
        let mut decided = pending.decide(signed);
        let Some(keys_needed) = decided.keys_needed.take() else { break (address, decided) };
        // Nothing is locked meanwhile; then the call is decided from the beginning.
        authority.issuers.fetch(&keys_needed).await;
        keys_fetched = true;
    };
    if let Some(commit) = decided.commit
        && authority.ledger.journal().committed(commit).await.is_err()
    {
        return failure().render(address.protocol, request_id).into();
    }
    let answer = match &decided.lookup {
        Some(lookup) => lookup::answer(authority.ledger.journal(), lookup, request_id, gone).await,
        None => decided.answer,
    };
    let answer = answer.unwrap_or_else(|error| hidden(error).render(address.protocol, request_id));
    Reply { answer, effect: visit.effect(OffsetDateTime::now_utc()) }
}

/// A refusal that repeats no secret: AWS's sentences have the value that they refuse, and a token may
/// have been sent in its place.
pub(super) fn hidden(error: ServiceError) -> ServiceError {
    // Of the same shape as a session token, and meant for the caller.
    let encoded = error.message.find(message::BEFORE).unwrap_or(error.message.len());
    let (sentence, encoded) = error.message.split_at(encoded);
    match redact(sentence, &[]) {
        Cow::Owned(sentence) => ServiceError { message: sentence + encoded, ..error },
        Cow::Borrowed(_) => error,
    }
}

/// The codes of an operation that a service does not have.
const UNKNOWN: &[&str] = &["InvalidAction", "UnknownOperationException", "NotImplemented"];

impl<'c> PendingCall<'c> {
    fn decide(self, signed: Result<Option<Signed>, SignatureError>) -> CallOutcome {
        let service = self.address.destination.service();
        dispatch::service(self, signed, service)
    }

    /// Whose call it is.
    pub(super) fn caller(
        &mut self,
        signed: Result<Option<Signed>, SignatureError>,
        state: &State,
    ) -> Result<Caller, ServiceError> {
        let proved = signed.and_then(|signed| {
            let signed = signed.ok_or(SignatureError::Missing)?;
            let Self { authority, inbound, context, visit, .. } = self;
            let now = visit.clock(context.now);
            let fixed = authority.fixed_keys.get(&signed.access_key);
            match fixed.filter(|_| signed.session_token.is_none()) {
                Some(fixed) => fixed_key::authenticate(fixed, &signed, inbound, state, now),
                None => {
                    let key = authority.ledger.key();
                    authenticate::authenticate(&signed, inbound, state, key, now)
                }
            }
        });
        match proved {
            Ok(caller) => {
                self.event.caller(&caller);
                Ok(caller)
            }
            Err(error) => {
                self.event.reason = error.to_string();
                Err(error.service_error(self.address.protocol))
            }
        }
    }

    /// The call's event, taken in by all who follow them, and the permit to hand it over.
    fn finish_event(
        mut self,
        outcome: Result<(), &ServiceError>,
        change: Option<Change>,
    ) -> (Event, WritePermit<'c>) {
        let steps = std::mem::take(&mut self.event.steps);
        let event = self.event.finish(&self.address.service, self.context, outcome, change);
        self.authority.ledger.observe(&event);
        if let Some(decisions) = &self.authority.decisions {
            decisions.record(&event, &steps);
        }
        if let Err(error) = outcome
            && UNKNOWN.contains(&error.code.as_str())
        {
            self.authority.log_unknown(&event.action);
        }
        (event, self.permit)
    }

    /// Ends the call with a refusal.
    pub(super) fn refused(self, error: ServiceError) -> CallOutcome {
        self.ended(Err(error))
    }

    /// Ends the call with a refusal that is written already.
    pub(super) fn refused_as(self, error: &ServiceError, answer: Answer) -> CallOutcome {
        let (event, permit) = self.finish_event(Err(error), None);
        permit.record(&event);
        CallOutcome { answer: Ok(answer), commit: None, lookup: None, keys_needed: None }
    }

    /// Ends the call without a change.
    pub(super) fn ended(self, answer: Result<Answer, ServiceError>) -> CallOutcome {
        let (event, permit) = self.finish_event(answer.as_ref().map(drop), None);
        permit.record(&event);
        CallOutcome { answer, commit: None, lookup: None, keys_needed: None }
    }

    /// Postpones the call until an issuer's keys are fetched. Nothing is recorded yet.
    pub(super) fn needs_keys(self, keys_needed: KeyRequest) -> CallOutcome {
        CallOutcome {
            answer: Err(failure()),
            commit: None,
            lookup: None,
            keys_needed: Some(keys_needed),
        }
    }

    /// Ends the call with an answer that is still to be read from the journal.
    pub(super) fn looks_up(self, lookup: Lookup) -> CallOutcome {
        let (event, permit) = self.finish_event(Ok(()), None);
        permit.record(&event);
        CallOutcome {
            answer: Err(failure()),
            commit: None,
            lookup: Some(lookup),
            keys_needed: None,
        }
    }

    /// Ends the call with a change, under the lock that it was decided under: so the journal has the
    /// changes in the state's own order.
    pub(super) fn changed(
        self,
        state: &mut State,
        answer: Result<Answer, ServiceError>,
        change: Change,
    ) -> CallOutcome {
        let account = self.event.account;
        let applied = match account {
            Some(account) => state.apply(account, self.context.now, &change),
            None => Err(ApplyError::NoAccountNamed),
        };
        if let Err(error) = applied {
            // It was checked under this very lock: our mistake, and nothing was changed.
            let error = &error as &dyn Error;
            tracing::error!(error, "a checked change could not be applied");
            return self.refused(failure());
        }
        let authority = self.authority;
        let (event, permit) = self.finish_event(Ok(()), Some(change));
        authority.ledger.follow(&event);
        CallOutcome { answer, commit: Some(permit.commit(&event)), lookup: None, keys_needed: None }
    }
}
