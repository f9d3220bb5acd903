//! Where an issuer's two documents are published: a folder, or an S3 bucket.

use std::fmt;
use std::path::{Path, PathBuf};

use attache_aws_accounts::{Access, Bucket, CallFailure, ObjectHeaders};
use attache_identifiers::{Arn, Region};
use attache_kubernetes::PublishedIssuer;
use miette::{IntoDiagnostic as _, miette};

use crate::commands::arguments::ArgumentError;
use crate::commands::{federate, http};
use crate::input::{self, MAX_KEY_BYTES};
use crate::output::RemoteFailure;

/// What a reader of either document is told. AWS's documentation has no rule for it; a new key has to be published for
/// longer than this before it signs.
const HEADERS: ObjectHeaders =
    ObjectHeaders { content_type: super::CONTENT_TYPE, cache_control: super::CACHE_CONTROL };

/// S3's: characters of a bucket's name.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>
const NAME: std::ops::RangeInclusive<usize> = 3..=63;

/// As the command line names it.
#[derive(Debug, Clone)]
pub(super) enum Destination {
    /// A folder that a web server serves.
    Folder(PathBuf),
    /// `s3://BUCKET/PREFIX`.
    S3 {
        bucket: String,
        /// Without a slash at its ends.
        prefix: String,
    },
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => folder.display().fmt(f),
            Self::S3 { bucket, prefix } if prefix.is_empty() => write!(f, "s3://{bucket}"),
            Self::S3 { bucket, prefix } => write!(f, "s3://{bucket}/{prefix}"),
        }
    }
}

/// Reads `s3://BUCKET/PREFIX`, or a folder.
pub(super) fn parse(text: &str) -> Result<Destination, ArgumentError> {
    let Some(rest) = text.strip_prefix("s3://") else {
        return Ok(Destination::Folder(PathBuf::from(text)));
    };
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-';
    if !NAME.contains(&bucket.len()) || !bucket.chars().all(is_name) {
        return Err(ArgumentError::Form("s3://BUCKET/PREFIX with a bucket's name, or a folder"));
    }
    let prefix = prefix.trim_matches('/').to_owned();
    Ok(Destination::S3 { bucket: bucket.to_owned(), prefix })
}

/// A destination that is ready to be read and written.
pub(super) enum Place<'d> {
    Folder(&'d Path),
    S3 { bucket: Box<Bucket>, prefix: &'d str },
}

impl<'d> Place<'d> {
    /// With the default credentials, where it is in AWS.
    pub(super) async fn open(
        destination: &'d Destination,
        region: Option<&Region>,
        endpoint_url: Option<&str>,
    ) -> miette::Result<Self> {
        let (name, prefix) = match destination {
            Destination::Folder(folder) => return Ok(Self::Folder(folder)),
            Destination::S3 { bucket, prefix } => (bucket, prefix),
        };
        let http = http::settings()?;
        let connector = http.connector();
        let access = Access {
            profiles: std::collections::BTreeMap::new(),
            assume_role: None,
            endpoint_url: endpoint_url.map(str::to_owned),
            home: region.cloned(),
            http,
        };
        let profiles = federate::profiles().await?;
        let config = Box::pin(access.default_config(&profiles)).await.into_diagnostic()?;
        // One that was given comes before the profile's.
        let known = config.region().and_then(|region| Region::parse(region.as_ref()).ok());
        let region = region.cloned().or(known).ok_or_else(|| {
            miette!(help = "give --region REGION, that of the bucket", "the region is not known")
        })?;
        let bucket = Box::new(Bucket { name: name.clone(), region, config, connector });
        Ok(Self::S3 { bucket, prefix })
    }

    /// What it is called in an error: `site/jwks.json`, `s3://BUCKET/prod/jwks.json`.
    pub(super) fn name_of(&self, path: &str) -> String {
        match self {
            Self::Folder(folder) => folder.join(path.trim_start_matches('/')).display().to_string(),
            Self::S3 { bucket, prefix } => format!("s3://{}/{}", bucket.name, key(prefix, path)),
        }
    }

    /// The document at a path below the issuer's URL; none where there is none.
    pub(super) async fn read(&self, path: &str) -> miette::Result<Option<String>> {
        let (bucket, prefix) = match self {
            Self::Folder(folder) => {
                let file = folder.join(path.trim_start_matches('/'));
                return file.exists().then(|| input::text(&file, MAX_KEY_BYTES)).transpose();
            }
            Self::S3 { bucket, prefix } => (bucket, prefix),
        };
        let read = bucket.get(&key(prefix, path)).await;
        let read = read.map_err(|failure| self.failed("read", path, &failure))?;
        let Some(bytes) = read else { return Ok(None) };
        let text = String::from_utf8(bytes.into());
        let text = text.map_err(|_| miette!("{} is no text", self.name_of(path)))?;
        Ok(Some(text))
    }

    /// Writes both documents, the keys first.
    pub(super) async fn write(&self, site: &PublishedIssuer) -> miette::Result<()> {
        let (bucket, prefix) = match self {
            Self::Folder(folder) => return site.write(folder).map_err(|e| miette!("{e}")),
            Self::S3 { bucket, prefix } => (bucket, prefix),
        };
        for (path, text) in site.documents() {
            let written = bucket.put(&key(prefix, path), text.into(), HEADERS).await;
            written.map_err(|failure| self.failed("write", path, &failure))?;
        }
        Ok(())
    }

    fn failed(&self, attempt: &str, path: &str, failure: &CallFailure) -> miette::Report {
        let help = match (self, failure) {
            (Self::S3 { bucket, prefix }, CallFailure::Refused { code, .. }) => match code.as_str()
            {
                "AccessDenied" => {
                    let arn = |resource: String| {
                        Arn::new(bucket.region.partition(), "s3", "", None, resource)
                    };
                    Some(format!(
                        "the credentials need s3:GetObject and s3:PutObject on {}, and \
                         s3:ListBucket on {}",
                        arn(format!("{}/{}", bucket.name, key(prefix, "/*"))),
                        arn(bucket.name.clone())
                    ))
                }
                "PermanentRedirect" | "AuthorizationHeaderMalformed" | "HTTP301" => Some(format!(
                    "it is not in {}: give its region, as aws s3api get-bucket-location --bucket {} \
                     prints it, with --region",
                    bucket.region, bucket.name
                )),
                _ => None,
            },
            _ => None,
        };
        let name = self.name_of(path);
        RemoteFailure::report(format!("could not {attempt} {name}: {failure}"), help)
    }
}

fn key(prefix: &str, path: &str) -> String {
    format!("{prefix}{path}").trim_start_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_and_its_prefix_are_read_and_anything_else_is_a_folder() {
        for (text, bucket, prefix, name) in [
            ("s3://issuers", "issuers", "", "s3://issuers"),
            ("s3://issuers/", "issuers", "", "s3://issuers"),
            ("s3://a.b-c/prod/eu/", "a.b-c", "prod/eu", "s3://a.b-c/prod/eu"),
        ] {
            let parsed = parse(text).unwrap();
            assert_eq!(parsed.to_string(), name);
            let Destination::S3 { bucket: found, prefix: of } = parsed else { panic!("{text}") };
            assert_eq!((found.as_str(), of.as_str()), (bucket, prefix), "{text}");
        }
        for text in ["s3://", "s3://ab", "s3://Upper/x", "s3://a_b_c", "s3:///x"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(matches!(parse("site/"), Ok(Destination::Folder(_))));
        assert_eq!(key("", "/jwks.json"), "jwks.json");
        assert_eq!(key("prod", "/jwks.json"), "prod/jwks.json");
    }
}
