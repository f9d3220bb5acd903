//! A Secret as the kubelet mounts it: a folder with a file for each key.
//!
//! The kubelet writes the files into a folder `..2026_11_27_...`, which `..data` leads to and each
//! key through it. Source: <https://kubernetes.io/docs/concepts/storage/volumes/#secret>.

use std::path::{Path, PathBuf};

use attache_files::{FileError, MAX_KEY_BYTES, read_text};

use crate::ManifestError;
use crate::secrets::content::Content;
use crate::secrets::keys::{REGION, ROLE};
use crate::secrets::origin::{Entry, Origin, Place};
use crate::secrets::role::{self, Role};

/// The folder of a Secret in a folder of Secrets: the one of its name, or the folder itself, where it
/// has that name and the Secret's keys.
pub(super) fn folder(folder: &Path, name: &str) -> Option<PathBuf> {
    // A name is a DNS subdomain in Kubernetes: nothing that leads out of the folder.
    if name.is_empty() || name.contains(['/', '\\']) || name.starts_with('.') {
        return None;
    }
    let own = folder.join(name);
    if own.is_dir() {
        return Some(own);
    }
    let itself = folder.file_name().is_some_and(|own| own == name) && is_one_secret(folder);
    itself.then(|| folder.to_owned())
}

/// Whether a folder is a Secret itself, mounted where a folder of Secrets was expected.
pub(super) fn is_one_secret(folder: &Path) -> bool {
    folder.join(ROLE).is_file()
}

/// The names of the Secrets in a folder.
pub(super) fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let folders = entries.filter(|entry| entry.path().is_dir());
    let names = folders.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| !name.starts_with('.')).collect()
}

/// Reads a Secret from its folder.
pub(super) fn role(folder: &Path, name: &str) -> Result<Role, ManifestError> {
    let entries = entries(folder)?;
    role::read(name, None, &entries, &Origin::Folder(folder))
}

/// A file for each key, in the order of their names.
fn entries(folder: &Path) -> Result<Vec<Entry>, FileError> {
    let fail = |source| FileError::Io { attempt: "read", path: folder.to_owned(), source };
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fail)? {
        let path = entry.map_err(fail)?.path();
        let Some(key) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if key.starts_with("..") || !path.is_file() {
            continue;
        }
        let content = match read_text(&path, MAX_KEY_BYTES) {
            Ok(text) => Content::Text(text),
            Err(FileError::NotUtf8 { .. }) => Content::Binary,
            // What others put there need not be readable for us.
            Err(_) if key != ROLE && key != REGION => continue,
            Err(error) => return Err(error),
        };
        entries.push(Entry { key: key.to_owned(), content, at: Place::File(path) });
    }
    entries.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(entries)
}
