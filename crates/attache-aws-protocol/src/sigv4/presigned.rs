//! A signature in the query string: a presigned URL.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>

use attache_identifiers::Secret;
use time::Duration;

use super::canonical::{self, Parameter, is_signature};
use super::parse::{Claim, signs_as_s3};
use super::{ALGORITHM, SignatureError};
use crate::number;

/// The longest that a presigned request may last: AWS's limit, seven days.
pub const MAX_EXPIRY: Duration = Duration::days(7);

/// How long a presigned request of every service but S3 lasts. `X-Amz-Expires` is not read: STS
/// takes 0, 60 and none at all alike, and EKS tokens rely on it.
/// <https://github.com/aws/aws-sdk-go/issues/2167>,
/// <https://github.com/kubernetes-sigs/aws-iam-authenticator/blob/master/pkg/token/token.go>
pub const LIFETIME: Duration = Duration::minutes(15);

/// Whether a query string carries a signature, or tries to.
pub(super) fn is_presigned(parameters: &[Parameter]) -> bool {
    parameters.iter().any(|p| p.name == "X-Amz-Algorithm" || is_signature(p))
}

/// Reads `X-Amz-Algorithm`, `X-Amz-Credential` and the others.
pub(super) fn claim(parameters: &[Parameter]) -> Result<Claim, SignatureError> {
    let one = |name| only(parameters, name);
    let algorithm = one("X-Amz-Algorithm")?;
    if let Some(algorithm) = &algorithm
        && algorithm != ALGORITHM
    {
        return Err(SignatureError::Algorithm { got: algorithm.chars().take(40).collect() });
    }
    let mut missing = Vec::new();
    let mut needed = |name| {
        let value = one(name)?;
        if value.is_none() {
            missing.push(name);
        }
        Ok::<String, SignatureError>(value.unwrap_or_default())
    };
    needed("X-Amz-Algorithm")?;
    let credential = needed("X-Amz-Credential")?;
    let signature = needed("X-Amz-Signature")?;
    let signed_headers = needed("X-Amz-SignedHeaders")?;
    let date = needed("X-Amz-Date")?;
    // The service is the scope's last part but one.
    let of_s3 = signs_as_s3(credential.rsplit('/').nth(1).unwrap_or_default());
    let expires = if of_s3 { Some(needed("X-Amz-Expires")?) } else { None };
    if !missing.is_empty() {
        return Err(SignatureError::Incomplete { parts: missing });
    }
    let session_token = one("X-Amz-Security-Token")?.map(Secret::new);
    let expires = Some(match expires {
        Some(text) => expiry(&text)?,
        None => LIFETIME,
    });
    Ok(Claim { credential, signed_headers, signature, date, session_token, expires })
}

/// The body's hash, which S3's presigned URLs may have among their parameters.
pub(super) fn payload(query: &str) -> Result<Option<String>, SignatureError> {
    if !query.contains("X-Amz-Content-S") {
        return Ok(None);
    }
    only(&canonical::parameters(query), "X-Amz-Content-Sha256")
}

fn expiry(text: &str) -> Result<Duration, SignatureError> {
    let seconds = number::natural(text).and_then(|seconds| u32::try_from(seconds).ok());
    let seconds = seconds.ok_or(SignatureError::Expiry)?;
    let expiry = Duration::seconds(i64::from(seconds));
    if seconds == 0 || expiry > MAX_EXPIRY {
        return Err(SignatureError::Expiry);
    }
    Ok(expiry)
}

/// A parameter's value, decoded. Twice the same name could be read in two ways: it is refused.
fn only(parameters: &[Parameter], name: &'static str) -> Result<Option<String>, SignatureError> {
    let mut found = parameters.iter().filter(|p| p.name == name);
    let Some(parameter) = found.next() else { return Ok(None) };
    if found.next().is_some() {
        return Err(SignatureError::Malformed { part: name, why: "it is given twice" });
    }
    match parameter.decoded_value() {
        Some(text) => Ok(Some(text)),
        None => Err(SignatureError::Malformed { part: name, why: "it is not UTF-8" }),
    }
}
