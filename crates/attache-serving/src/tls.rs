//! The server's side of TLS.

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::version::{TLS12, TLS13};
use tokio_rustls::TlsAcceptor;

use crate::ServingCertificate;

/// TLS 1.2 and 1.3, with the certificate that is shown at the time.
///
/// # Errors
/// When the library does not support these versions.
pub fn acceptor(certificate: ServingCertificate) -> Result<TlsAcceptor, rustls::Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13, &TLS12])?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(certificate));
    Ok(TlsAcceptor::from(Arc::new(config)))
}
