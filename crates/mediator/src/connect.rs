//! How AWS is reached: one pool of connections for the SDK and the scrapers alike.

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{self, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::SharedHttpConnector;

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
        // The library would take text without a certificate for an empty bundle, and then fail
        // where the first connection is made.
        if !pem.windows(BEGIN.len()).any(|window| window == BEGIN) {
            return Err(MediatorError::CaBundle { why: "it has no certificate".to_owned() });
        }
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

const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";
