//! AWS-managed policies from files.

use std::path::{Path, PathBuf};

use attache_identifiers::Arn;
use serde::Deserialize;
use serde_json::Value;

use super::Source;
use crate::{LedgerError, ManagedPolicyError};

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
    match published(&path) {
        Ok(source) => Ok(source),
        Err(source) => Err(LedgerError::ManagedPolicy { path, source: Box::new(source) }),
    }
}

fn published(path: &Path) -> Result<Source, ManagedPolicyError> {
    let text = attache_files::read_text(path, MOST_BYTES)?;
    let read: Published = serde_json::from_str(&text)?;
    let arn = Arn::parse(&read.arn)?;
    let named = arn.resource().strip_prefix("policy/").filter(|_| arn.account().is_none());
    let Some(named) = named else { return Err(ManagedPolicyError::NotAwsManaged(read.arn)) };
    let (policy_path, name) = match named.rsplit_once('/') {
        Some((path, name)) => (format!("/{path}/"), name.to_owned()),
        None => ("/".to_owned(), named.to_owned()),
    };
    let version = read.default_version_id.strip_prefix('v').and_then(|number| number.parse().ok());
    let version = version.ok_or(ManagedPolicyError::Version(read.default_version_id))?;
    let document = serde_json::to_string_pretty(&read.document)?;
    let from = path.to_path_buf();
    Ok(Source { from, path: policy_path, name, version, description: None, document })
}
