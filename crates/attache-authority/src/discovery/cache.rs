//! The keys of issuers that were fetched, and when each may be fetched again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use attache_oidc::{DISCOVERY_PATH, Jwks};
use attache_oidc_discovery::{FetchError, Fetcher, IssuerKeys};
use attache_services::issuer_keys::{Failure, KeyRequest, Known};

use super::DiscoverySettings;
use crate::AuthorityError;

/// The issuers that are cached; of more, those that were fetched longest ago are evicted. Ours: a key
/// set can have a megabyte.
const MOST: usize = 1_000;

/// The longest backoff of an issuer that fails. Ours.
const LONGEST_BACKOFF: Duration = Duration::from_mins(1);

/// A cache of issuers' keys.
#[derive(Debug)]
pub(crate) struct Discovery {
    settings: DiscoverySettings,
    fetcher: Fetcher,
    entries: Mutex<HashMap<String, Entry>>,
}

#[derive(Debug, Default)]
struct Entry {
    /// The keys and top certificates that were fetched last, and when.
    fetched: Option<(Arc<Jwks>, Vec<String>, Instant)>,
    /// When it was last tried, and why that failed if it did.
    tried: Option<(Instant, Option<Failure>)>,
    /// How often it failed since it last succeeded.
    failures: u32,
    /// Held during a fetch: other callers wait for it.
    fetching: Arc<tokio::sync::Mutex<()>>,
}

impl Discovery {
    pub(crate) fn new(settings: DiscoverySettings) -> Result<Self, AuthorityError> {
        let fetcher = Fetcher::new(settings.fetch.clone())?;
        Ok(Self { settings, fetcher, entries: Mutex::default() })
    }

    /// What is known of an issuer's keys for a token with that key id and a provider with these
    /// thumbprints. A key that is missing may be new, and a certificate may have changed.
    pub(crate) fn known(&self, issuer: &str, kid: Option<&str>, thumbprints: &[String]) -> Known {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(entry) = entries.get(issuer) else { return Known::NotFetched };
        let backs_off = entry.backs_off(self.settings.backoff);
        if let Some((keys, tops, at)) = &entry.fetched {
            let unlisted = tops.iter().find(|top| !is_one(top, thumbprints));
            let has_key = kid.is_none_or(|kid| keys.key_ids().any(|id| id == kid));
            let fresh = at.elapsed() < self.settings.max_age && has_key && unlisted.is_none();
            if fresh || (backs_off && at.elapsed() < self.settings.stale_if_error) {
                return match (unlisted, &entry.tried) {
                    // It may have the key, and could not be reached.
                    (None, Some((_, Some(failure)))) if !has_key => Known::Failed(failure.clone()),
                    (None, _) => Known::Keys(Arc::clone(keys)),
                    (Some(top), _) => Known::Failed(Failure::Thumbprint(format!(
                        "no trusted certificate authority signed the issuer's certificate, and the \
                         provider has not the thumbprint of its top certificate, {top}"
                    ))),
                };
            }
        }
        match &entry.tried {
            Some((_, Some(failure))) if backs_off => Known::Failed(failure.clone()),
            _ => Known::NotFetched,
        }
    }

    /// Fetches an issuer's keys, unless another caller did meanwhile. A fetch is completed even if the
    /// caller goes away: else one who hangs up at once could start one after the other.
    pub(crate) async fn fetch(self: &Arc<Self>, wanted: &KeyRequest) {
        let started = Instant::now();
        let fetching = self.entry(&wanted.issuer, |entry| Arc::clone(&entry.fetching));
        let guard = fetching.lock_owned().await;
        let tried = self.entry(&wanted.issuer, |entry| entry.tried.as_ref().map(|(at, _)| *at));
        if tried.is_some_and(|at| at >= started) {
            return;
        }
        let (cache, issuer) = (Arc::clone(self), wanted.issuer.clone());
        let task = tokio::spawn(async move {
            let _guard = guard;
            let got = cache.fetcher.keys(&issuer).await;
            cache
                .entry(&issuer, |entry| entry.record(&issuer, got.map_err(|e| issuer_failure(&e))));
        });
        // The outcome is in the entry.
        let _ended = task.await;
    }

    /// Changes the entry of an issuer.
    fn entry<T>(&self, issuer: &str, work: impl FnOnce(&mut Entry) -> T) -> T {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= MOST && !entries.contains_key(issuer) {
            evict_one(&mut entries);
        }
        work(entries.entry(issuer.to_owned()).or_default())
    }
}

impl Entry {
    /// Whether it was tried so recently that it is not contacted again.
    fn backs_off(&self, backoff: Duration) -> bool {
        let longer = backoff.saturating_mul(2_u32.saturating_pow(self.failures.saturating_sub(1)));
        let backoff = longer.min(LONGEST_BACKOFF.max(backoff));
        self.tried.as_ref().is_some_and(|(at, _)| at.elapsed() < backoff)
    }

    fn record(&mut self, issuer: &str, fetched: Result<IssuerKeys, Failure>) {
        let now = Instant::now();
        match fetched {
            Ok(IssuerKeys { keys, tops }) => {
                tracing::info!(issuer, "read the issuer's keys");
                self.fetched = Some((Arc::new(keys), tops, now));
                self.tried = Some((now, None));
                self.failures = 0;
            }
            Err(failure) => {
                tracing::warn!(issuer, why = failure.why(), "could not read the issuer's keys");
                self.tried = Some((now, Some(failure)));
                self.failures = self.failures.saturating_add(1);
            }
        }
    }
}

/// What STS makes of a fetch that failed: it has one error for a key set out of reach and an invalid one,
/// and another for a discovery document out of reach.
pub fn issuer_failure(error: &FetchError) -> Failure {
    let of_keys = !error.url.ends_with(DISCOVERY_PATH);
    if error.problem.is_unreached() && !of_keys {
        Failure::Unreached(error.to_string())
    } else {
        Failure::Other(error.to_string())
    }
}

/// Removes the issuer that was tried longest ago.
fn evict_one(entries: &mut HashMap<String, Entry>) {
    let tried = |entry: &Entry| entry.tried.as_ref().map(|(at, _)| *at);
    let oldest = entries
        .iter()
        .filter_map(|(issuer, entry)| Some((tried(entry)?, issuer)))
        .min()
        .map(|(_, issuer)| issuer.clone());
    if let Some(issuer) = oldest {
        entries.remove(&issuer);
    }
}

fn is_one(top: &str, thumbprints: &[String]) -> bool {
    thumbprints.iter().any(|thumbprint| thumbprint.eq_ignore_ascii_case(top))
}
