//! The files of the associations, read again when they change.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use attache_files::{FileStamp, MAX_DOCUMENT_BYTES, read_text};
use attache_manifests::TextFile;
use tokio::time::{Duration, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use super::{Associations, AssociationsError};
use crate::Exchange;

/// Ours: how often it is looked whether a file changed. The kubelet takes a minute to write a changed
/// `ConfigMap` into a pod.
const INTERVAL: Duration = Duration::from_secs(1);

/// The associations as the files have them now.
#[derive(Debug)]
pub struct AssociationsFile {
    paths: Vec<PathBuf>,
    cluster: Option<String>,
    current: RwLock<Arc<Associations>>,
    stamps: Mutex<Stamps>,
}

type Stamps = Vec<Option<FileStamp>>;

impl AssociationsFile {
    /// Reads the files.
    ///
    /// # Errors
    /// [`AssociationsError`].
    pub fn open(paths: Vec<PathBuf>, cluster: Option<String>) -> Result<Self, AssociationsError> {
        let stamps = stamps(&paths);
        let read = read(&paths, cluster.as_deref())?;
        let (current, stamps) = (RwLock::new(Arc::new(read)), Mutex::new(stamps));
        Ok(Self { paths, cluster, current, stamps })
    }

    /// The associations.
    #[must_use]
    pub fn current(&self) -> Arc<Associations> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the files again where one changed, and says whether the associations did. Files that
    /// cannot be used leave them as they were: a writer may be half through, and a mistake must not
    /// take every pod's credentials.
    ///
    /// # Errors
    /// [`AssociationsError`], once for each state of the files.
    pub fn reload(&self) -> Result<bool, AssociationsError> {
        let mut last = self.stamps.lock().unwrap_or_else(PoisonError::into_inner);
        let now = stamps(&self.paths);
        if *last == now {
            return Ok(false);
        }
        *last = now;
        let read = read(&self.paths, self.cluster.as_deref())?;
        if *self.current() == read {
            return Ok(false);
        }
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(read);
        Ok(true)
    }

    /// Reads changed files until `stop`, and drops the credentials of associations that changed.
    pub async fn watch(&self, exchange: &Exchange, stop: CancellationToken) {
        let mut ticks = tokio::time::interval(INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while stop.run_until_cancelled(ticks.tick()).await.is_some() {
            match self.reload() {
                Ok(false) => {}
                Ok(true) => {
                    exchange.drop_changed();
                    let associations = self.current().len();
                    tracing::info!(associations, "read the associations again");
                }
                Err(error) => tracing::warn!(%error, "kept the earlier associations"),
            }
        }
    }
}

fn stamps(paths: &[PathBuf]) -> Stamps {
    paths.iter().map(|path| FileStamp::of(path).ok()).collect()
}

fn read(paths: &[PathBuf], cluster: Option<&str>) -> Result<Associations, AssociationsError> {
    let mut files = Vec::new();
    for path in paths {
        let text = read_text(path, MAX_DOCUMENT_BYTES)?;
        files.push(TextFile::new(path.display().to_string(), text));
    }
    Associations::read(&files, cluster)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: &str =
        "{namespace: a, serviceAccount: b, roleArn: 'arn:aws:iam::111111111111:role/R'}";

    #[test]
    fn a_change_is_read_and_a_mistake_keeps_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("associations.yaml");
        let write = |text: String| {
            // As the kubelet does: another file in its place.
            let beside = folder.path().join("new");
            std::fs::write(&beside, text).unwrap();
            std::fs::rename(&beside, &path).unwrap();
        };
        write(format!("associations: [{ROW}]"));
        let file = AssociationsFile::open(vec![path.clone()], None).unwrap();
        assert_eq!(file.current().len(), 1);
        assert!(!file.reload().unwrap());
        write(format!("# a comment\nassociations: [{ROW}]"));
        assert!(!file.reload().unwrap(), "the rows are the same");
        write("associations: [{}]".to_owned());
        assert!(file.reload().is_err());
        assert!(!file.reload().unwrap(), "told once");
        assert_eq!(file.current().len(), 1);
        std::fs::remove_file(&path).unwrap();
        assert!(file.reload().is_err());
        assert_eq!(file.current().len(), 1);
        write("associations: []".to_owned());
        assert!(file.reload().unwrap());
        assert!(file.current().is_empty());
    }
}
