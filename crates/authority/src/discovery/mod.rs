//! The keys of issuers that were not given: fetched as STS fetches them, from the issuer itself.
//!
//! Knows: how an issuer is asked (TLS, no redirects, no private addresses, five seconds, so many
//! bytes), how long its keys are believed, and how often it may be asked. Does not know: whether
//! anybody registered the issuer; it is asked for none that nobody did.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html>

mod address;
mod http;
mod tls;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use token::Jwks;

use crate::AuthorityError;
use http::Fetcher;

/// How issuers are asked for their keys.
#[derive(Debug, Clone)]
pub struct DiscoverySettings {
    /// Whether an issuer may be on this machine or in a private network.
    pub private: bool,
    /// PEM files of certificate authorities that are believed besides the system's.
    pub authorities: Vec<PathBuf>,
    /// How long all of a discovery may take. AWS's is five seconds.
    pub time: Duration,
    /// How long keys are believed before the issuer is asked again.
    pub fresh: Duration,
    /// How long an issuer is left in peace after it was asked, whatever came of it.
    pub pause: Duration,
}

impl Default for DiscoverySettings {
    fn default() -> Self {
        Self {
            private: false,
            authorities: Vec::new(),
            time: Duration::from_secs(5),
            fresh: Duration::from_mins(5),
            pause: Duration::from_secs(2),
        }
    }
}

/// How long keys are used of an issuer that no longer answers. Ours.
const STALE: Duration = Duration::from_hours(1);

/// The issuers that are remembered. Ours: each is registered in an account.
const MOST: usize = 10_000;

/// An issuer that has to be asked before a call can be judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) issuer: String,
    /// Those of the provider that stands for it.
    pub(crate) thumbprints: Vec<String>,
}

/// Why an issuer's keys could not be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Its certificate is of no authority that is believed, nor of a thumbprint.
    Thumbprint(String),
    /// Anything else, in words for the journal.
    Other(String),
}

/// What is known of an issuer's keys.
#[derive(Debug)]
pub(crate) enum Known {
    Keys(Arc<Jwks>),
    /// It has to be asked.
    Unasked,
    /// It was asked just now.
    Failed(Failure),
}

/// Issuers that were asked.
#[derive(Debug)]
pub(crate) struct Discovery {
    settings: DiscoverySettings,
    fetcher: Fetcher,
    found: Mutex<HashMap<String, Entry>>,
}

#[derive(Debug, Default)]
struct Entry {
    keys: Option<(Arc<Jwks>, Instant)>,
    /// When it was last asked, and why that failed if it did.
    asked: Option<(Instant, Option<Failure>)>,
    /// Held while it is asked: whoever comes meanwhile waits for that.
    asking: Arc<tokio::sync::Mutex<()>>,
}

impl Discovery {
    pub(crate) fn new(settings: DiscoverySettings) -> Result<Self, AuthorityError> {
        let fetcher = Fetcher::new(settings.private, settings.time, &settings.authorities)?;
        Ok(Self { settings, fetcher, found: Mutex::default() })
    }

    /// What is known of an issuer's keys for a token with that key id. A key that is not there may
    /// be new.
    pub(crate) fn known(&self, issuer: &str, kid: Option<&str>) -> Known {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(entry) = found.get(issuer) else { return Known::Unasked };
        let rests = entry.asked.as_ref().is_some_and(|(at, _)| at.elapsed() < self.settings.pause);
        if let Some((keys, at)) = &entry.keys {
            let there = kid.is_none_or(|kid| keys.key_ids().any(|own| own == kid));
            let fresh = at.elapsed() < self.settings.fresh && there;
            if fresh || (rests && at.elapsed() < STALE) {
                return Known::Keys(Arc::clone(keys));
            }
        }
        match &entry.asked {
            Some((_, Some(failure))) if rests => Known::Failed(failure.clone()),
            _ => Known::Unasked,
        }
    }

    /// Asks an issuer, unless somebody did meanwhile.
    pub(crate) async fn ask(&self, wanted: &Wanted) {
        let begun = Instant::now();
        let Some(asking) = self.entry(&wanted.issuer, |entry| Arc::clone(&entry.asking)) else {
            return;
        };
        let _alone = asking.lock().await;
        let asked = self.entry(&wanted.issuer, |entry| entry.asked.as_ref().map(|(at, _)| *at));
        if asked.flatten().is_some_and(|at| at >= begun) {
            return;
        }
        let got = self.fetcher.keys(&wanted.issuer, &wanted.thumbprints).await;
        self.entry(&wanted.issuer, |entry| match got {
            Ok(keys) => {
                tracing::info!(issuer = wanted.issuer, "read the issuer's keys");
                entry.keys = Some((Arc::new(keys), Instant::now()));
                entry.asked = Some((Instant::now(), None));
            }
            Err(failure) => {
                tracing::warn!(
                    issuer = wanted.issuer,
                    ?failure,
                    "could not read the issuer's keys"
                );
                entry.asked = Some((Instant::now(), Some(failure)));
            }
        });
    }

    /// Works on what is kept of an issuer; none where there are too many.
    fn entry<T>(&self, issuer: &str, work: impl FnOnce(&mut Entry) -> T) -> Option<T> {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if found.len() >= MOST && !found.contains_key(issuer) {
            return None;
        }
        Some(work(found.entry(issuer.to_owned()).or_default()))
    }
}
