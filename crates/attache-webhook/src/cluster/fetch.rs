//! A service account that was not seen yet: its pod can come before the watch does.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use attache_admission::{AccountAnnotations, Settings};
use k8s_openapi::api::core::v1::ServiceAccount;
use kube::{Api, Client};
use tokio::sync::{OnceCell, Semaphore};

/// The original's: so many are asked for at once.
const MOST_AT_ONCE: usize = 10;

/// What the API server says of a service account.
#[derive(Debug, Clone)]
pub enum Fetched {
    /// It is there.
    Found(Arc<AccountAnnotations>),
    /// It does not exist.
    Absent,
    /// It could not be asked.
    Failed(FetchError),
}

/// Why the API server did not say.
#[derive(Debug, Clone, thiserror::Error)]
pub enum FetchError {
    /// It took too long.
    #[error("the API server did not answer within {0:?}")]
    Timeout(Duration),
    /// It refused, or was not reached.
    #[error("the API server could not be asked: {0}")]
    Api(#[source] Arc<kube::Error>),
}

type Flight = Arc<OnceCell<Fetched>>;

/// Asks for single service accounts, each only once at a time.
pub struct Fetcher {
    client: Client,
    settings: Arc<Settings>,
    limit: Duration,
    permits: Semaphore,
    flights: Mutex<HashMap<(String, String), Flight>>,
}

impl Fetcher {
    /// `limit` is for everything: waiting for one's turn, too.
    #[must_use]
    pub fn new(client: Client, settings: Arc<Settings>, limit: Duration) -> Self {
        let permits = Semaphore::new(MOST_AT_ONCE);
        Self { client, settings, limit, permits, flights: Mutex::default() }
    }

    /// Asks for one. Those that ask for the same one at the same time share the answer.
    pub async fn fetch(&self, namespace: &str, name: &str) -> Fetched {
        let key = (namespace.to_owned(), name.to_owned());
        let flight = Arc::clone(self.flights().entry(key.clone()).or_default());
        let fetched = flight.get_or_init(|| self.bounded(namespace, name)).await.clone();
        let mut flights = self.flights();
        if flights.get(&key).is_some_and(|current| Arc::ptr_eq(current, &flight)) {
            flights.remove(&key);
        }
        fetched
    }

    async fn bounded(&self, namespace: &str, name: &str) -> Fetched {
        let fetched = tokio::time::timeout(self.limit, self.ask(namespace, name)).await;
        fetched.unwrap_or(Fetched::Failed(FetchError::Timeout(self.limit)))
    }

    async fn ask(&self, namespace: &str, name: &str) -> Fetched {
        // It is never closed.
        let _permit = self.permits.acquire().await;
        let api: Api<ServiceAccount> = Api::namespaced(self.client.clone(), namespace);
        match api.get_metadata_opt(name).await {
            Ok(Some(found)) => {
                let annotations = found.metadata.annotations.as_ref();
                Fetched::Found(Arc::new(AccountAnnotations::of(annotations, &self.settings)))
            }
            Ok(None) => Fetched::Absent,
            Err(error) => Fetched::Failed(FetchError::Api(Arc::new(error))),
        }
    }

    fn flights(&self) -> std::sync::MutexGuard<'_, HashMap<(String, String), Flight>> {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fetcher").field("limit", &self.limit).finish_non_exhaustive()
    }
}
