//! The keys of the issuers that tokens come from.
//!
//! Knows: which key set belongs to an issuer, and when its file was changed. The keys of an
//! issuer that is not configured are fetched from it, where discovery is on.

use std::collections::HashMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use attache_files::{FileError, FileStamp};
use attache_identifiers::Issuer;
use attache_oidc::Jwks;
use attache_services::issuer_keys::{IssuerKeys, KeyRequest, Known};

use crate::discovery::Discovery;
use crate::error::JwksFileError;
use crate::{AuthorityError, DiscoverySettings};

/// Ours: a key set of a hundred keys with their certificates has some hundred kilobytes.
const MOST_BYTES: u64 = 1024 * 1024;

/// How long a file is taken to be unchanged. Ours: a removed key
/// is used for so long at most, and to check for each token would cost a tenth of verifying its
/// signature. An added key is used at once, for an unknown one is looked up in the file.
const CHECK_INTERVAL: Duration = Duration::from_millis(1);

/// The key sets by their issuer's URL.
#[derive(Debug)]
pub(crate) struct JwksCache {
    given: HashMap<String, Keys>,
    discovery: Option<Arc<Discovery>>,
}

#[derive(Debug)]
enum Keys {
    Given(Arc<Jwks>),
    File { path: PathBuf, read: RwLock<Read> },
}

/// A file as it was when it was last read.
#[derive(Debug)]
struct Read {
    stamp: FileStamp,
    jwks: Arc<Jwks>,
    /// When it was last checked to be unchanged.
    checked: Instant,
}

impl IssuerKeys for JwksCache {
    fn known(&self, issuer: &str, kid: Option<&str>, thumbprints: &[String]) -> Option<Known> {
        match (self.keys(issuer, kid), &self.discovery) {
            (Some(keys), _) => Some(Known::Keys(keys)),
            (None, Some(discovery)) => Some(discovery.known(issuer, kid, thumbprints)),
            (None, None) => None,
        }
    }
}

impl JwksCache {
    /// These keys, and those of these files.
    pub(crate) fn new(
        given: Vec<(Issuer, Jwks)>,
        files: Vec<(Issuer, PathBuf)>,
        discovery: Option<DiscoverySettings>,
    ) -> Result<Self, AuthorityError> {
        let mut all = HashMap::new();
        for (issuer, jwks) in given {
            all.insert(issuer.to_string(), Keys::Given(Arc::new(jwks)));
        }
        for (issuer, path) in files {
            let read = read(&path).map_err(|source| AuthorityError::IssuerKeys {
                issuer: issuer.clone(),
                path: path.clone(),
                source,
            })?;
            all.insert(issuer.to_string(), Keys::File { path, read: RwLock::new(read) });
        }
        let discovery = discovery.map(Discovery::new).transpose()?.map(Arc::new);
        Ok(Self { given: all, discovery })
    }

    /// Fetches an issuer's keys.
    pub(crate) async fn fetch(&self, wanted: &KeyRequest) {
        if let Some(discovery) = &self.discovery {
            discovery.fetch(wanted).await;
        }
    }

    /// A given issuer's keys as they are now. A file that became unreadable keeps its last good keys: a
    /// writer may be half through.
    fn keys(&self, issuer: &str, kid: Option<&str>) -> Option<Arc<Jwks>> {
        let (path, read) = match self.given.get(issuer)? {
            Keys::Given(jwks) => return Some(Arc::clone(jwks)),
            Keys::File { path, read } => (path, read),
        };
        {
            let last = read.read().unwrap_or_else(PoisonError::into_inner);
            let has_key = kid.is_some_and(|kid| last.jwks.key_ids().any(|id| id == kid));
            if has_key && last.checked.elapsed() < CHECK_INTERVAL {
                return Some(Arc::clone(&last.jwks));
            }
        }
        let mut last = read.write().unwrap_or_else(PoisonError::into_inner);
        last.checked = Instant::now();
        if FileStamp::of(path).ok().as_ref() != Some(&last.stamp) {
            match self::read(path) {
                Ok(new) => {
                    tracing::info!(issuer, path = %path.display(), "read the issuer's keys again");
                    *last = new;
                }
                Err(error) => {
                    let error = &error as &dyn Error;
                    tracing::warn!(issuer, path = %path.display(), error, "kept the issuer's earlier keys");
                }
            }
        }
        Some(Arc::clone(&last.jwks))
    }
}

fn read(path: &Path) -> Result<Read, JwksFileError> {
    let failed = |source| FileError::Io { attempt: "read", path: path.to_owned(), source };
    // Stamped before it is read: a change in between is then seen the next time.
    let (checked, stamp) = (Instant::now(), FileStamp::of(path).map_err(failed)?);
    // Within the limit also where a length says nothing, as a device's.
    let text = attache_files::read_text(path, MOST_BYTES)?;
    let jwks = Jwks::parse(&text)?;
    Ok(Read { stamp, jwks: Arc::new(jwks), checked })
}
