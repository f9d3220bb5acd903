//! From a token to its credentials: cached, asked for once at a time, renewed before they end.
//!
//! Knows the cache, the source and the clock. Whoever waits for a token's credentials waits for one
//! and the same call, which goes on where a client does not wait any longer.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, watch};
use tokio::time::{Duration, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use crate::cache::{Cache, CacheSettings, Grant, Lookup};
use crate::metrics::CacheState;
use crate::{Clock, CredentialSource, ExchangeError, Metrics, PodCredentials, PodToken, TokenId};

/// Ours: calls to the service at one time; others wait.
const MOST_CALLS: usize = 64;

/// Ours: tokens that are being exchanged at one time, in all and of one client: a client that sends
/// ever new tokens leaves room for the others.
const MOST_WAITING: usize = 1_024;
const MOST_WAITING_OF_ONE: usize = 64;

/// Ours: how often an exchange begins again because its association changed meanwhile.
const ATTEMPTS: usize = 3;

/// The original's: renewals a second, so that EKS Auth does not throttle the node.
const RENEWALS_PER_SECOND: usize = 3;

/// How often it is looked for what is to be renewed.
const SWEEP: Duration = Duration::from_secs(1);

type Outcome = Result<Arc<PodCredentials>, ExchangeError>;

/// How the cache is kept.
#[derive(Debug, Clone, Copy)]
pub struct ExchangeSettings {
    /// Its size and its times.
    pub cache: CacheSettings,
    /// Renewals a second.
    pub renewals_per_second: usize,
}

impl Default for ExchangeSettings {
    fn default() -> Self {
        Self { cache: CacheSettings::default(), renewals_per_second: RENEWALS_PER_SECOND }
    }
}

/// Trades tokens. Clones share one cache.
#[derive(Clone)]
pub struct Exchange(Arc<Shared>);

struct Shared {
    source: Box<dyn CredentialSource>,
    state: Mutex<State>,
    calls: Semaphore,
    clock: Clock,
    metrics: Arc<Metrics>,
    renewals_per_second: usize,
}

struct State {
    cache: Cache,
    waiting: HashMap<TokenId, Waiting>,
    of_one: HashMap<IpAddr, usize>,
}

struct Waiting {
    outcome: watch::Receiver<Option<Outcome>>,
    client: IpAddr,
}

impl std::fmt::Debug for Exchange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Exchange").field("cached", &self.cached()).finish_non_exhaustive()
    }
}

impl Exchange {
    /// An exchange with an empty cache.
    #[must_use]
    pub fn new(
        source: Box<dyn CredentialSource>,
        settings: ExchangeSettings,
        clock: Clock,
        metrics: Arc<Metrics>,
    ) -> Self {
        let cache = Cache::new(settings.cache);
        let state = State { cache, waiting: HashMap::new(), of_one: HashMap::new() };
        Self(Arc::new(Shared {
            source,
            state: Mutex::new(state),
            calls: Semaphore::new(MOST_CALLS),
            clock,
            metrics,
            renewals_per_second: settings.renewals_per_second,
        }))
    }

    /// The credentials of a token that are cached.
    #[must_use]
    pub fn cached_credentials(&self, id: TokenId) -> Option<Arc<PodCredentials>> {
        let now = (self.0.clock)();
        match self.0.state().cache.lookup(id, now) {
            Lookup::Hit(credentials) => {
                self.0.metrics.cache(CacheState::Hit, 1);
                Some(credentials)
            }
            Lookup::Miss => None,
        }
    }

    /// The credentials of a token, cached or new.
    ///
    /// # Errors
    /// [`ExchangeError`].
    pub async fn credentials(&self, token: PodToken, client: IpAddr) -> Outcome {
        let id = token.id();
        if let Some(credentials) = self.cached_credentials(id) {
            return Ok(credentials);
        }
        let now = (self.0.clock)();
        token.unverified().check_times(now).map_err(|refused| ExchangeError::of_token(&refused))?;
        let mut outcome = match self.join(&token, client)? {
            Turn::Wait(outcome) => outcome,
            Turn::Call(sender, outcome) => {
                self.0.metrics.cache(CacheState::Miss, 1);
                let shared = Arc::clone(&self.0);
                tokio::spawn(async move {
                    // However it ends, also by a panic, the next one may call again.
                    let _turn = EndOfTurn { shared: &shared, id };
                    let outcome = shared.exchange(&token, false).await;
                    sender.send_replace(Some(outcome));
                });
                outcome
            }
        };
        let ended = outcome.wait_for(Option::is_some).await;
        let outcome = ended.ok().and_then(|outcome| outcome.clone());
        outcome.unwrap_or_else(|| {
            Err(ExchangeError::NoAnswer { why: "the exchange was broken off".to_owned() })
        })
    }

