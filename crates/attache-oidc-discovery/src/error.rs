//! Why a document of an issuer could not be fetched.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use attache_oidc::OidcError;
use http::StatusCode;

/// A fetch that failed.
#[derive(Debug, thiserror::Error)]
#[error("{url}: {problem}")]
pub struct FetchError {
    /// What was fetched.
    pub url: String,
    /// Why it failed.
    pub problem: FetchProblem,
}

/// Why a fetch failed.
#[derive(Debug, thiserror::Error)]
pub enum FetchProblem {
    /// Too many fetches were under way. Our own limit.
    #[error("{0} other issuers were being asked")]
    Busy(usize),
    /// The whole of the discovery took too long.
    #[error("the issuer took longer than {0:?} in all")]
    Time(Duration),
    /// It is no URL.
    #[error("it is no URL")]
    Url,
    /// It is a URL of another scheme.
    #[error("it is no https URL")]
    Scheme,
    /// The host's name leads nowhere.
    #[error("{host} has no address{}", because(.source.as_ref()))]
    NoAddress {
        /// The host.
        host: String,
        /// The resolver's error, if it gave one.
        source: Option<std::io::Error>,
    },
    /// The host is not on the public internet.
    #[error(
        "{0} is a private address, which AWS does not reach; --allow-private-issuers allows it"
    )]
    Private(IpAddr),
    /// The host does not answer.
    #[error("could not connect to {address}: {source}")]
    Connect {
        /// Which of its addresses.
        address: SocketAddr,
        /// The operating system's error.
        source: std::io::Error,
    },
    /// The host does not answer in time.
    #[error("could not connect to {address}: it took longer than {time:?}")]
    ConnectTime {
        /// Which of its addresses.
        address: SocketAddr,
        /// How long it was waited for.
        time: Duration,
    },
    /// The certificates could not be read, or the host has no name that they can be for.
    #[error("{0}")]
    TlsSetup(#[source] rustls::Error),
    /// The host's name cannot be in a certificate.
    #[error("{0}")]
    TlsName(#[source] rustls::pki_types::InvalidDnsNameError),
    /// The certificate or the handshake.
    #[error("{0}")]
    Tls(#[source] std::io::Error),
    /// The answer is no HTTP.
    #[error("{0}")]
    Http(#[source] hyper::Error),
    /// The request could not be written.
    #[error("{0}")]
    Request(#[source] http::Error),
    /// It leads somewhere else, and is not followed.
    #[error("it answers {0}; redirects are not followed")]
    Redirect(StatusCode),
    /// Another status than 200.
    #[error("it answers {0}")]
    Status(StatusCode),
    /// The answer is not whole, or too long.
    #[error("its answer breaks off, or has more than {0} bytes")]
    Body(usize),
    /// The answer is no text.
    #[error("it is no UTF-8")]
    NotUtf8,
    /// The document is not one of the issuer.
    #[error("{0}")]
    Document(#[source] OidcError),
}

fn because(source: Option<&std::io::Error>) -> String {
    source.map(|error| format!(": {error}")).unwrap_or_default()
}

impl FetchProblem {
    /// Whether the host could not be reached at all, for which STS has an answer of its own.
    #[must_use]
    pub fn is_unreached(&self) -> bool {
        matches!(self, Self::NoAddress { .. } | Self::Connect { .. } | Self::ConnectTime { .. })
    }
}

/// Why a [`crate::Fetcher`] could not be made.
#[derive(Debug, thiserror::Error)]
#[error("could not read the certificate authority {}; give a PEM file", path.display())]
pub struct SettingsError {
    /// The file.
    pub path: PathBuf,
    /// Why not.
    pub source: CertificateFileError,
}

/// Why a file is not one of certificates.
#[derive(Debug, thiserror::Error)]
pub enum CertificateFileError {
    /// It could not be read, or is no PEM.
    #[error("the file could not be read as PEM")]
    Pem(#[source] rustls::pki_types::pem::Error),
    /// A certificate in it is malformed.
    #[error("a certificate in it cannot be used")]
    Certificate(#[source] rustls::Error),
    /// It is PEM without a certificate.
    #[error("it has no certificate")]
    Empty,
}
