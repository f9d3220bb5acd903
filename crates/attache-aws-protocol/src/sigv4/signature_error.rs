//! Why a signature does not count.

use time::OffsetDateTime;

use super::MAX_EXPIRY;

/// Why a request's signature was refused.
///
/// What AWS calls it, in each protocol, is
/// [`service_error`](SignatureError::service_error)'s to say.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The request is not signed, and its operation needs a signature.
    #[error("the request is not signed; sign it with an access key")]
    Missing,
    /// Parts of the signature are not there.
    #[error("the signature has no {}; each is required", parts.join(", no "))]
    Incomplete {
        /// The parts, as the request would name them.
        parts: Vec<&'static str>,
    },
    /// A part of the signature is not what it must be.
    #[error("the signature's {part} is not right: {why}")]
    Malformed {
        /// The part, as the request names it.
        part: &'static str,
        /// What would be right.
        why: &'static str,
    },
    /// Another algorithm than `AWS4-HMAC-SHA256`.
    #[error("{got:?} is no algorithm that is checked here; sign with AWS4-HMAC-SHA256")]
    Algorithm {
        /// The algorithm's name, cut at 40 characters.
        got: String,
    },
    /// Signed in the header and in the query string.
    #[error("the request is signed both in its header and in its query string; sign it once")]
    TwoMechanisms,
    /// A body in signed chunks.
    #[error(
        "the body is aws-chunked ({got}), which is not read here; \
         send it whole, with its SHA-256 in x-amz-content-sha256"
    )]
    Streaming {
        /// The kind of chunks, cut at 40 characters.
        got: String,
    },
    /// S3 wants the body's hash in a header, and there is none.
    #[error("the request has no x-amz-content-sha256, which S3 requires")]
    NoPayloadHash,
    /// The body is not the one whose hash was signed.
    #[error("the body is not the one that x-amz-content-sha256 gives the SHA-256 of")]
    Payload,
    /// A header that changes a request's meaning is not covered.
    #[error("the header {name} is not among the signed headers, where it must be")]
    UnsignedHeader {
        /// The header, in lower case.
        name: String,
    },
    /// The scope's day is not that of the signature's time.
    #[error("the credential's day is {scope}, but it was signed at {signed_at}")]
    ScopeDate {
        /// The scope's day, as written.
        scope: String,
        /// The signature's time, as written.
        signed_at: String,
    },
    /// The scope is that of another service.
    #[error("the credential is scoped to the service {got}, not to {wanted}")]
    ScopeService {
        /// The service that was called.
        wanted: String,
        /// The scope's.
        got: String,
    },
    /// The scope is that of another region.
    #[error("the credential is scoped to the region {got}, not to {wanted}")]
    ScopeRegion {
        /// The region that was called.
        wanted: String,
        /// The scope's.
        got: String,
    },
    /// The scope's region is one of another partition, where no account of this one has a key.
    #[error("the credential is scoped to the region {region}, which is in another partition")]
    ScopePartition {
        /// The scope's.
        region: String,
    },
    /// The scope does not end in `aws4_request`.
    #[error("the credential's scope ends in {got:?}, not in aws4_request")]
    ScopeTerminator {
        /// What it ends in.
        got: String,
    },
    /// Signed too long ago: a replay, or a clock that is behind.
    #[error("the request was signed at {signed_at}, too long before now ({now}); check the clock")]
    Expired {
        /// When it was signed.
        signed_at: OffsetDateTime,
        /// Our clock.
        now: OffsetDateTime,
    },
    /// Signed in the future.
    #[error("the request was signed at {signed_at}, after now ({now}); check the clock")]
    NotYetCurrent {
        /// When it was signed.
        signed_at: OffsetDateTime,
        /// Our clock.
        now: OffsetDateTime,
    },
    /// A presigned request after its end.
    #[error("the presigned request ended at {ended_at}, and now is {now}; presign another")]
    LinkExpired {
        /// When it ended.
        ended_at: OffsetDateTime,
        /// Our clock.
        now: OffsetDateTime,
    },
    /// A presigned request with an expiry beyond AWS's.
    #[error("X-Amz-Expires must be a number of seconds from 1 to {}", MAX_EXPIRY.whole_seconds())]
    Expiry,
    /// The signature is not the one that the key makes of this request.
    #[error("the signature is not the one that this key makes of this request")]
    Mismatch,
    /// No such access key exists. For the caller of [`read`](super::read()) to say.
    #[error("the access key is unknown")]
    UnknownKey,
    /// The session token is missing, or is not the access key's. For the caller to say.
    #[error("the session token is not the access key's")]
    SessionToken,
    /// The session is of the endpoint for all regions, and not valid in this one. For the caller to
    /// say.
    #[error(
        "a session of the endpoint sts.amazonaws.com is not valid in {region}, which accounts have \
         to ask for; take one of a regional endpoint"
    )]
    SessionRegion {
        /// The scope's region.
        region: String,
    },
    /// The session is over. For the caller to say.
    #[error("the session that the access key belongs to is over")]
    SessionExpired,
}
