//! Fetches an OpenID Connect issuer's discovery document and keys, as STS does.
//!
//! Knows: https, certificates and their thumbprints, which addresses are private, that no redirect is
//! followed, the limits of time and size. Every reason why a fetch fails is a variant of
//! [`FetchProblem`].
//!
//! Does not know: accounts and their providers, how long keys are cached, what a token is.
//!
//! Start at [`Fetcher`].
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html>

mod address;
mod error;
mod fetcher;
mod tls;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

pub use error::{CertificateFileError, FetchError, FetchProblem, SettingsError};
pub use fetcher::{Discovery, Document, Fetcher, IssuerKeys, MOST_BYTES, discovery_url};

/// How long all of a discovery may take on AWS.
pub const AWS_TIME: Duration = Duration::from_secs(5);

/// How documents are fetched.
#[derive(Debug, Clone)]
pub struct FetchSettings {
    /// Whether an issuer may be on this machine or in a private network.
    pub private: bool,
    /// PEM files of certificate authorities that are trusted besides the system's.
    pub authorities: Vec<PathBuf>,
    /// The addresses of hosts that are not looked up in DNS: a host's name, its address and port. It
    /// must be a public address like any other, unless private ones are allowed.
    pub addresses: Vec<(String, SocketAddr)>,
    /// How long all of a discovery may take: [`AWS_TIME`].
    pub time: Duration,
}

impl Default for FetchSettings {
    fn default() -> Self {
        Self { private: false, authorities: Vec::new(), addresses: Vec::new(), time: AWS_TIME }
    }
}