    /// Waits for the call that is under way for the token, or begins one.
    fn join(&self, token: &PodToken, client: IpAddr) -> Result<Turn, ExchangeError> {
        let mut state = self.0.state();
        if let Some(waiting) = state.waiting.get(&token.id()) {
            return Ok(Turn::Wait(waiting.outcome.clone()));
        }
        let of_one = state.of_one.get(&client).copied().unwrap_or_default();
        if state.waiting.len() >= MOST_WAITING || of_one >= MOST_WAITING_OF_ONE {
            return Err(ExchangeError::Busy);
        }
        let (sender, outcome) = watch::channel(None);
        state.of_one.insert(client, of_one + 1);
        state.waiting.insert(token.id(), Waiting { outcome: outcome.clone(), client });
        Ok(Turn::Call(sender, outcome))
    }

    /// Renews credentials before they end, and gets ready where it is not, until `stop`.
    pub async fn keep_renewed(&self, stop: CancellationToken) {
        let mut sweep = tokio::time::interval(SWEEP);
        sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while stop.run_until_cancelled(sweep.tick()).await.is_some() {
            if !self.is_ready() {
                stop.run_until_cancelled(self.0.source.prepare()).await;
            }
            let now = (self.0.clock)();
            let due = {
                let mut state = self.0.state();
                let due = state.cache.due(now, self.0.renewals_per_second);
                self.0.count_evicted(&mut state.cache);
                due
            };
            for token in due {
                let shared = Arc::clone(&self.0);
                tokio::spawn(async move { shared.exchange(&token, true).await });
            }
        }
    }

    /// Drops the credentials whose association is no longer what it was.
    pub fn drop_changed(&self) {
        self.0.state().cache.drop_changed(|association| self.0.source.is_current(association));
    }

    /// How many credentials are cached.
    #[must_use]
    pub fn cached(&self) -> usize {
        self.0.state().cache.len()
    }

    /// Whether tokens can be traded.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.0.source.is_ready()
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }
}

enum Turn {
    Wait(watch::Receiver<Option<Outcome>>),
    Call(watch::Sender<Option<Outcome>>, watch::Receiver<Option<Outcome>>),
}

/// Takes a token from those that are being exchanged.
struct EndOfTurn<'s> {
    shared: &'s Shared,
    id: TokenId,
}

impl Drop for EndOfTurn<'_> {
    fn drop(&mut self) {
        let mut state = self.shared.state();
        let Some(waiting) = state.waiting.remove(&self.id) else { return };
        if let Some(count) = state.of_one.get_mut(&waiting.client) {
            *count -= 1;
            if *count == 0 {
                state.of_one.remove(&waiting.client);
            }
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count_evicted(&self, cache: &mut Cache) {
        let evicted = cache.take_evicted();
        if evicted > 0 {
            self.metrics.cache(CacheState::Evicted, evicted);
        }
    }

    /// Asks the source, and keeps what it gives.
    async fn exchange(&self, token: &PodToken, renewal: bool) -> Outcome {
        let mut outcome = self.attempt(token, renewal).await;
        for _ in 1..ATTEMPTS {
            match outcome {
                Ok(Kept::Current(credentials)) => return Ok(credentials),
                Ok(Kept::Changed) => outcome = self.attempt(token, renewal).await,
                Err(error) => return Err(error),
            }
        }
        match outcome? {
            Kept::Current(credentials) => Ok(credentials),
            Kept::Changed => {
                let why = "the association changed while the token was exchanged".to_owned();
                Err(ExchangeError::NoAnswer { why })
            }
        }
    }

    async fn attempt(&self, token: &PodToken, renewal: bool) -> Result<Kept, ExchangeError> {
        let issued = match self.calls.acquire().await {
            Ok(_permit) => self.source.exchange(token).await,
            Err(_) => Err(ExchangeError::Busy),
        };
        let (now, jitter, id) = ((self.clock)(), rand::random(), token.id());
        let mut state = self.state();
        let issued = match issued {
            Ok(issued) => issued,
            Err(error) => {
                if renewal {
                    self.metrics.renewal_error(error.is_final(), error.code());
                    tracing::info!(token = ?id, %error, is_final = error.is_final(), "credentials were not renewed");
                }
                state.cache.not_renewed(id, error.is_final(), now, jitter);
                return Err(error);
            }
        };
        // Under the lock: a change after this drops the entry, one before it is seen here.
        if issued.association.as_deref().is_some_and(|own| !self.source.is_current(own)) {
            return Ok(Kept::Changed);
        }
        let credentials = Arc::new(issued.credentials);
        tracing::debug!(
            token = ?id, key = credentials.access_key_id(), account = %credentials.account(),
            until = %credentials.expires_at(), renewal, "credentials were given"
        );
        // What was evicted while it was renewed is not wanted any more.
        if !renewal || state.cache.contains(id) {
            let grant = Grant {
                token: token.clone(),
                credentials: Arc::clone(&credentials),
                association: issued.association,
            };
            state.cache.insert(grant, now, jitter)?;
            self.count_evicted(&mut state.cache);
        }
        Ok(Kept::Current(credentials))
    }
}

/// What was given, and whether the association that named its role still does.
enum Kept {
    Current(Arc<PodCredentials>),
    Changed,
}
