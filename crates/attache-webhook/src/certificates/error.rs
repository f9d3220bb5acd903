//! What can be wrong with a certificate.

/// Why there is no new certificate.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// It cannot be shown.
    #[error(transparent)]
    Serving(#[from] attache_serving::CertificateError),
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
