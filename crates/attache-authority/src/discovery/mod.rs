//! The keys of issuers that are not configured: fetched as STS fetches them, from the issuer itself.
//!
//! Knows: how long keys are cached, and how often an issuer may be contacted. Does not know: how a
//! document is fetched, which is `attache-oidc-discovery`'s affair; whether an account has a provider for the
//! issuer: the caller fetches the keys of none without.
//!
//! Start at `Discovery`, which is the cache.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html>

mod cache;

use std::time::Duration;

use attache_oidc_discovery::FetchSettings;
pub(crate) use cache::Discovery;
pub use cache::issuer_failure;

/// How the keys of issuers are fetched.
#[derive(Debug, Clone)]
pub struct DiscoverySettings {
    /// How one is fetched.
    pub fetch: FetchSettings,
    /// How long keys are used before they are fetched again.
    pub max_age: Duration,
    /// How long keys are used of an issuer that no longer answers.
    pub stale_if_error: Duration,
    /// How long an issuer is not contacted again after a fetch; each failure doubles it, up to a
    /// minute.
    pub backoff: Duration,
}

impl Default for DiscoverySettings {
    fn default() -> Self {
        Self {
            fetch: FetchSettings::default(),
            max_age: Duration::from_mins(5),
            stale_if_error: Duration::from_hours(1),
            backoff: Duration::from_secs(2),
        }
    }
}
