//! One discovery: the issuer's document, and the key set that it names.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode, Uri, header};
use http_body_util::{BodyExt, Empty, Limited};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use token::{DISCOVERY_PATH, Jwks};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::Failure;
use super::address::is_public;
use super::tls::{Authorities, NO_THUMBPRINT};
use crate::AuthorityError;

/// The most bytes of a document. Ours: a discovery document has some kilobytes, a hundred keys with
/// their certificates some hundred.
const MOST_BYTES: usize = 1024 * 1024;

/// Asks issuers.
#[derive(Debug)]
pub(super) struct Fetcher {
    private: bool,
    time: Duration,
    authorities: Authorities,
}

impl Fetcher {
    pub(super) fn new(
        private: bool,
        time: Duration,
        authorities: &[PathBuf],
    ) -> Result<Self, AuthorityError> {
        Ok(Self { private, time, authorities: Authorities::new(authorities)? })
    }

    /// An issuer's keys as it tells them now.
    pub(super) async fn keys(&self, issuer: &str, thumbprints: &[String]) -> Result<Jwks, Failure> {
        let asked = self.ask(issuer, thumbprints);
        match tokio::time::timeout(self.time, asked).await {
            Ok(got) => got,
            Err(_) => Err(other(format!("{issuer} took longer than {:?}", self.time))),
        }
    }

    async fn ask(&self, issuer: &str, thumbprints: &[String]) -> Result<Jwks, Failure> {
        let client = self.authorities.client(thumbprints).map_err(|e| other(e.to_string()))?;
        let connector = TlsConnector::from(Arc::new(client));
        let url = format!("{}{DISCOVERY_PATH}", issuer.trim_end_matches('/'));
        let document = self.get(&url, &connector).await?;
        let keys_at =
            token::keys_url(&document, issuer).map_err(|e| other(format!("{url}: {e}")))?;
        let set = self.get(&keys_at, &connector).await?;
        Jwks::parse(&set).map_err(|e| other(format!("{keys_at}: {e}")))
    }

    /// Fetches a document. Redirects are not followed.
    async fn get(&self, url: &str, connector: &TlsConnector) -> Result<String, Failure> {
        let wrong = |why: String| other(format!("{url}: {why}"));
        let uri: Uri = url.parse().map_err(|_| wrong("it is no URL".to_owned()))?;
        let host = uri.host().filter(|_| uri.scheme_str() == Some("https"));
        let host = host.ok_or_else(|| wrong("it is no https URL".to_owned()))?.to_owned();
        let bare = host.trim_matches(['[', ']']).to_owned();
        let port = uri.port_u16().unwrap_or(443);
        let stream = self.connect(&bare, port).await.map_err(wrong)?;
        let name = ServerName::try_from(bare).map_err(|e| wrong(e.to_string()))?;
        let stream = connector.connect(name, stream).await.map_err(|e| of_tls(url, &e))?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|e| wrong(e.to_string()))?;
        // Ends with the connection, which ends with the sender.
        let driver = tokio::spawn(connection);
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let authority = uri.authority().map_or(host.as_str(), |authority| authority.as_str());
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
        driver.abort();
        let body = body.map_err(|_| {
            wrong(format!("its answer breaks off, or has more than {MOST_BYTES} bytes"))
        })?;
        String::from_utf8(body.to_bytes().into()).map_err(|_| wrong("it is no UTF-8".to_owned()))
    }

    /// Connects to an address that may be reached. The address that was looked at is the one that is
    /// connected to: the name is asked for once.
    async fn connect(&self, host: &str, port: u16) -> Result<TcpStream, String> {
        let found = tokio::net::lookup_host((host, port)).await;
        let found: Vec<SocketAddr> = found.map_err(|e| format!("no address: {e}"))?.collect();
        let mut last = format!("{host} has no address");
        for address in found {
            if !self.private && !is_public(address.ip()) {
                last = format!(
                    "{} is a private address; start the authority with --allow-private-issuers",
                    address.ip()
                );
                continue;
            }
            match TcpStream::connect(address).await {
                Ok(stream) => return Ok(stream),
                Err(error) => last = format!("could not connect to {address}: {error}"),
            }
        }
        Err(last)
    }
}

fn other(why: String) -> Failure {
    Failure::Other(why)
}

fn of_tls(url: &str, error: &std::io::Error) -> Failure {
    let why = format!("{url}: {error}");
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(rustls::Error::General(said)) if said == NO_THUMBPRINT => Failure::Thumbprint(why),
        _ => other(why),
    }
}
