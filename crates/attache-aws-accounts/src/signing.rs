//! Signature Version 4 and endpoints, for the calls that no SDK crate makes.

use std::time::SystemTime;

use attache_identifiers::{Partition, Region};
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
    UriPathNormalizationMode, sign as signature,
};
use aws_sigv4::sign::v4;
use bytes::Bytes;
use http::header::InvalidHeaderValue;
use http::{HeaderValue, Request};

/// Why a request cannot be signed. Nothing of the keys is in it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SigningError {
    /// The scope lacks a part.
    #[error(transparent)]
    Scope(#[from] v4::signing_params::BuildError),
    /// The host of its URL is not one that a header can have.
    #[error(transparent)]
    Host(#[from] InvalidHeaderValue),
    /// A part of it cannot be signed.
    #[error(transparent)]
    Request(#[from] aws_sigv4::http_request::SigningError),
}

/// Signs a request with AWS's own signer, for the service of a signing name in a region.
///
/// # Errors
/// [`SigningError`].
pub fn sign(
    mut request: Request<Bytes>,
    service: &str,
    region: &Region,
    credentials: &Credentials,
    now: SystemTime,
) -> Result<Request<Bytes>, SigningError> {
    let identity = credentials.clone().into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(region.as_str())
        .name(service)
        .time(now)
        .settings(settings(service))
        .build()?
        .into();
    let host = request.uri().authority().map(ToString::to_string).unwrap_or_default();
    request.headers_mut().insert(http::header::HOST, HeaderValue::try_from(host)?);
    let headers: Vec<(&str, &str)> = request
        .headers()
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
        .collect();
    let signable = SignableRequest::new(
        request.method().as_str(),
        request.uri().to_string(),
        headers.into_iter(),
        SignableBody::Bytes(request.body()),
    )?;
    let (instructions, _signature) = signature(signable, &params)?.into_parts();
    instructions.apply_to_request_http1x(&mut request);
    Ok(request)
}

/// S3 requires the body's hash in a header, and its paths unchanged.
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>.
fn settings(service: &str) -> SigningSettings {
    let mut settings = SigningSettings::default();
    if service == "s3" {
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    }
    settings
}

/// `https://SERVICE.REGION.SUFFIX`, AWS's own endpoint of a service.
/// Source: <https://docs.aws.amazon.com/general/latest/gr/rande.html>.
#[must_use]
pub fn service_endpoint(service: &str, region: &Region, partition: &Partition) -> String {
    format!("https://{service}.{region}.{}", Region::dns_suffix(partition))
}
