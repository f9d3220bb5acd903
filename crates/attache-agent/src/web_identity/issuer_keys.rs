//! The keys of the cluster's issuer: of a file, or as STS fetches them.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use attache_files::{FileError, FileStamp, MAX_KEY_BYTES, read_text};
use attache_identifiers::Issuer;
use attache_oidc::{Jwks, OidcError, TokenError, UnverifiedToken, VerifiedToken};
use attache_oidc_discovery::{FetchError, Fetcher};
use time::OffsetDateTime;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::ExchangeError;

/// Ours: a removed key is used for so long at most.
const MAX_AGE: Duration = Duration::from_secs(300);

/// Ours: a token that names an unknown key makes them be read again at most so often: anybody can
/// make up such a token.
const SHORTEST_INTERVAL: Duration = Duration::from_secs(5);

/// Ours: how long old keys that could not be read again are used before the next attempt.
const RETRY_INTERVAL: Duration = Duration::from_secs(60);

/// Where the keys are.
#[derive(Debug)]
pub enum KeySource {
    /// A key set in a file, which is read again when it changes.
    File(PathBuf),
    /// The issuer itself, by its discovery document.
    Issuer(Box<Fetcher>),
}

/// Why the keys could not be read.
#[derive(Debug, thiserror::Error)]
enum KeysError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    KeySet(#[from] OidcError),
    #[error(transparent)]
    Fetch(#[from] FetchError),
}

/// The keys of one issuer.
#[derive(Debug)]
pub struct IssuerKeys {
    issuer: Issuer,
    source: KeySource,
    /// None before they were read for the first time.
    current: RwLock<Option<Arc<Jwks>>>,
    /// One reads them, others wait.
    last: Mutex<Last>,
}

#[derive(Debug, Default)]
struct Last {
    attempt: Option<Instant>,
    success: Option<Instant>,
    stamp: Option<FileStamp>,
}

impl IssuerKeys {
    /// The keys of the issuer, which are not read yet.
    #[must_use]
    pub fn new(issuer: Issuer, source: KeySource) -> Self {
        Self { issuer, source, current: RwLock::default(), last: Mutex::default() }
    }

    /// The issuer.
    #[must_use]
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// Whether they were read.
    #[must_use]
    pub fn are_known(&self) -> bool {
        self.current().is_some()
    }

    /// Reads them for the first time, so that the first pod does not wait for it; a failure is
    /// logged, and the next call tries again after some seconds.
    pub async fn load(&self) {
        self.refresh(None).await;
    }

    /// Verifies the token's signature and its times.
    ///
    /// # Errors
    /// `InvalidTokenException` and `ExpiredTokenException`, which are final, and where there are no
    /// keys `ServiceUnavailableException`, which is no verdict on the token.
    pub(super) async fn verify(
        &self,
        token: &UnverifiedToken,
        now: OffsetDateTime,
    ) -> Result<VerifiedToken, ExchangeError> {
        self.refresh(token.key_id()).await;
        let keys = self.current().ok_or_else(|| {
            let message = format!("The keys of the issuer {} could not be read.", self.issuer);
            ExchangeError::refused("ServiceUnavailableException", message)
        })?;
        let unverified = |error: TokenError| ExchangeError::of_token(&error);
        token.clone().verify(&keys, now).map_err(unverified)
    }

    fn current(&self) -> Option<Arc<Jwks>> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads them again where they are old, or have not the key. Those that are there stay where that
    /// fails, and where they have the key only one token waits for it: an issuer that is slow must not
    /// hold up the pods.
    async fn refresh(&self, key_id: Option<&str>) {
        let has_key = |keys: &Jwks| key_id.is_none_or(|id| keys.key_ids().any(|own| own == id));
        let is_known = || self.current().is_some_and(|keys| has_key(&keys));
        let mut last = match self.last.try_lock() {
            Ok(last) => last,
            Err(_) if is_known() => return,
            Err(_) => self.last.lock().await,
        };
        let stamp = match &self.source {
            KeySource::File(path) => FileStamp::of(path).ok(),
            KeySource::Issuer(_) => None,
        };
        let within = |at: Option<Instant>, time| at.is_some_and(|at| at.elapsed() < time);
        let is_enough = match is_known() {
            true => within(last.success, MAX_AGE) || within(last.attempt, RETRY_INTERVAL),
            false => within(last.attempt, SHORTEST_INTERVAL),
        };
        if is_enough && last.stamp == stamp {
            return;
        }
        last.attempt = Some(Instant::now());
        // Also of a file that cannot be read: it is tried again when it changes.
        last.stamp = stamp;
        match self.read().await {
            Ok(keys) => {
                last.success = Some(Instant::now());
                let keys = Some(Arc::new(keys));
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = keys;
                tracing::debug!(issuer = %self.issuer, "read the issuer's keys");
            }
            Err(error) => {
                tracing::warn!(issuer = %self.issuer, %error, "could not read the issuer's keys");
            }
        }
    }

    async fn read(&self) -> Result<Jwks, KeysError> {
        match &self.source {
            KeySource::File(path) => Ok(Jwks::read(&read_text(path, MAX_KEY_BYTES)?)?),
            KeySource::Issuer(fetcher) => Ok(fetcher.keys(&self.issuer.to_string()).await?.keys),
        }
    }
}
