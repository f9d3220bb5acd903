//! The keys of the issuers that tokens come from.
//!
//! Knows: which key set belongs to an issuer, and when its file was changed. Nothing is fetched
//! from the network: an issuer that was not given has no keys.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use names::Issuer;
use token::Jwks;

use crate::AuthorityError;

/// Ours: a key set of a hundred keys with their certificates has some hundred kilobytes.
const MOST_BYTES: u64 = 1024 * 1024;

/// The key sets by their issuer's URL.
#[derive(Debug, Default)]
pub(crate) struct IssuerKeys(HashMap<String, Keys>);

#[derive(Debug)]
enum Keys {
    Given(Arc<Jwks>),
    File { path: PathBuf, read: Mutex<Read> },
}

/// A file as it was when it was last read.
#[derive(Debug)]
struct Read {
    stamp: Stamp,
    jwks: Arc<Jwks>,
}

/// What tells two states of a file apart: a writer who replaces it makes another inode, one who
/// writes into it another time or length.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
    inode: u64,
}

impl IssuerKeys {
    /// These keys, and those of these files.
    pub(crate) fn new(
        given: Vec<(Issuer, Jwks)>,
        files: Vec<(Issuer, PathBuf)>,
    ) -> Result<Self, AuthorityError> {
        let mut all = HashMap::new();
        for (issuer, jwks) in given {
            all.insert(issuer.to_string(), Keys::Given(Arc::new(jwks)));
        }
        for (issuer, path) in files {
            let read = read(&path).map_err(|why| AuthorityError::IssuerKeys {
                issuer: issuer.clone(),
                path: path.clone(),
                why,
            })?;
            all.insert(issuer.to_string(), Keys::File { path, read: Mutex::new(read) });
        }
        Ok(Self(all))
    }

    /// An issuer's keys as they are now. A file that became unreadable keeps its last good keys: a
    /// writer may be half through.
    pub(crate) fn keys(&self, issuer: &str) -> Option<Arc<Jwks>> {
        match self.0.get(issuer)? {
            Keys::Given(jwks) => Some(Arc::clone(jwks)),
            Keys::File { path, read: last } => {
                let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
                if stamp(path).ok().as_ref() != Some(&last.stamp) {
                    match read(path) {
                        Ok(new) => {
                            tracing::info!(issuer, path = %path.display(), "read the issuer's keys again");
                            *last = new;
                        }
                        Err(why) => {
                            tracing::warn!(issuer, path = %path.display(), why, "kept the issuer's earlier keys");
                        }
                    }
                }
                Some(Arc::clone(&last.jwks))
            }
        }
    }
}

fn read(path: &Path) -> Result<Read, String> {
    // Stamped before it is read: a change in between is then seen the next time.
    let stamp = stamp(path).map_err(|e| e.to_string())?;
    if stamp.length > MOST_BYTES {
        let length = stamp.length;
        return Err(format!("it has {length} bytes, more than the {MOST_BYTES} that are read"));
    }
    let text = fs::read_to_string(path).map_err(|e| e.to_string())?;
    let jwks = Jwks::parse(&text).map_err(|e| e.to_string())?;
    Ok(Read { stamp, jwks: Arc::new(jwks) })
}

fn stamp(path: &Path) -> std::io::Result<Stamp> {
    let about = fs::metadata(path)?;
    #[cfg(unix)]
    let inode = std::os::unix::fs::MetadataExt::ino(&about);
    #[cfg(not(unix))]
    let inode = 0;
    Ok(Stamp { modified: about.modified().ok(), length: about.len(), inode })
}
