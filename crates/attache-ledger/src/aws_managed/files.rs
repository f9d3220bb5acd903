//! AWS-managed policies from files.

use std::path::{Path, PathBuf};

use attache_identifiers::Arn;
use serde::Deserialize;
use serde_json::Value;

use super::Source;
use crate::LedgerError;

/// A file as it is published.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Published {
    arn: String,
    default_version_id: String,
    document: Value,
}

/// Ours: AWS's largest document has about a hundred kilobytes.
const MOST_BYTES: u64 = 1024 * 1024;

/// Reads every `.json` file of a directory.
pub(super) fn directory(directory: &Path) -> Result<Vec<Source>, LedgerError> {
    let failed = |source| LedgerError::File {
        attempt: "read the directory of managed policies",
        path: directory.to_path_buf(),
        source,
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
    files.sort();
    files.into_iter().map(file).collect()
}

fn file(path: PathBuf) -> Result<Source, LedgerError> {
    let wrong = |why: String| LedgerError::ManagedPolicy { path: path.clone(), why };
    let length = std::fs::metadata(&path).map_err(|e| wrong(e.to_string()))?.len();
    if length > MOST_BYTES {
        return Err(wrong(format!(
            "it has {length} bytes, more than the {MOST_BYTES} that are read"
        )));
    }
    let text = attache_files::read_text(&path, MOST_BYTES).map_err(|e| wrong(e.to_string()))?;
    let read: Published = serde_json::from_str(&text).map_err(|e| wrong(e.to_string()))?;
    let arn = Arn::parse(&read.arn).map_err(|e| wrong(e.to_string()))?;
    let place = arn.resource().strip_prefix("policy/").filter(|_| arn.account().is_none());
    let Some(place) = place else {
        return Err(wrong(format!("{} is not the ARN of an AWS-managed policy", read.arn)));
    };
    let (path_of, name) = match place.rsplit_once('/') {
        Some((path, name)) => (format!("/{path}/"), name),
        None => ("/".to_owned(), place),
    };
    let version = read.default_version_id.strip_prefix('v').and_then(|number| number.parse().ok());
    let version = version.ok_or_else(|| wrong("its DefaultVersionId is not like v1".to_owned()))?;
    let document =
        serde_json::to_string_pretty(&read.document).map_err(|e| wrong(e.to_string()))?;
    let (path_of, name) = (path_of, name.to_owned());
    Ok(Source { from: path, path: path_of, name, version, description: None, document })
}
