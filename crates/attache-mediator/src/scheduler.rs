//! Scraping an account: a session, then every type in every region, each for itself.

use std::sync::Arc;
use std::time::{Duration, Instant};

use attache_catalog::{Entry, Scope as CallScope};
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio_util::sync::CancellationToken;

use crate::MediatorError;
use crate::account::Account;
use crate::confirm;
use crate::inventory::{GLOBAL, IncompleteScrape, Outcome, Scope, Scrape};
use crate::mediator::Shared;
use crate::scrape::{self, CountedListing, Fault, Target};
use crate::session::{Session, SessionError};

/// Ours: listings at the same time in one account. AWS's rates are by call and region, so more
/// would wait for the rate limit and hold answers in memory meanwhile.
const AT_ONCE: usize = 8;

/// Ours: an account without a session is tried again after this, or after the interval if that is
/// shorter: a role or a provider may have been made meanwhile.
const SOON: Duration = Duration::from_secs(30);

/// Ours: sessions are checked this often between scrapes that are far apart.
const SESSION_CHECK: Duration = Duration::from_secs(60);

/// One listing: a type in a region.
struct Job<'w> {
    entry: &'w Entry,
    scope: Scope,
    target: Option<Target>,
}

/// Scrapes one account until `stop`.
pub(crate) async fn account(shared: Arc<Shared>, index: usize, stop: CancellationToken) {
    let Some(account) = shared.accounts.get(index) else { return };
    let mut first = true;
    loop {
        let scraped = tokio::select! {
            () = stop.cancelled() => return,
            scraped = scrape_account(&shared, account) => scraped,
        };
        if let Err(error) = scraped {
            tracing::error!(%error, "the inventory");
        }
        if std::mem::take(&mut first) {
            shared.first_scrapes.send_modify(|first_scrapes| *first_scrapes += 1);
        }
        let no_session = account.state().session.is_none();
        let pause = if no_session { shared.interval.min(SOON) } else { shared.interval };
        tokio::select! {
            () = stop.cancelled() => return,
            () = wait(&shared, account, pause) => {}
        }
    }
}

/// Waits for the next scrape, and keeps the session alive meanwhile.
async fn wait(shared: &Shared, account: &Account, pause: Duration) {
    let end = tokio::time::Instant::now() + pause;
    while tokio::time::Instant::now() + SESSION_CHECK < end {
        tokio::time::sleep(SESSION_CHECK).await;
        // A refusal is kept in the account's state, and logged.
        let _ = account.session(&shared.assumer).await;
    }
    tokio::time::sleep_until(end).await;
}

/// Scrapes all accounts once.
pub(crate) async fn all(shared: &Shared) -> Result<(), MediatorError> {
    let mut accounts: FuturesUnordered<_> =
        shared.accounts.iter().map(|account| scrape_account(shared, account)).collect();
    let mut worst = Ok(());
    while let Some(done) = accounts.next().await {
        shared.first_scrapes.send_modify(|first_scrapes| *first_scrapes += 1);
        worst = worst.and(done);
    }
    worst
}

/// Scrapes one account once. Errors are the inventory's alone.
async fn scrape_account(shared: &Shared, account: &Account) -> Result<(), MediatorError> {
    match account.session(&shared.assumer).await {
        Ok(session) => {
            // A loop, because a closure here would not be general enough over lifetimes to spawn.
            let mut listings = Vec::new();
            for job in jobs(shared, account, Some(&session)) {
                listings.push(list(shared, account, &session, job));
            }
            let mut running = futures_util::stream::iter(listings).buffer_unordered(AT_ONCE);
            let mut worst = Ok(());
            while let Some(done) = running.next().await {
                worst = worst.and(done);
            }
            worst
        }
        Err(session_error) => record_no_session(shared, account, &session_error).await,
    }
}

/// Everything to list in the account.
fn jobs<'w>(shared: &'w Shared, account: &Account, session: Option<&Session>) -> Vec<Job<'w>> {
    let target = &account.target;
    let id = account.id();
    let mut jobs = Vec::new();
    for entry in shared.catalog.entries() {
        let places = match entry.call.scope {
            CallScope::Regional => target.regions.iter().map(|r| (r, r.to_string())).collect(),
            CallScope::Global => vec![(&target.home, GLOBAL.to_owned())],
        };
        for (region, word) in places {
            let target = session.map(|session| Target {
                credentials: session.credentials.clone(),
                account: session.account,
                partition: session.partition.clone(),
                region: region.clone(),
            });
            let scope = Scope { account: id, region: word, kind: entry.kind.clone() };
            jobs.push(Job { entry, scope, target });
        }
    }
    jobs
}

/// Lists one type in one region and records the result.
async fn list(
    shared: &Shared,
    account: &Account,
    session: &Session,
    job: Job<'_>,
) -> Result<(), MediatorError> {
    let Job { entry, scope, target: Some(target) } = job else { return Ok(()) };
    let start = Instant::now();
    let listed = list_confirmed(shared, entry, &scope, &target).await?;
    let end = Scrape { at: shared.clock.now(), took: start.elapsed(), calls: listed.calls };
    match listed.result {
        Ok(found) => shared.inventory.replace(&scope, &found, end).await,
        Err(fault) => {
            if matches!(fault, Fault::Session { .. }) {
                account.forget_session(session);
            }
            tracing::warn!(account = %scope.account, region = scope.region, kind = scope.kind,
                %fault, "a scrape was not complete");
            let incomplete = IncompleteScrape {
                outcome: Outcome::of(&fault),
                message: fault.to_string(),
                remedy: fault.remedy(&entry.kind, &entry.actions, &target.region),
            };
            shared.inventory.record_incomplete(&scope, &incomplete, end).await
        }
    }
}

/// A listing that may remove resources: see [`confirm`].
async fn list_confirmed(
    shared: &Shared,
    entry: &Entry,
    scope: &Scope,
    target: &Target,
) -> Result<CountedListing, MediatorError> {
    let CountedListing { result, calls } = scrape::list_all(&shared.client, entry, target).await;
    let Ok(first) = result else { return Ok(CountedListing { result, calls }) };
    let known = shared.inventory.ids(scope).await?;
    if !confirm::is_needed(&known, &first) {
        return Ok(CountedListing { result: Ok(first), calls });
    }
    let (account, region, kind) = (scope.account, &scope.region, &scope.kind);
    let (known, found) = (known.len(), first.len());
    tracing::info!(%account, region, kind, known, found, "much has vanished: listing again");
    tokio::time::sleep(confirm::PAUSE).await;
    let again = scrape::list_all(&shared.client, entry, target).await;
    let result = again.result.map(|second| confirm::either(first, second));
    Ok(CountedListing { result, calls: calls + again.calls })
}

/// Records that nothing could be listed, because there is no session.
async fn record_no_session(
    shared: &Shared,
    account: &Account,
    session_error: &SessionError,
) -> Result<(), MediatorError> {
    let target = &account.target;
    let evidence = account.state().session_error.map(|(_, evidence)| evidence).unwrap_or_default();
    let incomplete = IncompleteScrape {
        outcome: Outcome::NoSession,
        message: session_error.to_string(),
        remedy: session_error.remedy(&target.role, &target.home, &evidence),
    };
    let end = Scrape { at: shared.clock.now(), took: Duration::ZERO, calls: 0 };
    for job in jobs(shared, account, None) {
        shared.inventory.record_incomplete(&job.scope, &incomplete, end).await?;
    }
    Ok(())
}
