//! AWS-managed policies from files.

use std::path::{Path, PathBuf};

use attache_identifiers::Arn;
use serde::Deserialize;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{Dates, Source};
use crate::{LedgerError, ManagedPolicyError};

/// A file as it is published.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Published {
    arn: String,
    default_version_id: String,
    description: Option<String>,
    create_date: Option<String>,
    update_date: Option<String>,
    document: Value,
}

impl Published {
    /// When AWS made it and last changed it. A file that has no dates is of a policy of unknown age,
    /// which IAM's answers cannot say: it is as old as can be.
    fn dates(&self) -> Result<Dates, ManagedPolicyError> {
        let read = |date: &String| {
            OffsetDateTime::parse(date, &Rfc3339)
                .map_err(|source| ManagedPolicyError::Date { date: date.clone(), source })
        };
        let created = self.create_date.as_ref().map(read).transpose()?;
        let updated = self.update_date.as_ref().map(read).transpose()?;
        let oldest = created.or(updated).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        Ok(Dates { created: oldest, updated: updated.unwrap_or(oldest) })
    }
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
    let dates = read.dates()?;
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
    let description = read.description;
    Ok(Source { from, path: policy_path, name, version, description, dates, document })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::aws_managed::AwsManaged;

    /// What a directory with one file makes of it.
    fn with(file: &serde_json::Value) -> Result<AwsManaged, crate::LedgerError> {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("a.json"), file.to_string()).unwrap();
        AwsManaged::with(Some(directory.path()))
    }

    fn published(resource: &str) -> serde_json::Value {
        json!({
            "Arn": "arn:aws:iam::aws:policy/aws-service-role/AWSCloudWatchOmniServiceRolePolicy",
            "PolicyName": "AWSCloudWatchOmniServiceRolePolicy",
            "DefaultVersionId": "v2",
            "CreateDate": "2026-09-22T05:37:07+00:00",
            "UpdateDate": "2026-10-01T00:00:00+00:00",
            "Document": {"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": "iam:GetRoleTemplateVersion", "Resource": resource},
            ]},
        })
    }

    #[test]
    fn a_policy_that_is_newer_than_our_lists_is_taken_and_decides() {
        for resource in [
            "arn:aws:iam::aws:role-template/cloudwatch.amazonaws.com/Template:1",
            "arn:aws:iam::aws:a-later-type/name",
            "arn:aws-later:s3:::bucket",
        ] {
            let file = published(resource);
            let all = with(&file).unwrap();
            let policy = all.get(file["Arn"].as_str().unwrap()).unwrap();
            let statements = policy.current().unwrap().document.set().policies();
            assert_eq!(statements.count(), 1, "{resource}");
        }
        let wrong = json!({"Effect": "Allow", "Action": "iam:GetRole", "Resources": "*"});
        let mut file = published("*");
        file["Document"]["Statement"] = wrong;
        assert!(with(&file).is_err(), "an element that there is not");
    }

    #[test]
    fn a_policy_has_the_dates_of_its_file() {
        let file = published("*");
        let all = with(&file).unwrap();
        let policy = all.get(file["Arn"].as_str().unwrap()).unwrap();
        assert_eq!(policy.created.unix_timestamp(), 1_790_055_427);
        assert_eq!(policy.updated, policy.current().unwrap().created);
        let mut file = published("*");
        file["CreateDate"] = json!("yesterday");
        let error = std::error::Error::source(&with(&file).unwrap_err()).unwrap().to_string();
        assert!(error.contains("yesterday"), "{error}");
    }
}
