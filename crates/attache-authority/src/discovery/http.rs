//! One discovery: the issuer's document, and the key set that it names.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use attache_oidc::{DISCOVERY_PATH, Jwks};
use attache_services::issuer_keys::Failure;
use bytes::Bytes;
use http::{Request, StatusCode, Uri, header};
use http_body_util::{BodyExt, Empty, Limited};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use tokio_util::task::AbortOnDropHandle;

use super::DiscoverySettings;
use super::address::is_public;
use super::tls::{RootStore, TopCertificates};
use crate::AuthorityError;

/// The most bytes of a document. Ours: a discovery document has some kilobytes, a hundred keys with
/// their certificates some hundred.
const MOST_BYTES: usize = 1024 * 1024;

/// How long one address may take to answer a connection. Ours: a host's other addresses need time
/// too.
const CONNECT_TIME: Duration = Duration::from_secs(2);

/// The discoveries that are under way at once; others wait, within their own time. Ours: each may
/// hold two documents.
const MOST_AT_ONCE: usize = 64;

/// Fetches issuers' keys.
#[derive(Debug)]
pub(super) struct Fetcher {
    settings: DiscoverySettings,
    roots: RootStore,
    free: Semaphore,
}

/// The keys of an issuer.
#[derive(Debug)]
pub(super) struct Fetched {
    pub(super) keys: Jwks,
    /// The top certificates that a provider's thumbprints have to name, SHA-1 in hex; none where a
    /// trusted authority signed the issuer's certificate.
    pub(super) tops: Vec<String>,
}

impl Fetcher {
    pub(super) fn new(settings: DiscoverySettings) -> Result<Self, AuthorityError> {
        let roots = RootStore::new(&settings.authorities)?;
        Ok(Self { settings, roots, free: Semaphore::new(MOST_AT_ONCE) })
    }

    /// An issuer's current keys.
    pub(super) async fn keys(&self, issuer: &str) -> Result<Fetched, Failure> {
        let end = Instant::now() + self.settings.time;
        let Ok(_place) = tokio::time::timeout_at(end, self.free.acquire()).await else {
            return Err(other(format!("{MOST_AT_ONCE} other issuers were being asked")));
        };
        let tops = TopCertificates::default();
        let client = self.roots.client(&tops).map_err(|e| other(e.to_string()))?;
        let connector = TlsConnector::from(Arc::new(client));
        let url = format!("{}{DISCOVERY_PATH}", issuer.trim_end_matches('/'));
        let document = self.get_until(end, &url, &connector).await?;
        let keys_at =
            attache_oidc::keys_url(&document, issuer).map_err(|e| other(format!("{url}: {e}")))?;
        let set = self.get_until(end, &keys_at, &connector).await.map_err(Failure::of_keys)?;
        let keys = Jwks::parse(&set).map_err(|e| other(format!("{keys_at}: {e}")))?;
        Ok(Fetched { keys, tops: tops.presented() })
    }

    async fn get_until(
        &self,
        end: Instant,
        url: &str,
        connector: &TlsConnector,
    ) -> Result<String, Failure> {
        match tokio::time::timeout_at(end, self.get(url, connector)).await {
            Ok(got) => got,
            Err(_) => {
                let time = self.settings.time;
                Err(other(format!("{url}: the issuer took longer than {time:?} in all")))
            }
        }
    }

    /// Fetches a document. Redirects are not followed.
    async fn get(&self, url: &str, connector: &TlsConnector) -> Result<String, Failure> {
        let wrong = |why: String| other(format!("{url}: {why}"));
        let uri: Uri = url.parse().map_err(|_| wrong("it is no URL".to_owned()))?;
        let host = uri.host().filter(|_| uri.scheme_str() == Some("https"));
        let host = host.ok_or_else(|| wrong("it is no https URL".to_owned()))?.to_owned();
        let bare = host.trim_matches(['[', ']']).to_owned();
        let port = uri.port_u16().unwrap_or(443);
        let stream = self.connect(&bare, port).await.map_err(|e| e.at(url))?;
        let name = ServerName::try_from(bare).map_err(|e| wrong(e.to_string()))?;
        let stream = connector.connect(name, stream).await.map_err(|e| wrong(e.to_string()))?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|e| wrong(e.to_string()))?;
        let _driver = AbortOnDropHandle::new(tokio::spawn(connection));
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let authority = uri.port_u16().map_or(host.clone(), |port| format!("{host}:{port}"));
        let request = Request::get(path)
            .header(header::HOST, authority)
            .header(header::ACCEPT, "application/json")
            .body(Empty::<Bytes>::new())
            .map_err(|e| wrong(e.to_string()))?;
        let response = sender.send_request(request).await.map_err(|e| wrong(e.to_string()))?;
        let status = response.status();
        if status.is_redirection() {
            return Err(wrong(format!("it answers {status}; redirects are not followed")));
        }
        if status != StatusCode::OK {
            return Err(wrong(format!("it answers {status}")));
        }
        let body = Limited::new(response.into_body(), MOST_BYTES).collect().await;
        let body = body.map_err(|_| {
            wrong(format!("its answer breaks off, or has more than {MOST_BYTES} bytes"))
        })?;
        String::from_utf8(body.to_bytes().into()).map_err(|_| wrong("it is no UTF-8".to_owned()))
    }

    /// Connects to an address that may be reached. The address that was looked at is the one that is
    /// connected to: the name is asked for once.
    async fn connect(&self, host: &str, port: u16) -> Result<TcpStream, Failure> {
        let mut failed = Failure::Unreached(format!("{host} has no address"));
        for address in self.addresses(host, port).await? {
            let ip = address.ip();
            if !self.settings.private && !is_public(ip) {
                failed = other(format!(
                    "{ip} is a private address; start the authority with --allow-private-issuers"
                ));
                continue;
            }
            let connected = tokio::time::timeout(CONNECT_TIME, TcpStream::connect(address)).await;
            let why = match connected {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(error)) => error.to_string(),
                Err(_) => format!("it took longer than {CONNECT_TIME:?}"),
            };
            failed = Failure::Unreached(format!("could not connect to {address}: {why}"));
        }
        Err(failed)
    }

    async fn addresses(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, Failure> {
        let mut given = self.settings.addresses.iter();
        if let Some((_, address)) = given.find(|(name, _)| name.eq_ignore_ascii_case(host)) {
            return Ok(vec![*address]);
        }
        let found = tokio::net::lookup_host((host, port)).await;
        let found = found.map_err(|e| Failure::Unreached(format!("{host} has no address: {e}")))?;
        Ok(found.collect())
    }
}

fn other(why: String) -> Failure {
    Failure::Other(why)
}
