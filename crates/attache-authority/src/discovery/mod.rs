//! The keys of issuers that are not configured: fetched as STS fetches them, from the issuer itself.
//!
//! Knows: how keys are fetched (TLS, no redirects, no private addresses, five seconds, a limit of
//! bytes), how long they are cached, and how often an issuer may be contacted. Does not know: whether
//! an account has a provider for the issuer; the caller fetches the keys of none without.
//!
//! Start at `Discovery`, which is the cache; `http` is one fetch.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html>

mod address;
mod cache;
mod http;
mod tls;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

pub(crate) use cache::Discovery;

/// How the keys of issuers are fetched.
#[derive(Debug, Clone)]
pub struct DiscoverySettings {
    /// Whether an issuer may be on this machine or in a private network.
    pub private: bool,
    /// PEM files of certificate authorities that are trusted besides the system's.
    pub authorities: Vec<PathBuf>,
    /// The addresses of hosts that are not looked up in DNS: a host's name, its address and port. It
    /// must be a public address like any other, unless private ones are allowed.
    pub addresses: Vec<(String, SocketAddr)>,
    /// How long all of a discovery may take. AWS's is five seconds.
    pub time: Duration,
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
            private: false,
            authorities: Vec::new(),
            addresses: Vec::new(),
            time: Duration::from_secs(5),
            max_age: Duration::from_mins(5),
            stale_if_error: Duration::from_hours(1),
            backoff: Duration::from_secs(2),
        }
    }
}
