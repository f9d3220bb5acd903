//! How AWS is reached: one pool of connections for the SDK and the scrapers alike.

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{self, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
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
