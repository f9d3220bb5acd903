//! The keys of issuers that were not given: fetched as STS fetches them, from the issuer itself.
//!
//! Knows: how an issuer is asked (TLS, no redirects, no private addresses, five seconds, so many
//! bytes), how long its keys are believed, and how often it may be asked. Does not know: whether
//! anybody registered the issuer; it is asked for none that nobody did.
//!
//! Start at `Discovery`, which is what is remembered; `http` is one fetch.
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

/// How issuers are asked for their keys.
#[derive(Debug, Clone)]
pub struct DiscoverySettings {
    /// Whether an issuer may be on this machine or in a private network.
    pub private: bool,
    /// PEM files of certificate authorities that are believed besides the system's.
    pub authorities: Vec<PathBuf>,
    /// Where hosts are that nobody is asked for: a host's name, and its address and port. It must be
    /// a public address like any other, unless private ones are allowed.
    pub addresses: Vec<(String, SocketAddr)>,
    /// How long all of a discovery may take. AWS's is five seconds.
    pub time: Duration,
    /// How long keys are believed before the issuer is asked again.
    pub fresh: Duration,
    /// How long keys are used of an issuer that no longer answers.
    pub stale: Duration,
    /// How long an issuer is left in peace after it was asked; each failure doubles it, up to a
    /// minute.
    pub pause: Duration,
}

impl Default for DiscoverySettings {
    fn default() -> Self {
        Self {
            private: false,
            authorities: Vec::new(),
            addresses: Vec::new(),
            time: Duration::from_secs(5),
            fresh: Duration::from_mins(5),
            stale: Duration::from_hours(1),
            pause: Duration::from_secs(2),
        }
    }
}
