//! A certificate and a key in files, such as cert-manager's Secret as a mounted volume. They are read again and
//! again, without a notification: a mounted Secret is a link that is switched, which notifications miss.

use std::path::{Path, PathBuf};
use std::time::Duration;

use attache_files::{FileError, MAX_KEY_BYTES, read_text};
use attache_identifiers::Secret;

use crate::{CertificateError, KeyPair, ServingCertificate};

/// How often a followed file is read. Ours: the kubelet itself takes a minute.
pub const INTERVAL: Duration = Duration::from_secs(5);

/// Reads a file as a task of its own: a disk can be slow.
///
/// # Errors
/// As [`read_text`].
pub async fn read(path: &Path, limit: u64) -> Result<String, FileError> {
    let own = path.to_owned();
    let read = tokio::task::spawn_blocking(move || read_text(&own, limit)).await;
    read.unwrap_or_else(|_| {
        let source = std::io::Error::other("the reading task ended");
        Err(FileError::Io { attempt: "read", path: path.to_owned(), source })
    })
}

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
