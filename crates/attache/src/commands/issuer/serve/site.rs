//! The two documents of a folder, as they are served, read again when they change.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use attache_identifiers::Issuer;
use attache_oidc::{DISCOVERY_PATH, JWKS_PATH, Jwks, keys_url};
use bytes::Bytes;
use miette::miette;

use crate::input::{self, MAX_KEY_BYTES};

/// Ours: a rotation of keys waits for hours; a mounted ConfigMap takes a minute.
const INTERVAL: Duration = Duration::from_secs(2);

/// A folder's documents. Both are checked before they are served, and one that does not pass changes nothing.
#[derive(Debug)]
pub(super) struct Site {
    issuer: Issuer,
    folder: PathBuf,
    current: RwLock<Arc<Documents>>,
}

#[derive(Debug, PartialEq, Eq)]
struct Documents {
    discovery: Bytes,
    keys: Bytes,
}

impl Site {
    /// Reads the folder.
    pub(super) fn open(issuer: Issuer, folder: PathBuf) -> miette::Result<Self> {
        let current = RwLock::new(Arc::new(read(&issuer, &folder)?));
        Ok(Self { issuer, folder, current })
    }

    /// What is served, at its path; none at any other.
    pub(super) fn document(&self, path: &str) -> Option<Bytes> {
        let current = Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner));
        let [discovery, keys] = self.paths();
        if path == discovery {
            Some(current.discovery.clone())
        } else if path == keys {
            Some(current.keys.clone())
        } else {
            None
        }
    }

    /// The path of the discovery document, and of the keys.
    pub(super) fn paths(&self) -> [String; 2] {
        let url = self.issuer.as_str().trim_end_matches('/');
        let host_and_path = url.split_once("://").map_or(url, |(_, rest)| rest);
        let base = host_and_path.find('/').map_or("", |at| &host_and_path[at..]);
        [DISCOVERY_PATH, JWKS_PATH].map(|path| format!("{base}{path}"))
    }

    /// Follows the folder for ever.
    pub(super) async fn watch(self: &Arc<Self>) {
        let mut said = String::new();
        loop {
            tokio::time::sleep(INTERVAL).await;
            let site = Arc::clone(self);
            let read = tokio::task::spawn_blocking(move || site.refresh()).await;
            match read {
                Ok(Ok(true)) => {
                    said.clear();
                    tracing::info!("new documents from {}", self.folder.display());
                }
                Ok(Ok(false)) => said.clear(),
                Ok(Err(error)) => {
                    // Once, however long it stays so.
                    if error.to_string() != said {
                        said = error.to_string();
                        tracing::error!("the documents stay as they were: {said}");
                    }
                }
                Err(_) => return,
            }
        }
    }

    /// Reads the folder again. Says whether that was a change.
    fn refresh(&self) -> miette::Result<bool> {
        let found = read(&self.issuer, &self.folder)?;
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let changed = **current != found;
        if changed {
            *current = Arc::new(found);
        }
        Ok(changed)
    }
}

/// Both documents, if AWS would find keys by them.
fn read(issuer: &Issuer, folder: &std::path::Path) -> miette::Result<Documents> {
    let text = |path: &str| {
        let file = folder.join(path.trim_start_matches('/'));
        input::read(&file, MAX_KEY_BYTES).map_err(|error| {
            let publish = format!(
                "attache issuer publish --issuer {issuer} --keys FILE --out {}",
                folder.display()
            );
            miette!(help = publish, "there is no document to serve: {error}")
        })
    };
    let (discovery, keys) = (text(DISCOVERY_PATH)?, text(JWKS_PATH)?);
    let failed = |why: String| miette!("could not serve {} as {issuer}: {why}", folder.display());
    let url = keys_url(&discovery, issuer.as_str()).map_err(|error| failed(error.to_string()))?;
    let own = format!("{}{JWKS_PATH}", issuer.as_str().trim_end_matches('/'));
    if url != own {
        return Err(failed(format!("its jwks_uri is {url}, expected {own}")));
    }
    let found = Jwks::examine(&keys).map_err(|error| failed(error.to_string()))?;
    if !found.iter().any(|key| key.problem.is_none()) {
        return Err(failed("its key set has no key that AWS uses".to_owned()));
    }
    Ok(Documents { discovery: discovery.into(), keys: keys.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_paths_are_below_the_issuers() {
        for (issuer, base) in [
            ("https://a.example", ""),
            ("https://a.example/", ""),
            ("https://a.example/x/y", "/x/y"),
        ] {
            let site = Site {
                issuer: Issuer::parse(issuer).unwrap(),
                folder: PathBuf::new(),
                current: RwLock::new(Arc::new(Documents {
                    discovery: Bytes::from_static(b"d"),
                    keys: Bytes::from_static(b"k"),
                })),
            };
            let at = |path: &str| site.document(&format!("{base}{path}"));
            assert_eq!(
                at("/.well-known/openid-configuration").as_deref(),
                Some(&b"d"[..]),
                "{issuer}"
            );
            assert_eq!(at("/jwks.json").as_deref(), Some(&b"k"[..]), "{issuer}");
            for path in ["", "/", "/jwks.json/", "/../jwks.json", "/sa.key"] {
                assert!(at(path).is_none(), "{issuer}{path}");
            }
        }
    }
}
