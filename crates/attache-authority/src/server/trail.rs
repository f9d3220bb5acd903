//! The room of CloudTrail. The events are read back after the call was judged: the journal is not
//! under the state's lock.

use std::ops::ControlFlow;

use attache_aws_protocol::serve::Permission;
use attache_aws_protocol::{Protocol, ServiceError, json};
use tokio_util::sync::CancellationToken;

use super::address;
use super::dispatch::Signature;
use super::handle::{Decided, Pending};
use crate::access::Caller;
use crate::refusal::failure;
use crate::shape::{self, Input};
use crate::trail::{Lookup, MEMBERS, Page};
use attache_ledger::journal::Journal;

/// The events that are looked at for one page. Ours: where nothing matches, the caller gets an empty
/// page and a token, and the journal is free for others in between.
const LOOKED_AT: usize = 20_000;

/// CloudTrail.
pub(super) fn trail(mut pending: Pending<'_>, signed: Signature) -> Decided {
    match decide(&mut pending, signed) {
        Ok(lookup) => pending.looks_up(lookup),
        Err(error) => pending.refused(error),
    }
}

fn decide(pending: &mut Pending<'_>, signed: Signature) -> Result<Lookup, ServiceError> {
    let (name, input) = address::target(pending.inbound)?;
    pending.note.calls(format!("cloudtrail:{name}"), &input);
    let state = pending.authority.ledger.deciding();
    let caller = pending.caller(signed, &state)?;
    if name != "LookupEvents" {
        return Err(ServiceError::new(400, "UnknownOperationException", ""));
    }
    shape::check(MEMBERS, &input)?;
    let action = format!("cloudtrail:{name}");
    let permission = Permission { action, resource: "*".to_owned() };
    pending.permit(&state, &caller, &permission, |_| {})?;
    let Caller { account, region, .. } = caller;
    Lookup::read(Input(&input), account, &region)
}

/// Reads a page of events and writes it.
pub(super) async fn answer(
    journal: &Journal,
    lookup: &Lookup,
    request_id: &str,
    gone: &CancellationToken,
) -> Result<attache_aws_protocol::call::Answer, ServiceError> {
    let mut page = Page::of(lookup);
    let more = if page.is_full() {
        None
    } else {
        let looked = journal.look_back(lookup.before, LOOKED_AT, |_, event| {
            page.take(event);
            if page.is_full() || gone.is_cancelled() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        looked.await.map_err(|error| {
            tracing::error!(%error, "events could not be looked up");
            failure()
        })?
    };
    json::response(Protocol::Json11, &page.told(more), request_id).map_err(|_| failure())
}
