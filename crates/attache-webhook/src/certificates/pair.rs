//! A certificate chain with its key, as PEM.

use std::sync::Arc;

use attache_identifiers::Secret;
use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use time::OffsetDateTime;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::CertificateError;

/// A certificate chain with its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPair {
    /// The chain in PEM, the server's own certificate first.
    pub chain: String,
    /// The key in PEM.
    pub key: Secret,
}

/// The days between which a certificate is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Validity {
    pub(super) not_before: OffsetDateTime,
    pub(super) not_after: OffsetDateTime,
}

impl KeyPair {
    /// What the server shows, and when it is valid.
    pub(super) fn certified(&self) -> Result<(Arc<CertifiedKey>, Validity), CertificateError> {
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

/// All certificates of a PEM text.
pub(super) fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, CertificateError> {
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    let all = all.map_err(CertificateError::Pem)?;
    if all.is_empty() { Err(CertificateError::None) } else { Ok(all) }
}

/// That of the first certificate.
pub(super) fn validity(chain: &[CertificateDer<'_>]) -> Result<Validity, CertificateError> {
    let first = chain.first().ok_or(CertificateError::None)?;
    let (_, parsed) = X509Certificate::from_der(first).map_err(|_| CertificateError::NotX509)?;
    let of = |timestamp| {
        OffsetDateTime::from_unix_timestamp(timestamp).map_err(|_| CertificateError::NotX509)
    };
    let validity = parsed.validity();
    let not_before = of(validity.not_before.timestamp())?;
    Ok(Validity { not_before, not_after: of(validity.not_after.timestamp())? })
}
