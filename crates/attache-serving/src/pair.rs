//! A certificate chain with its key, as PEM.

use std::sync::Arc;

use attache_identifiers::Secret;
use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use time::OffsetDateTime;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::CertificateError;

/// A certificate chain with its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPair {
    /// The chain in PEM, the server's own certificate first.
    pub chain: String,
    /// The key in PEM.
    pub key: Secret,
}

/// The times between which a certificate is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// Its begin.
    pub not_before: OffsetDateTime,
    /// Its end.
    pub not_after: OffsetDateTime,
}

impl KeyPair {
    /// What the server shows, and when it is valid.
    ///
    /// # Errors
    /// When one of both cannot be read, or they do not fit together.
    pub fn certified(&self) -> Result<(Arc<CertifiedKey>, Validity), CertificateError> {
        let chain = certificates(&self.chain)?;
        let key = PrivateKeyDer::from_pem_slice(self.key.expose().as_bytes())
            .map_err(CertificateError::Pem)?;
        let validity = validity(&chain)?;
        let key = any_supported_type(&key).map_err(CertificateError::Key)?;
        let certified = CertifiedKey::new(chain, key);
        // A certificate of another key is found here, and not by the first client.
        certified.keys_match().map_err(CertificateError::Key)?;
        Ok((Arc::new(certified), validity))
    }
}

/// All certificates of a PEM text, one at least.
///
/// # Errors
/// When it is no PEM, or has none.
pub fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, CertificateError> {
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    let all = all.map_err(CertificateError::Pem)?;
    if all.is_empty() { Err(CertificateError::None) } else { Ok(all) }
}

/// That of the first certificate.
///
/// # Errors
/// When there is none, or it is not of X.509.
pub fn validity(chain: &[CertificateDer<'_>]) -> Result<Validity, CertificateError> {
    let first = chain.first().ok_or(CertificateError::None)?;
    let (_, parsed) = X509Certificate::from_der(first).map_err(|_| CertificateError::NotX509)?;
    let of = |timestamp| {
        OffsetDateTime::from_unix_timestamp(timestamp).map_err(|_| CertificateError::NotX509)
    };
    let validity = parsed.validity();
    let not_before = of(validity.not_before.timestamp())?;
    Ok(Validity { not_before, not_after: of(validity.not_after.timestamp())? })
}
