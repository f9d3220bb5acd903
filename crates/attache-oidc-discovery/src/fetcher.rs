//! One discovery: the issuer's document, and the key set that it names.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use attache_oidc::{DISCOVERY_PATH, Jwks};
use bytes::Bytes;
use http::{Request, StatusCode, Uri, header};
use http_body_util::{BodyExt, Empty, Limited};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use tokio_util::task::AbortOnDropHandle;

use crate::address::is_public;
use crate::tls::{RootStore, TopCertificates};
use crate::{FetchError, FetchProblem, FetchSettings, SettingsError};

/// The most bytes of a document. Ours: a discovery document has some kilobytes, a hundred keys with
/// their certificates some hundred.
pub const MOST_BYTES: usize = 1024 * 1024;

/// How long one address may take to answer a connection. Ours: a host's other addresses need time
/// too.
const CONNECT_TIME: Duration = Duration::from_secs(2);

/// The discoveries that are under way at once; others wait, within their own time. Ours: each may
/// hold two documents.
const MOST_AT_ONCE: usize = 64;

/// Fetches issuers' keys.
#[derive(Debug)]
pub struct Fetcher {
    settings: FetchSettings,
    roots: RootStore,
    free: Semaphore,
}

/// The keys of an issuer.
#[derive(Debug)]
pub struct IssuerKeys {
    /// The keys.
    pub keys: Jwks,
    /// The top certificates that a provider's thumbprints have to name, SHA-1 in hex; none where a
    /// trusted authority signed the issuer's certificate.
    pub tops: Vec<String>,
}

/// One discovery that is under way: both documents are fetched within its time.
pub struct Discovery<'f> {
    settings: &'f FetchSettings,
    connector: TlsConnector,
    tops: TopCertificates,
    /// Whether a certificate was accepted.
    connected: AtomicBool,
    end: Instant,
    _place: SemaphorePermit<'f>,
}

/// A document as it was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// All of it.
    pub text: String,
    /// Its `Content-Type`, if that is text.
    pub media_type: Option<String>,
}

impl Fetcher {
    /// A fetcher by these settings.
    ///
    /// # Errors
    /// When a certificate authority's file cannot be read.
    pub fn new(settings: FetchSettings) -> Result<Self, SettingsError> {
        let roots = RootStore::new(&settings.authorities)?;
        Ok(Self { settings, roots, free: Semaphore::new(MOST_AT_ONCE) })
    }

    /// An issuer's current keys.
    ///
    /// # Errors
    /// [`FetchError`], of either document; [`FetchError::url`] says which.
    pub async fn keys(&self, issuer: &str) -> Result<IssuerKeys, FetchError> {
        let discovery = self.begin(issuer).await?;
        let url = discovery_url(issuer);
        let document = discovery.get(&url).await?.text;
        let keys_at = attache_oidc::keys_url(&document, issuer)
            .map_err(|e| failed(&url, FetchProblem::Document(e)))?;
        let set = discovery.get(&keys_at).await?.text;
        let keys = Jwks::parse(&set).map_err(|e| failed(&keys_at, FetchProblem::Document(e)))?;
        Ok(IssuerKeys { keys, tops: discovery.top_certificates() })
    }

    /// Begins a discovery: from now its time runs.
    ///
    /// # Errors
    /// When too many others are under way.
    pub async fn begin(&self, issuer: &str) -> Result<Discovery<'_>, FetchError> {
        let end = Instant::now() + self.settings.time;
        let Ok(Ok(place)) = tokio::time::timeout_at(end, self.free.acquire()).await else {
            return Err(failed(issuer, FetchProblem::Busy(MOST_AT_ONCE)));
        };
        let tops = TopCertificates::default();
        let client = self.roots.client(&tops);
        let client = client.map_err(|e| failed(issuer, FetchProblem::TlsSetup(e)))?;
        let connector = TlsConnector::from(Arc::new(client));
        Ok(Discovery {
            settings: &self.settings,
            connector,
            tops,
            connected: AtomicBool::new(false),
            end,
            _place: place,
        })
    }
}

/// Where an issuer's discovery document is.
#[must_use]
pub fn discovery_url(issuer: &str) -> String {
    format!("{}{DISCOVERY_PATH}", issuer.trim_end_matches('/'))
}

