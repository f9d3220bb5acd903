//! What all clones of an authority share.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use attache_aws_protocol::call::Inbound;
use attache_ledger::Ledger;
use attache_services::service::Service;

use crate::Quotas;
use crate::decisions::Decisions;
use crate::fixed_keys::FixedKeys;
use crate::jwks_cache::JwksCache;
use crate::laboratory::Laboratory;
use crate::server;

/// The unknown operations that are remembered, so as to log each once. Ours: callers choose the
/// names.
const MOST_UNKNOWN: usize = 1_000;

/// What all clones share.
pub(crate) struct Shared {
    pub(crate) ledger: Ledger,
    pub(crate) issuers: JwksCache,
    pub(crate) quotas: Quotas,
    pub(crate) fixed_keys: FixedKeys,
    pub(crate) laboratory: Laboratory,
    /// The services beside those that every authority has.
    pub(super) services: RwLock<Vec<Arc<dyn Service>>>,
    /// The newest decisions, where they are to be explained.
    pub(crate) decisions: Option<Decisions>,
    /// The unknown operations that were logged.
    pub(super) unknown: Mutex<BTreeSet<String>>,
}

impl Shared {
    /// Logs an operation that no service has, the first time that it is called.
    pub(crate) fn log_unknown(&self, operation: &str) {
        let mut known = self.unknown.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() < MOST_UNKNOWN && known.insert(operation.to_owned()) {
            tracing::warn!(operation, "no service has this operation");
        }
    }

    /// The signing names of all services.
    pub(crate) fn service_names(&self) -> Vec<String> {
        let services = self.services.read().unwrap_or_else(PoisonError::into_inner);
        let added = services.iter().map(|service| service.name().to_owned());
        let mut names: Vec<String> = server::service_names().map(str::to_owned).collect();
        names.extend(added);
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The added service of that name that speaks a call's protocol.
    pub(crate) fn added_service(&self, name: &str, inbound: &Inbound) -> Option<Arc<dyn Service>> {
        self.added_service_that(|service| service.name() == name && service.speaks(inbound))
    }

    /// The first added service of that kind.
    pub(crate) fn added_service_that(
        &self,
        is_meant: impl Fn(&dyn Service) -> bool,
    ) -> Option<Arc<dyn Service>> {
        let services = self.services.read().unwrap_or_else(PoisonError::into_inner);
        services.iter().find(|service| is_meant(service.as_ref())).cloned()
    }
}
