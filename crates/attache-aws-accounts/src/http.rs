//! How AWS is reached over HTTP: the certificate authorities that are trusted, the proxy, and which
//! endpoint a call went to.

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{self, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use http_body_util::Limited;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

/// Ours: the largest answer of IAM, a page of authorization details, has a few megabytes.
const MAX_ANSWER_BYTES: usize = 64 * 1024 * 1024;

/// The trusted certificate authorities and the proxy. Every client of AWS's is made of one of these,
/// so that they hold for all: the SDK's own default client knows neither.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    context: TlsContext,
    proxy: ProxyConfig,
    /// Whether the certificate authorities were given, and are not the system's.
    given: bool,
}

/// The certificate authorities cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{why}")]
pub struct BadCertificates {
    why: String,
}

impl HttpSettings {
    /// Trusts the system's certificate authorities, or only those of a PEM bundle
    /// (`AWS_CA_BUNDLE`), and goes through a proxy where one is configured
    /// ([`ProxyConfig::from_env`] reads `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`).
    ///
    /// # Errors
    /// When the bundle is not PEM with certificates.
    pub fn new(ca_bundle: Option<&[u8]>, proxy: ProxyConfig) -> Result<Self, BadCertificates> {
        let mut trust = TrustStore::default();
        if let Some(pem) = ca_bundle {
            check(pem)?;
            trust = TrustStore::empty().with_pem_certificate(pem);
        }
        let context = TlsContext::builder().with_trust_store(trust).build();
        let context = context.map_err(|e| BadCertificates { why: e.to_string() })?;
        Ok(Self { context, proxy, given: ca_bundle.is_some() })
    }

    /// The same with these certificate authorities, where none were given before: `AWS_CA_BUNDLE`
    /// comes before a profile's `ca_bundle`.
    pub(crate) fn or_bundle(&self, pem: &[u8]) -> Result<Self, BadCertificates> {
        if self.given { Ok(self.clone()) } else { Self::new(Some(pem), self.proxy.clone()) }
    }

    /// One pool of connections, without time limits of its own.
    #[must_use]
    pub fn connector(&self) -> SharedHttpConnector {
        SharedHttpConnector::new(self.build(None, None))
    }

    /// A client for the SDK, which gives the time limits; a failure names the endpoint.
    #[must_use]
    pub fn client(&self) -> SharedHttpClient {
        let settings = self.clone();
        let client = aws_smithy_http_client::Builder::new().build_with_connector_fn(
            move |limits, components| settings.build(limits.cloned(), components),
        );
        SharedHttpClient::new(Careful { client, bytes: MAX_ANSWER_BYTES })
    }

    /// The same without a proxy: for a container's own credentials endpoint, which no proxy reaches.
    #[must_use]
    pub fn without_proxy(&self) -> Self {
        Self { proxy: ProxyConfig::disabled(), ..self.clone() }
    }

    fn build(
        &self,
        limits: Option<HttpConnectorSettings>,
        components: Option<&RuntimeComponents>,
    ) -> Connector {
        let mut builder = Connector::builder().proxy_config(self.proxy.clone());
        builder.set_connector_settings(limits);
        builder.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        builder
            .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc))
            .tls_context(self.context.clone())
            .build()
    }
}

/// Reads the bundle as the TLS library will, which does not survive one that it cannot read.
fn check(pem: &[u8]) -> Result<(), BadCertificates> {
    let wrong = |why: String| BadCertificates { why };
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

/// Where an answer came from: scheme and host. The SDK's errors do not say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoint(pub(crate) String);

/// No answer from an endpoint.
#[derive(Debug, thiserror::Error)]
#[error("could not reach {endpoint}")]
pub(crate) struct Unreached {
    pub(crate) endpoint: String,
    #[source]
    source: ConnectorError,
}

/// A client for the SDK over a pool of connections that is there, whose answers fail beyond so many
/// bytes: the SDK itself reads an answer to whatever end it has.
#[must_use]
pub fn bounded_client(connector: SharedHttpConnector, bytes: usize) -> SharedHttpClient {
    let client = http_client_fn(move |_, _| connector.clone());
    SharedHttpClient::new(Careful { client, bytes })
}

/// A client whose answers and failures carry their [`Endpoint`], and whose answers have an end.
#[derive(Debug)]
struct Careful {
    client: SharedHttpClient,
    bytes: usize,
}

impl HttpClient for Careful {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let connector = self.client.http_connector(settings, components);
        SharedHttpConnector::new(CarefulConnector { connector, bytes: self.bytes })
    }
}

#[derive(Debug)]
struct CarefulConnector {
    connector: SharedHttpConnector,
    bytes: usize,
}

impl HttpConnector for CarefulConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let endpoint = endpoint(request.uri());
        let (answer, bytes) = (self.connector.call(request), self.bytes);
        HttpConnectorFuture::new(async move {
            match answer.await {
                Ok(answer) => {
                    let mut answer =
                        answer.map(|body| SdkBody::from_body_1_x(Limited::new(body, bytes)));
                    answer.add_extension(Endpoint(endpoint));
                    Ok(answer)
                }
                Err(error) => Err(unreached(endpoint, error)),
            }
        })
    }
}

/// The same kind of failure, which decides whether the SDK tries again, with the endpoint.
fn unreached(endpoint: String, source: ConnectorError) -> ConnectorError {
    let (timeout, io, user, kind) =
        (source.is_timeout(), source.is_io(), source.is_user(), source.as_other());
    let error = Box::new(Unreached { endpoint, source });
    match (timeout, io, user) {
        (true, ..) => ConnectorError::timeout(error),
        (_, true, _) => ConnectorError::io(error),
        (.., true) => ConnectorError::user(error),
        _ => ConnectorError::other(error, kind),
    }
}

/// Scheme, host and port of a URL, without a path or anything that could be a secret.
fn endpoint(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{host}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_that_is_none_is_refused() {
        for bundle in [
            "",
            "hello",
            "-----BEGIN CERTIFICATE-----\n",
            "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ] {
            let refused = HttpSettings::new(Some(bundle.as_bytes()), ProxyConfig::disabled());
            assert!(refused.is_err(), "{bundle:?}");
        }
    }

    #[test]
    fn an_endpoint_is_named_without_what_could_be_secret() {
        for (url, shown) in [
            ("https://sts.us-east-1.amazonaws.com/", "https://sts.us-east-1.amazonaws.com"),
            ("http://u:p@127.0.0.1:1/x?token=y", "http://127.0.0.1:1"),
            ("http://[::1]:1", "http://[::1]:1"),
        ] {
            assert_eq!(endpoint(url), shown);
        }
    }
}
