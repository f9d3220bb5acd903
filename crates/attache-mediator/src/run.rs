//! Scraping an account: a session, then every type in every region, each for itself.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio_util::sync::CancellationToken;

use crate::MediatorError;
use crate::account::Account;
use crate::catalog::{Entry, Scope as Reached};
use crate::confirm;
use crate::inventory::{GLOBAL, Note, Outcome, Scope, Scrape};
use crate::mediator::Inner;
use crate::scrape::{self, Counted, Fault, Reach};
use crate::session::{Refused, Session};

/// Ours: listings at the same time in one account. AWS's rates are by call and region, so more
/// would wait for their turns and hold answers in memory meanwhile.
const AT_ONCE: usize = 8;

/// Ours: an account without a session is tried again after this, or after the interval if that is
/// shorter: a role or a provider may have been made meanwhile.
const SOON: Duration = Duration::from_secs(30);

/// Ours: sessions are looked at this often between scrapes that are far apart.
const SESSION_CHECK: Duration = Duration::from_secs(60);

/// One listing: a type in a region.
struct Work<'w> {
    entry: &'w Entry,
    scope: Scope,
    reach: Option<Reach>,
}

/// Scrapes one account until `stop`.
pub(crate) async fn account(inner: Arc<Inner>, index: usize, stop: CancellationToken) {
    let Some(account) = inner.accounts.get(index) else { return };
    let mut first = true;
    loop {
        let scraped = tokio::select! {
            () = stop.cancelled() => return,
            scraped = once(&inner, account) => scraped,
        };
        if let Err(error) = scraped {
            tracing::error!(%error, "the inventory");
        }
        if std::mem::take(&mut first) {
            inner.begun.send_modify(|begun| *begun += 1);
        }
        let refused = account.state().session.is_none();
        let pause = if refused { inner.interval.min(SOON) } else { inner.interval };
        tokio::select! {
            () = stop.cancelled() => return,
            () = rest(&inner, account, pause) => {}
        }
    }
}

/// Waits for the next scrape, and keeps the session alive meanwhile.
async fn rest(inner: &Inner, account: &Account, pause: Duration) {
    let end = tokio::time::Instant::now() + pause;
    while tokio::time::Instant::now() + SESSION_CHECK < end {
        tokio::time::sleep(SESSION_CHECK).await;
        // A refusal is kept in the account's state, and logged.
        let _ = account.session(&inner.assumer).await;
    }
    tokio::time::sleep_until(end).await;
}

/// Scrapes all accounts once.
pub(crate) async fn all(inner: &Inner) -> Result<(), MediatorError> {
    let mut accounts: FuturesUnordered<_> =
        inner.accounts.iter().map(|account| once(inner, account)).collect();
    let mut worst = Ok(());
    while let Some(done) = accounts.next().await {
        inner.begun.send_modify(|begun| *begun += 1);
        worst = worst.and(done);
    }
    worst
}

/// Scrapes one account once. Errors are the inventory's alone.
async fn once(inner: &Inner, account: &Account) -> Result<(), MediatorError> {
    match account.session(&inner.assumer).await {
        Ok(session) => {
            // A loop, because a closure here would not be general enough over lifetimes to spawn.
            let mut listings = Vec::new();
            for work in work(inner, account, Some(&session)) {
                listings.push(listing(inner, account, &session, work));
            }
            let mut running = futures_util::stream::iter(listings).buffer_unordered(AT_ONCE);
            let mut worst = Ok(());
            while let Some(done) = running.next().await {
                worst = worst.and(done);
            }
            worst
        }
        Err(refused) => unreached(inner, account, &refused).await,
    }
}

/// Everything to list in the account.
fn work<'w>(inner: &'w Inner, account: &Account, session: Option<&Session>) -> Vec<Work<'w>> {
    let target = &account.target;
    let id = account.id();
    let mut work = Vec::new();
    for entry in inner.catalog.entries() {
        let places = match entry.call.scope {
            Reached::Regional => target.regions.iter().map(|r| (r, r.to_string())).collect(),
            Reached::Global => vec![(&target.home, GLOBAL.to_owned())],
        };
        for (region, word) in places {
            let reach = session.map(|session| Reach {
                credentials: session.credentials.clone(),
                account: session.account,
                partition: session.partition.clone(),
                region: region.clone(),
            });
            let scope = Scope { account: id, region: word, kind: entry.kind.clone() };
            work.push(Work { entry, scope, reach });
        }
    }
    work
}

/// Lists one type in one region and writes what came of it.
async fn listing(
    inner: &Inner,
    account: &Account,
    session: &Session,
    work: Work<'_>,
) -> Result<(), MediatorError> {
    let Work { entry, scope, reach: Some(reach) } = work else { return Ok(()) };
    let start = Instant::now();
    let listed = confirmed(inner, entry, &scope, &reach).await?;
    let end = Scrape { at: inner.clock.now(), took: start.elapsed(), calls: listed.calls };
    match listed.result {
        Ok(found) => inner.inventory.replace(&scope, &found, end).await,
        Err(fault) => {
            if matches!(fault, Fault::Session { .. }) {
                account.forget_session(session);
            }
            tracing::warn!(account = %scope.account, region = scope.region, kind = scope.kind,
                %fault, "a scrape was not complete");
            let note = Note {
                outcome: Outcome::of(&fault),
                message: fault.to_string(),
                remedy: fault.remedy(&entry.kind, &entry.actions, &reach.region),
            };
            inner.inventory.note(&scope, &note, end).await
        }
    }
}

/// A listing that may remove what it does not have: see [`confirm`].
async fn confirmed(
    inner: &Inner,
    entry: &Entry,
    scope: &Scope,
    reach: &Reach,
) -> Result<Counted, MediatorError> {
    let Counted { result, calls } = scrape::all(&inner.client, entry, reach).await;
    let Ok(first) = result else { return Ok(Counted { result, calls }) };
    let known = inner.inventory.ids(scope).await?;
    if !confirm::is_needed(&known, &first) {
        return Ok(Counted { result: Ok(first), calls });
    }
    let (account, region, kind) = (scope.account, &scope.region, &scope.kind);
    let (known, found) = (known.len(), first.len());
    tracing::info!(%account, region, kind, known, found, "much has vanished: listed again");
    tokio::time::sleep(confirm::PAUSE).await;
    let again = scrape::all(&inner.client, entry, reach).await;
    let result = again.result.map(|second| confirm::either(first, second));
    Ok(Counted { result, calls: calls + again.calls })
}

/// Writes that nothing could be listed, for want of a session.
async fn unreached(
    inner: &Inner,
    account: &Account,
    refused: &Refused,
) -> Result<(), MediatorError> {
    let target = &account.target;
    let evidence = account.state().refused.map(|(_, evidence)| evidence).unwrap_or_default();
    let note = Note {
        outcome: Outcome::NoSession,
        message: refused.to_string(),
        remedy: refused.remedy(&target.role, &target.home, &evidence),
    };
    let end = Scrape { at: inner.clock.now(), took: Duration::ZERO, calls: 0 };
    for work in work(inner, account, None) {
        inner.inventory.note(&work.scope, &note, end).await?;
    }
    Ok(())
}
