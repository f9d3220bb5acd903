//! What issuers told, and when each may be asked again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use attache_oidc::Jwks;
use attache_services::issuer_keys::{Failure, KeyRequest, Known};

use super::DiscoverySettings;
use super::http::{Fetcher, Told};
use crate::AuthorityError;

/// The issuers that are remembered; of more, those that were asked longest ago are forgotten. Ours:
/// a key set can have a megabyte.
const MOST: usize = 1_000;

/// The longest that an issuer which fails is left in peace. Ours.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// Issuers that were asked.
#[derive(Debug)]
pub(crate) struct Discovery {
    settings: DiscoverySettings,
    fetcher: Fetcher,
    found: Mutex<HashMap<String, Entry>>,
}

#[derive(Debug, Default)]
struct Entry {
    /// What it told last, and when.
    told: Option<(Arc<Jwks>, Vec<String>, Instant)>,
    /// When it was last asked, and why that failed if it did.
    asked: Option<(Instant, Option<Failure>)>,
    /// How often it failed since it last told anything.
    failures: u32,
    /// Held while it is asked: whoever comes meanwhile waits for that.
    asking: Arc<tokio::sync::Mutex<()>>,
}

impl Discovery {
    pub(crate) fn new(settings: DiscoverySettings) -> Result<Self, AuthorityError> {
        let fetcher = Fetcher::new(settings.clone())?;
        Ok(Self { settings, fetcher, found: Mutex::default() })
    }

    /// What is known of an issuer's keys for a token with that key id and a provider with these
    /// thumbprints. A key that is not there may be new, and a certificate may have been changed.
    pub(crate) fn known(&self, issuer: &str, kid: Option<&str>, thumbprints: &[String]) -> Known {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(entry) = found.get(issuer) else { return Known::NotFetched };
        let rests = entry.rests(self.settings.pause);
        if let Some((keys, tops, at)) = &entry.told {
            let strange = tops.iter().find(|top| !is_one(top, thumbprints));
            let there = kid.is_none_or(|kid| keys.key_ids().any(|own| own == kid));
            let good = at.elapsed() < self.settings.fresh && there && strange.is_none();
            if good || (rests && at.elapsed() < self.settings.stale) {
                return match (strange, &entry.asked) {
                    // It may well have the key, and could not say so.
                    (None, Some((_, Some(failure)))) if !there => Known::Failed(failure.clone()),
                    (None, _) => Known::Keys(Arc::clone(keys)),
                    (Some(top), _) => Known::Failed(Failure::Thumbprint(format!(
                        "the issuer's certificate is of no authority that is believed here, and \
                         the provider has not the thumbprint of its top certificate, {top}"
                    ))),
                };
            }
        }
        match &entry.asked {
            Some((_, Some(failure))) if rests => Known::Failed(failure.clone()),
            _ => Known::NotFetched,
        }
    }

    /// Asks an issuer, unless somebody did meanwhile. It is asked to the end even if the caller goes
    /// away: else one who hangs up at once could have it asked again and again.
    pub(crate) async fn ask(self: &Arc<Self>, wanted: &KeyRequest) {
        let begun = Instant::now();
        let asking = self.entry(&wanted.issuer, |entry| Arc::clone(&entry.asking));
        let alone = asking.lock_owned().await;
        let asked = self.entry(&wanted.issuer, |entry| entry.asked.as_ref().map(|(at, _)| *at));
        if asked.is_some_and(|at| at >= begun) {
            return;
        }
        let (own, issuer) = (Arc::clone(self), wanted.issuer.clone());
        let task = tokio::spawn(async move {
            let _alone = alone;
            let got = own.fetcher.keys(&issuer).await;
            own.entry(&issuer, |entry| entry.take(&issuer, got));
        });
        // What came of it is in the entry.
        let _ended = task.await;
    }

    /// Works on what is kept of an issuer.
    fn entry<T>(&self, issuer: &str, work: impl FnOnce(&mut Entry) -> T) -> T {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if found.len() >= MOST && !found.contains_key(issuer) {
            forget_one(&mut found);
        }
        work(found.entry(issuer.to_owned()).or_default())
    }
}

impl Entry {
    /// Whether it was asked so short a time ago that it is left in peace.
    fn rests(&self, pause: Duration) -> bool {
        let longer = pause.saturating_mul(2_u32.saturating_pow(self.failures.saturating_sub(1)));
        let pause = longer.min(LONGEST_PAUSE.max(pause));
        self.asked.as_ref().is_some_and(|(at, _)| at.elapsed() < pause)
    }

    fn take(&mut self, issuer: &str, got: Result<Told, Failure>) {
        let now = Instant::now();
        match got {
            Ok(Told { keys, tops }) => {
                tracing::info!(issuer, "read the issuer's keys");
                self.told = Some((Arc::new(keys), tops, now));
                self.asked = Some((now, None));
                self.failures = 0;
            }
            Err(failure) => {
                tracing::warn!(issuer, why = failure.why(), "could not read the issuer's keys");
                self.asked = Some((now, Some(failure)));
                self.failures = self.failures.saturating_add(1);
            }
        }
    }
}

/// Forgets the issuer that was asked longest ago.
fn forget_one(found: &mut HashMap<String, Entry>) {
    let asked = |entry: &Entry| entry.asked.as_ref().map(|(at, _)| *at);
    let oldest = found
        .iter()
        .filter_map(|(issuer, entry)| Some((asked(entry)?, issuer)))
        .min()
        .map(|(_, issuer)| issuer.clone());
    if let Some(issuer) = oldest {
        found.remove(&issuer);
    }
}

fn is_one(top: &str, thumbprints: &[String]) -> bool {
    thumbprints.iter().any(|own| own.eq_ignore_ascii_case(top))
}
