//! What can be wrong with a certificate.

use attache_files::FileError;

/// Why a certificate cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// Not PEM.
    #[error("not a certificate and a key in PEM: {0}")]
    Pem(#[source] rustls_pki_types::pem::Error),
    /// A certificate without the rest.
    #[error("expected at least one certificate")]
    None,
    /// Not a certificate.
    #[error("not an X.509 certificate")]
    NotX509,
    /// A key that does not fit, or of a kind that is not supported.
    #[error("the certificate and the key do not fit together: {0}")]
    Key(#[source] rustls::Error),
}
