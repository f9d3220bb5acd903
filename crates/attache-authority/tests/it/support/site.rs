//! An issuer's web site over TLS, with certificates made for the test.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// A chain, the server's own certificate first, and the key of that.
#[derive(Clone)]
pub(crate) struct Chain {
    certificates: Vec<CertificateDer<'static>>,
    key: Vec<u8>,
}

impl Chain {
    /// A server's certificate by an authority that is shown too.
    pub(crate) fn by_authority(host: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let top = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let own = CertificateParams::new([host.to_owned()]).unwrap();
        let own = own.signed_by(&key, &top).unwrap();
        let certificates = vec![own.der().clone(), top.der().clone()];
        Self { certificates, key: key.serialize_der() }
    }

    /// One certificate that signed itself and is an authority too, as `openssl req -x509` makes it.
    pub(crate) fn alone(host: &str, last_year: i32) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([host.to_owned()]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.not_after = rcgen::date_time_ymd(last_year, 1, 1);
        let own = params.self_signed(&key).unwrap();
        Self { certificates: vec![own.der().clone()], key: key.serialize_der() }
    }

    /// The SHA-1 of the last certificate.
    pub(crate) fn thumbprint(&self) -> String {
        use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
        hex::encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, self.certificates.last().unwrap()))
    }

    /// The last certificate as a PEM file.
    pub(crate) fn write_top(&self, folder: &std::path::Path) -> PathBuf {
        use base64::Engine as _;
        let text = base64::engine::general_purpose::STANDARD
            .encode(self.certificates.last().unwrap().as_ref());
        let lines: Vec<&str> =
            text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
        let path = folder.join("top.pem");
        let (begin, end) = ("-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----");
        std::fs::write(&path, format!("{begin}\n{}\n{end}\n", lines.join("\n"))).unwrap();
        path
    }
}

/// What a path is answered with.
#[derive(Clone)]
pub(crate) struct Page {
    pub(crate) status: &'static str,
    pub(crate) headers: String,
    pub(crate) body: String,
    pub(crate) after: Duration,
}

impl Page {
    pub(crate) fn of(body: impl Into<String>) -> Self {
        Self { status: "200 OK", headers: String::new(), body: body.into(), after: Duration::ZERO }
    }
}

/// The site, its pages by path, and the paths that it was asked for.
#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) address: SocketAddr,
    pub(crate) pages: Arc<Mutex<HashMap<String, Page>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Site {
    pub(crate) async fn start(chain: &Chain) -> Self {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                chain.certificates.clone(),
                PrivateKeyDer::Pkcs8(chain.key.clone().into()),
            )
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let site = Self { address, pages: Arc::default(), asked: Arc::default() };
        let own = site.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (acceptor, own) = (acceptor.clone(), own.clone());
                tokio::spawn(async move {
                    // Clients that break off are what the tests are about.
                    if let Ok(stream) = acceptor.accept(stream).await {
                        let _broken = own.answer(stream).await;
                    }
                });
            }
        });
        site
    }

    async fn answer(
        &self,
        mut stream: tokio_rustls::server::TlsStream<tokio::net::TcpStream>,
    ) -> std::io::Result<()> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await?);
        }
        let head = String::from_utf8_lossy(&head);
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        self.asked.lock().unwrap().push(path.clone());
        let none = Page { status: "404 Not Found", ..Page::of("") };
        let page = self.pages.lock().unwrap().get(&path).cloned().unwrap_or(none);
        tokio::time::sleep(page.after).await;
        let Page { status, headers, body, .. } = page;
        let length = body.len();
        let head = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{headers}\r\n");
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(body.as_bytes()).await?;
        stream.shutdown().await
    }

    pub(crate) fn set(&self, path: &str, page: Page) {
        self.pages.lock().unwrap().insert(path.to_owned(), page);
    }

    /// How often a path was asked for.
    pub(crate) fn asked(&self, path: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|own| *own == path).count()
    }
}
