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
mod http;
mod remembered;
mod tls;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use attache_oidc::Jwks;

pub(crate) use remembered::Discovery;

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

/// An issuer that has to be asked before a call can be judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) issuer: String,
}

/// Why an issuer's keys could not be had, in words for the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The issuer's host has no address, or nobody answers there.
    Unreached(String),
    /// Its certificate is of no authority that is believed, nor of a thumbprint.
    Thumbprint(String),
    /// Anything else.
    Other(String),
}

impl Failure {
    /// The same, with what was fetched.
    fn at(self, url: &str) -> Self {
        match self {
            Self::Unreached(why) => Self::Unreached(format!("{url}: {why}")),
            Self::Thumbprint(why) => Self::Thumbprint(format!("{url}: {why}")),
            Self::Other(why) => Self::Other(format!("{url}: {why}")),
        }
    }

    /// The same of the key set: STS tells a key set out of reach as it tells any bad one.
    fn of_keys(self) -> Self {
        match self {
            Self::Unreached(why) => Self::Other(why),
            other => other,
        }
    }

    /// What went wrong.
    pub(crate) fn why(&self) -> &str {
        match self {
            Self::Unreached(why) | Self::Thumbprint(why) | Self::Other(why) => why,
        }
    }
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
