//! What can be wrong with a certificate.

use attache_files::FileError;

/// Why there is no new certificate.
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
    /// The key generator's.
    #[error("could not make a certificate: {0}")]
    Make(#[from] rcgen::Error),
    /// The API server's.
    #[error("could not {attempt}: {source}")]
    Api {
        /// `read the Secret NAME`...
        attempt: String,
        /// Its answer.
        #[source]
        source: Box<kube::Error>,
    },
}

impl CertificateError {
    pub(super) fn api(attempt: impl Into<String>) -> impl FnOnce(kube::Error) -> Self {
        let attempt = attempt.into();
        move |source| Self::Api { attempt, source: Box::new(source) }
    }
}
