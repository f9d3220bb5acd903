//! What all clones of an authority share.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use attache_aws_protocol::serve::Backend;
use attache_ledger::Ledger;

use crate::Quotas;
use crate::decisions::Decisions;
use crate::jwks_cache::JwksCache;

/// The unknown operations that are remembered, so as to log each once. Ours: whoever calls chooses
/// the names.
const MOST_UNKNOWN: usize = 1_000;

/// What all clones share.
pub(crate) struct Shared {
    pub(crate) ledger: Ledger,
    pub(crate) issuers: JwksCache,
    pub(crate) quotas: Quotas,
    pub(super) backends: RwLock<Vec<Arc<dyn Backend>>>,
    /// The newest decisions, where they are to be explained.
    pub(crate) decisions: Option<Decisions>,
    /// The operations that nobody answers, once they were logged.
    pub(super) unknown: Mutex<BTreeSet<String>>,
}

impl Shared {
    /// Logs an operation that nobody answers, the first time that it is asked for.
    pub(crate) fn log_unknown(&self, operation: &str) {
        let mut known = self.unknown.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() < MOST_UNKNOWN && known.insert(operation.to_owned()) {
            tracing::warn!(operation, "an operation that is not answered here");
        }
    }

    /// The first backend that answers for a service.
    pub(crate) fn backend(&self, service: &str) -> Option<Arc<dyn Backend>> {
        let backends = self.backends.read().unwrap_or_else(PoisonError::into_inner);
        backends.iter().find(|backend| backend.services().contains(&service)).cloned()
    }
}
