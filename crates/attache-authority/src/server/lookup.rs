//! The answer to `LookupEvents`: events are read back after the call was judged, for the journal is
//! not under the state's lock.

use std::ops::ControlFlow;

use attache_aws_protocol::{Protocol, ServiceError, json};
use attache_ledger::journal::Journal;
use attache_services::cloudtrail::{Lookup, Page};
use attache_services::refusal::failure;
use tokio_util::sync::CancellationToken;

/// The events that are looked at for one page. Ours: where nothing matches, the caller gets an empty
/// page and a token, and the journal is free for others in between.
const LOOKED_AT: usize = 20_000;

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
    json::response(Protocol::Json11, &page.into_answer(more), request_id).map_err(|_| failure())
}
