//! How AWS is reached: one pool of connections for the SDK and the scrapers alike.

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{self, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use http_body_util::Limited;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use crate::MediatorError;

/// A connector that trusts the system's CAs, or only those of a PEM bundle (`AWS_CA_BUNDLE`), and
/// goes through a proxy where one is configured.
///
/// # Errors
/// [`MediatorError::CaBundle`] when the bundle is not PEM.
pub fn connector(
    ca_bundle: Option<&[u8]>,
    proxy: ProxyConfig,
) -> Result<SharedHttpConnector, MediatorError> {
    let mut trust = TrustStore::default();
    if let Some(pem) = ca_bundle {
        check(pem)?;
        trust = TrustStore::empty().with_pem_certificate(pem);
    }
    let context = TlsContext::builder().with_trust_store(trust).build();
    let context = context.map_err(|e| MediatorError::CaBundle { why: e.to_string() })?;
    let connector = aws_smithy_http_client::Connector::builder()
        .proxy_config(proxy)
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc))
        .tls_context(context)
        .build();
    Ok(SharedHttpConnector::new(connector))
}

/// The same connector for the SDK, which itself reads an answer to whatever end it has.
pub(crate) fn bounded(connector: SharedHttpConnector, bytes: usize) -> SharedHttpConnector {
    SharedHttpConnector::new(Bounded { connector, bytes })
}

/// A connector whose answers fail beyond so many bytes.
#[derive(Debug)]
struct Bounded {
    connector: SharedHttpConnector,
    bytes: usize,
}

impl HttpConnector for Bounded {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (answer, bytes) = (self.connector.call(request), self.bytes);
        HttpConnectorFuture::new(async move {
            let answer = answer.await?;
            Ok(answer.map(|body| SdkBody::from_body_1_x(Limited::new(body, bytes))))
        })
    }
}

/// Makes sure that an endpoint is one before anything is sent there.
///
/// # Errors
/// [`MediatorError::Endpoint`]: `localhost:4566`, which is easily written, is no URL.
pub(crate) fn endpoint(url: &str) -> Result<(), MediatorError> {
    let wrong = |why: &str| MediatorError::Endpoint { url: url.to_owned(), why: why.to_owned() };
    let uri: http::Uri = url.parse().map_err(|e| wrong(&format!("{e}")))?;
    let host = uri.host().unwrap_or_default();
    match uri.scheme_str() {
        Some("http" | "https") if uri.query().is_some() => Err(wrong("it has a query")),
        Some("http" | "https") if !host.is_empty() => Ok(()),
        Some("http" | "https") => Err(wrong("it names no host")),
        _ => Err(wrong("it begins with neither http:// nor https://")),
    }
}

/// Reads the bundle as the TLS library will, which does not survive one that it cannot read.
fn check(pem: &[u8]) -> Result<(), MediatorError> {
    let wrong = |why: String| MediatorError::CaBundle { why };
    let mut count = 0;
    for certificate in CertificateDer::pem_slice_iter(pem) {
        count += 1;
        let certificate = certificate.map_err(|e| wrong(format!("certificate {count}: {e}")))?;
        webpki::anchor_from_trusted_cert(&certificate)
            .map_err(|e| wrong(format!("certificate {count}: {e}")))?;
    }
    if count == 0 {
        return Err(wrong("it has no certificate".to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_a_url_of_http() {
        for url in ["http://127.0.0.1:4566", "https://aws.example/base/", "http://[::1]:1"] {
            assert!(endpoint(url).is_ok(), "{url}");
        }
        for url in [
            "",
            "not a url",
            "127.0.0.1:9",
            "localhost:4566",
            "ftp://x",
            "http://",
            "/x",
            "http://x/?a=b",
        ] {
            assert!(matches!(endpoint(url), Err(MediatorError::Endpoint { .. })), "{url:?}");
        }
    }

    #[test]
    fn a_bundle_that_is_none_is_refused() {
        for bundle in [
            "",
            "hello",
            "-----BEGIN CERTIFICATE-----\n",
            "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ] {
            let refused = connector(Some(bundle.as_bytes()), ProxyConfig::disabled());
            assert!(matches!(refused, Err(MediatorError::CaBundle { .. })), "{bundle:?}");
        }
    }
}
