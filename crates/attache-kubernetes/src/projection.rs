//! The kubelet's part: it keeps a pod's token fresh in a file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use time::{Duration, OffsetDateTime};
use tokio_util::sync::CancellationToken;

use crate::volume::{self, Readers};
use crate::{ClusterError, TokenIssuer, TokenRequest, renewal};

/// A projected service-account token: a folder with a file `token` that is renewed in time.
///
/// ```no_run
/// # use std::sync::Arc;
/// # use attache_kubernetes::{Issuer, Projection, TokenRequest, ServiceAccount};
/// # async fn f(issuer: Arc<Issuer>, account: ServiceAccount, folder: &std::path::Path) {
/// let projection = Projection::new(issuer, TokenRequest::new(account), folder);
/// let due = projection.write(time::OffsetDateTime::now_utc()).await.expect("the folder can be written");
/// let stop = tokio_util::sync::CancellationToken::new();
/// let renewing = tokio::spawn(projection.run(due, stop.clone()));
/// // ... the pod reads the file ...
/// stop.cancel();
/// # }
/// ```
pub struct Projection {
    issuer: Arc<dyn TokenIssuer>,
    request: TokenRequest,
    volume: PathBuf,
    readers: Readers,
}

/// The file's name in the volume, as the identity webhook names it.
const TOKEN: &str = "token";

/// Ours: the wait after a failed renewal. A fifth of the token's life is left then, so at least two
/// minutes: time for several attempts.
const RETRY: Duration = Duration::seconds(15);

/// Ours: the longest sleep. A machine that was suspended wakes with its timers late, and the token
/// must not be found expired for longer than this.
const LONGEST_SLEEP: Duration = Duration::minutes(1);

impl Projection {
    /// A projection into that folder, which is made if it is not there. Nothing is written yet.
    pub fn new(
        issuer: Arc<dyn TokenIssuer>,
        request: TokenRequest,
        volume: impl Into<PathBuf>,
    ) -> Self {
        Self { issuer, request, volume: volume.into(), readers: Readers::Owner }
    }

    /// Lets others than the owner read the token.
    #[must_use]
    pub fn readers(mut self, readers: Readers) -> Self {
        self.readers = readers;
        self
    }

    /// The token's file, for `AWS_WEB_IDENTITY_TOKEN_FILE`. The path stays the same at renewals.
    #[must_use]
    pub fn token_file(&self) -> PathBuf {
        self.volume.join(TOKEN)
    }

    /// The folder that the token's file is in.
    #[must_use]
    pub fn volume(&self) -> &Path {
        &self.volume
    }

    /// Issues a token and puts it in the place of the last. Says when to do so again.
    ///
    /// # Errors
    /// When the token cannot be issued or the file not written; the last token stays then.
    pub async fn write(&self, now: OffsetDateTime) -> Result<OffsetDateTime, ClusterError> {
        let token = self.issuer.issue(&self.request, now).await?;
        let (volume, readers) = (self.volume.clone(), self.readers);
        // Away from the runtime's threads: the file is synced to the disk.
        let written = tokio::task::spawn_blocking(move || {
            volume::project(&volume, TOKEN, token.expose().as_bytes(), readers, now)
        });
        written.await.map_err(|error| ClusterError::Write {
            attempt: "write",
            path: self.token_file(),
            source: error.into(),
        })??;
        Ok(renewal(now, self.request.lifetime))
    }

    /// Renews the token at that time and whenever its time has come, until `stop` is cancelled. A
    /// renewal that fails is logged and tried again: the last token is still good.
    pub async fn run(self, mut due: OffsetDateTime, stop: CancellationToken) {
        loop {
            let wait = (due - OffsetDateTime::now_utc()).clamp(Duration::ZERO, LONGEST_SLEEP);
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(wait.unsigned_abs()) => {}
            }
            if OffsetDateTime::now_utc() >= due {
                due = self.renew().await;
            }
        }
    }

    /// One renewal. Says when the next is.
    async fn renew(&self) -> OffsetDateTime {
        let (now, file) = (OffsetDateTime::now_utc(), self.token_file());
        match self.write(now).await {
            Ok(next) => {
                tracing::info!(file = %file.display(), %next, "projected token renewed");
                next
            }
            Err(error) => {
                tracing::warn!(file = %file.display(), error = %error, "projected token not renewed");
                now.saturating_add(RETRY)
            }
        }
    }
}

/// Without its issuer, which can have a key.
impl std::fmt::Debug for Projection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (request, volume) = (&self.request, &self.volume);
        f.debug_struct("Projection")
            .field("request", request)
            .field("volume", volume)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{Issuer, ServiceAccount};

    /// With a lifetime that cannot be requested, so that the test need not wait eight minutes.
    #[tokio::test]
    async fn the_token_is_renewed_before_it_expires() {
        let folder = tempfile::tempdir().unwrap();
        let url = attache_identifiers::Issuer::parse("https://issuer.example").unwrap();
        let key = attache_oidc::SigningKey::generate(attache_oidc::Algorithm::Es256).unwrap();
        let mut request = TokenRequest::new(ServiceAccount::new("a", "b").unwrap());
        request.lifetime = Duration::seconds(1);
        let issuer = Arc::new(Issuer::new(url, key));
        let projection = Projection::new(issuer, request, folder.path());
        let (file, stop) = (projection.token_file(), CancellationToken::new());
        let running = tokio::spawn(projection.run(OffsetDateTime::now_utc(), stop.clone()));
        let started = std::time::Instant::now();
        let mut seen = BTreeSet::new();
        while seen.len() < 3 && started.elapsed().as_secs() < 20 {
            seen.extend(std::fs::read_to_string(&file).ok());
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        stop.cancel();
        running.await.unwrap();
        assert_eq!(seen.len(), 3, "the first, and one every 0.8 s");
        assert!(started.elapsed().as_millis() >= 1600, "and not sooner");
    }
}
