//! The file of pod identities, which another program replaces: read again and again, without a notification. A
//! mounted ConfigMap is a link that is switched, which notifications miss.

use std::path::Path;

use attache_admission::PodIdentities;
use attache_files::FileError;
use attache_serving::{INTERVAL, read};

use crate::shared::Shared;

/// Ours: of a hundred thousand service accounts, ten megabytes.
const MOST_IDENTITIES_BYTES: u64 = 32 * 1024 * 1024;

/// The file of pod identities, and what it had last.
#[derive(Debug)]
pub(crate) struct IdentityFile<'p> {
    path: &'p Path,
    last: Option<String>,
}

impl<'p> IdentityFile<'p> {
    pub(crate) fn new(path: &'p Path) -> Self {
        Self { path, last: None }
    }

    /// Reads it. One that cannot be read changes nothing; one that is not there has nobody.
    pub(crate) async fn read(&mut self, identities: &Shared<PodIdentities>) {
        let text = match read(self.path, MOST_IDENTITIES_BYTES).await {
            Ok(text) => text,
            Err(FileError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
                String::new()
            }
            Err(error) => return tracing::error!("{error}"),
        };
        if self.last.as_ref() == Some(&text) {
            return;
        }
        match PodIdentities::read(&text) {
            Ok(read) => {
                tracing::info!("{} has {} pod identities", self.path.display(), read.len());
                identities.set(read);
            }
            Err(error) => tracing::error!("{}: {error}", self.path.display()),
        }
        self.last = Some(text);
    }

    /// Follows it for ever.
    pub(crate) async fn watch(mut self, identities: &Shared<PodIdentities>) {
        loop {
            tokio::time::sleep(INTERVAL).await;
            self.read(identities).await;
        }
    }
}
