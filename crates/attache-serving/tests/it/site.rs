//! A server that runs, its clients, and certificates.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use attache_identifiers::Secret;
use attache_serving::{KeyPair, Limits, ServingCertificate, acceptor, serve};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_util::sync::CancellationToken;

pub(crate) const HOST: &str = "serving.example";

pub(crate) const LIMITS: Limits = Limits {
    connections: 8,
    handshake: Duration::from_millis(300),
    head: Duration::from_millis(300),
    head_bytes: 8192,
    end: Duration::from_secs(2),
};

pub(crate) struct Site {
    pub(crate) address: SocketAddr,
    pub(crate) stop: CancellationToken,
    pub(crate) served: JoinHandle<()>,
}

impl Site {
    /// Answers with the path, after the milliseconds that it names.
    pub(crate) async fn start(limits: Limits, certificate: Option<ServingCertificate>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
        let tls = certificate.map(|certificate| acceptor(certificate).unwrap());
        let answer = |request: Request<hyper::body::Incoming>| async move {
            let path = request.uri().path().trim_start_matches('/').to_owned();
            tokio::time::sleep(Duration::from_millis(path.parse().unwrap_or(0))).await;
            Response::new(Full::new(Bytes::from(format!("after {path}"))))
        };
        let served = tokio::spawn(serve(listener, tls, limits, stop.clone(), answer));
        Self { address, stop, served }
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }
}

/// What comes of a request, until the server closes; nothing where it closed without an answer.
pub(crate) async fn ask<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, path: &str) -> String {
    let head = format!("GET /{path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n");
    if stream.write_all(head.as_bytes()).await.is_err() {
        return String::new();
    }
    rest(stream).await
}

pub(crate) async fn rest<S: AsyncRead + Unpin>(mut stream: S) -> String {
    let mut text = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut text)).await;
    let _closed = read.expect("the server closes");
    String::from_utf8(text).unwrap()
}

/// An authority, which clients trust.
pub(crate) struct Authority(CertifiedIssuer<'static, rcgen::KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut of = CertificateParams::default();
        of.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(of, rcgen::KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn sign(&self) -> KeyPair {
        let of = CertificateParams::new([HOST.to_owned()]).unwrap();
        let key = rcgen::KeyPair::generate().unwrap();
        let chain = of.signed_by(&key, &self.0).unwrap().pem();
        KeyPair { chain, key: Secret::new(key.serialize_pem()) }
    }

    /// A connection of a client that trusts this authority alone.
    pub(crate) async fn connect(&self, to: &Site) -> std::io::Result<TlsStream<TcpStream>> {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from(HOST).unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, to.connect().await).await
    }
}

/// The certificate that a client was shown, in DER.
pub(crate) fn shown(stream: &TlsStream<TcpStream>) -> Vec<u8> {
    stream.get_ref().1.peer_certificates().unwrap()[0].to_vec()
}