impl Discovery<'_> {
    /// Fetches a document. Redirects are not followed.
    ///
    /// # Errors
    /// [`FetchError`].
    pub async fn get(&self, url: &str) -> Result<Document, FetchError> {
        match tokio::time::timeout_at(self.end, self.fetch(url)).await {
            Ok(got) => got.map_err(|problem| failed(url, problem)),
            Err(_) => Err(failed(url, FetchProblem::Time(self.settings.time))),
        }
    }

    /// The SHA-1 thumbprints of the top certificates so far that no trusted authority stands for.
    #[must_use]
    pub fn top_certificates(&self) -> Vec<String> {
        self.tops.presented()
    }

    /// Whether a server's certificate was accepted, if only by its thumbprint.
    #[must_use]
    pub fn has_connected(&self) -> bool {
        self.connected.load(Ordering::Relaxed)
    }

    async fn fetch(&self, url: &str) -> Result<Document, FetchProblem> {
        let uri: Uri = url.parse().map_err(|_| FetchProblem::Url)?;
        let host = uri.host().filter(|_| uri.scheme_str() == Some("https"));
        let host = host.ok_or(FetchProblem::Scheme)?.to_owned();
        let bare = host.trim_matches(['[', ']']).to_owned();
        let port = uri.port_u16().unwrap_or(443);
        let stream = self.connect(&bare, port).await?;
        let name = ServerName::try_from(bare).map_err(FetchProblem::TlsName)?;
        let stream = self.connector.connect(name, stream).await.map_err(FetchProblem::Tls)?;
        self.connected.store(true, Ordering::Relaxed);
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(FetchProblem::Http)?;
        let _driver = AbortOnDropHandle::new(tokio::spawn(connection));
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let authority = uri.port_u16().map_or(host.clone(), |port| format!("{host}:{port}"));
        let request = Request::get(path)
            .header(header::HOST, authority)
            .header(header::ACCEPT, "application/json")
            .body(Empty::<Bytes>::new())
            .map_err(FetchProblem::Request)?;
        let response = sender.send_request(request).await.map_err(FetchProblem::Http)?;
        let status = response.status();
        if status.is_redirection() {
            return Err(FetchProblem::Redirect(status));
        }
        if status != StatusCode::OK {
            return Err(FetchProblem::Status(status));
        }
        let media_type = response.headers().get(header::CONTENT_TYPE);
        let media_type = media_type.and_then(|value| value.to_str().ok()).map(str::to_owned);
        let body = Limited::new(response.into_body(), MOST_BYTES).collect().await;
        let body = body.map_err(|_| FetchProblem::Body(MOST_BYTES))?;
        let text = String::from_utf8(body.to_bytes().into()).map_err(|_| FetchProblem::NotUtf8)?;
        Ok(Document { text, media_type })
    }

    /// Connects to an address that may be reached. The address that was looked at is the one that is
    /// connected to: the name is asked for once.
    async fn connect(&self, host: &str, port: u16) -> Result<TcpStream, FetchProblem> {
        let mut last = FetchProblem::NoAddress { host: host.to_owned(), source: None };
        for address in self.addresses(host, port).await? {
            let ip = address.ip();
            if !self.settings.private && !is_public(ip) {
                last = FetchProblem::Private(ip);
                continue;
            }
            let connected = tokio::time::timeout(CONNECT_TIME, TcpStream::connect(address)).await;
            last = match connected {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(source)) => FetchProblem::Connect { address, source },
                Err(_) => FetchProblem::ConnectTime { address, time: CONNECT_TIME },
            };
        }
        Err(last)
    }

    async fn addresses(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, FetchProblem> {
        let mut given = self.settings.addresses.iter();
        if let Some((_, address)) = given.find(|(name, _)| name.eq_ignore_ascii_case(host)) {
            return Ok(vec![*address]);
        }
        match tokio::net::lookup_host((host, port)).await {
            Ok(found) => Ok(found.collect()),
            Err(error) => {
                Err(FetchProblem::NoAddress { host: host.to_owned(), source: Some(error) })
            }
        }
    }
}

impl std::fmt::Debug for Discovery<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Discovery(..)")
    }
}

fn failed(url: &str, problem: FetchProblem) -> FetchError {
    FetchError { url: url.to_owned(), problem }
}
