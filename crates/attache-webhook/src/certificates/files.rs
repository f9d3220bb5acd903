//! A certificate and a key in files, such as cert-manager's Secret as a mounted volume.

use std::path::PathBuf;

use attache_files::MAX_KEY_BYTES;
use attache_identifiers::Secret;

use super::{CertificateError, KeyPair, ServingCertificate};
use crate::files::{INTERVAL, read};

/// The two files.
#[derive(Debug, Clone)]
pub struct FollowedFiles {
    /// The chain in PEM, the server's own certificate first.
    pub certificate: PathBuf,
    /// The key in PEM.
    pub key: PathBuf,
}

impl FollowedFiles {
    /// Reads them, and shows what they have. Says whether it is another certificate than before.
    ///
    /// # Errors
    /// When they cannot be read, or do not fit together.
    pub async fn load(&self, serving: &ServingCertificate) -> Result<bool, CertificateError> {
        let chain = read(&self.certificate, MAX_KEY_BYTES).await?;
        let key = Secret::new(read(&self.key, MAX_KEY_BYTES).await?);
        serving.replace(KeyPair { chain, key })
    }

    /// Follows them for ever. While one of them was renewed and the other not yet, they do not fit, and the
    /// pair before stays.
    pub async fn watch(&self, serving: &ServingCertificate) {
        loop {
            tokio::time::sleep(INTERVAL).await;
            match self.load(serving).await {
                Ok(true) => tracing::info!("a new certificate from {}", self.certificate.display()),
                Ok(false) => {}
                Err(error) => tracing::error!("the certificate stays as it was: {error}"),
            }
        }
    }
}
