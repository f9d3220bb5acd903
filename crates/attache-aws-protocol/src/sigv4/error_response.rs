//! How each protocol spells a refused signature.
//!
//! Codes and statuses: the services' "Common errors" pages, and for S3
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>.

use super::SignatureError as E;
use super::verify::MAX_SKEW;
use crate::timestamp::format_basic;
use crate::{Protocol, ServiceError};

const MISSING: &str = "Request is missing Authentication Token";
const INVALID_KEY: &str = "The security token included in the request is invalid.";
const EXPIRED_TOKEN: &str = "The security token included in the request is expired";
const MISMATCH: &str = "The request signature we calculated does not match the signature you \
     provided. Check your AWS Secret Access Key and signing method. Consult the service \
     documentation for details.";
const S3_MISMATCH: &str = "The request signature we calculated does not match the signature you \
     provided. Check your key and signing method.";
const EC2_FAILURE: &str = "AWS was not able to validate the provided access credentials";

/// The classes that AWS distinguishes; the message has the rest.
enum Class {
    Missing,
    Incomplete,
    Mismatch,
    UnknownKey,
    SessionExpired,
}

impl E {
    /// The refusal in the protocol's own code, status and wording.
    #[must_use]
    pub fn service_error(&self, protocol: Protocol) -> ServiceError {
        match protocol {
            Protocol::Query => self.query(),
            Protocol::Ec2Query => self.ec2(),
            Protocol::Json10 | Protocol::Json11 | Protocol::RpcV2Cbor => self.json(400),
            Protocol::RestJson => self.json(403),
            Protocol::RestXml => self.s3(),
        }
    }

    fn class(&self) -> Class {
        match self {
            Self::Missing => Class::Missing,
            Self::Incomplete { .. }
            | Self::Malformed { .. }
            | Self::Algorithm { .. }
            | Self::TwoMechanisms
            | Self::Streaming { .. }
            | Self::NoPayloadHash
            | Self::Expiry => Class::Incomplete,
            Self::Payload
            | Self::UnsignedHeader { .. }
            | Self::ScopeDate { .. }
            | Self::ScopeService { .. }
            | Self::ScopeRegion { .. }
            | Self::ScopeTerminator { .. }
            | Self::Expired { .. }
            | Self::NotYetCurrent { .. }
            | Self::LinkExpired { .. }
            | Self::Mismatch => Class::Mismatch,
            Self::UnknownKey
            | Self::SessionToken
            | Self::SessionRegion { .. }
            | Self::ScopePartition { .. } => Class::UnknownKey,
            Self::SessionExpired => Class::SessionExpired,
        }
    }

    fn query(&self) -> ServiceError {
        let sentence = self.sentence();
        match self.class() {
            Class::Missing => ServiceError::new(403, "MissingAuthenticationToken", sentence),
            Class::Incomplete => ServiceError::new(400, "IncompleteSignature", sentence),
            Class::Mismatch => ServiceError::new(403, "SignatureDoesNotMatch", sentence),
            Class::UnknownKey => ServiceError::new(403, "InvalidClientTokenId", sentence),
            Class::SessionExpired => ServiceError::new(403, "ExpiredToken", sentence),
        }
    }

    fn json(&self, status: u16) -> ServiceError {
        let code = match self.class() {
            Class::Missing => "MissingAuthenticationTokenException",
            Class::Incomplete => "IncompleteSignatureException",
            Class::Mismatch => "InvalidSignatureException",
            Class::UnknownKey => "UnrecognizedClientException",
            Class::SessionExpired => "ExpiredTokenException",
        };
        ServiceError::new(status, code, self.sentence())
    }

    fn ec2(&self) -> ServiceError {
        match self.class() {
            Class::Missing => ServiceError::new(403, "MissingAuthenticationToken", MISSING),
            Class::Incomplete => ServiceError::new(400, "IncompleteSignature", self.sentence()),
            Class::SessionExpired => {
                ServiceError::new(400, "RequestExpired", "Request has expired.")
            }
            Class::Mismatch if self.is_late() => {
                ServiceError::new(400, "RequestExpired", "Request has expired.")
            }
            Class::Mismatch | Class::UnknownKey => {
                ServiceError::new(401, "AuthFailure", EC2_FAILURE)
            }
        }
    }

    fn s3(&self) -> ServiceError {
        let own = |status, code: &str, message: &str| ServiceError::new(status, code, message);
        match self {
            Self::Missing => own(403, "AccessDenied", "Access Denied"),
            Self::Mismatch => own(403, "SignatureDoesNotMatch", S3_MISMATCH),
            Self::UnknownKey | Self::ScopePartition { .. } => own(
                403,
                "InvalidAccessKeyId",
                "The AWS Access Key Id you provided does not exist in our records.",
            ),
            Self::SessionToken | Self::SessionRegion { .. } => {
                own(400, "InvalidToken", "The provided token is malformed or otherwise invalid.")
            }
            Self::SessionExpired => own(400, "ExpiredToken", "The provided token has expired."),
            Self::Expired { .. } | Self::NotYetCurrent { .. } => own(
                403,
                "RequestTimeTooSkewed",
                "The difference between the request time and the current time is too large.",
            ),
            Self::LinkExpired { .. } => own(403, "AccessDenied", "Request has expired"),
            Self::UnsignedHeader { .. } => own(
                403,
                "AccessDenied",
                "There were headers present in the request which were not signed",
            ),
            Self::TwoMechanisms => own(
                400,
                "InvalidArgument",
                "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, \
                 Signature query string parameter or the Authorization header should be specified",
            ),
            Self::Payload => own(
                400,
                "XAmzContentSHA256Mismatch",
                "The provided 'x-amz-content-sha256' header does not match what was computed.",
            ),
            Self::NoPayloadHash => own(
                400,
                "InvalidRequest",
                "Missing required header for this request: x-amz-content-sha256",
            ),
            Self::Streaming { .. } => own(501, "NotImplemented", &self.to_string()),
            Self::Expiry => own(400, "AuthorizationQueryParametersError", &self.to_string()),
            Self::Incomplete { .. }
            | Self::Malformed { .. }
            | Self::Algorithm { .. }
            | Self::ScopeDate { .. }
            | Self::ScopeService { .. }
            | Self::ScopeRegion { .. }
            | Self::ScopeTerminator { .. } => {
                let message = format!("The authorization header is malformed; {self}");
                ServiceError::new(400, "AuthorizationHeaderMalformed", message)
            }
        }
    }

    fn is_late(&self) -> bool {
        matches!(self, Self::Expired { .. } | Self::NotYetCurrent { .. } | Self::LinkExpired { .. })
    }

    /// The sentence of the services that are not EC2 and S3.
    fn sentence(&self) -> String {
        let basic = format_basic;
        let minutes = MAX_SKEW.whole_minutes();
        match self {
            Self::Missing => MISSING.to_owned(),
            Self::Mismatch => MISMATCH.to_owned(),
            Self::UnknownKey
            | Self::SessionToken
            | Self::SessionRegion { .. }
            | Self::ScopePartition { .. } => INVALID_KEY.to_owned(),
            Self::SessionExpired => EXPIRED_TOKEN.to_owned(),
            Self::Incomplete { parts } => {
                parts.iter().map(|part| required(part)).collect::<Vec<_>>().join(" ")
            }
            Self::Expired { signed_at, now } => format!(
                "Signature expired: {} is now earlier than {} ({} - {minutes} min.)",
                basic(*signed_at),
                basic(now.saturating_sub(MAX_SKEW)),
                basic(*now),
            ),
            Self::NotYetCurrent { signed_at, now } => format!(
                "Signature not yet current: {} is still later than {} ({} + {minutes} min.)",
                basic(*signed_at),
                basic(now.saturating_add(MAX_SKEW)),
                basic(*now),
            ),
            Self::LinkExpired { ended_at, now } => {
                format!(
                    "Signature expired: {} is now earlier than {}",
                    basic(*ended_at),
                    basic(*now)
                )
            }
            Self::ScopeDate { scope, signed_at } => {
                let day = signed_at.get(..8).unwrap_or(signed_at);
                format!(
                    "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of \
                     date from HTTP: '{scope}' != '{day}', from '{signed_at}'."
                )
            }
            Self::ScopeService { wanted, .. } => {
                format!("Credential should be scoped to correct service: '{wanted}'. ")
            }
            Self::ScopeRegion { got, .. } => {
                format!("Credential should be scoped to a valid region, not '{got}'. ")
            }
            Self::ScopeTerminator { got } => format!(
                "Credential should be scoped with a valid terminator: 'aws4_request', not '{got}'."
            ),
            Self::UnsignedHeader { name } if name == "host" => {
                "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
                    .to_owned()
            }
            other => {
                let text = other.to_string();
                let mut chars = text.chars();
                chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
            }
        }
    }
}

fn required(part: &str) -> String {
    match part {
        "X-Amz-Date" => "Authorization header requires existence of either a 'X-Amz-Date' or a \
             'Date' header."
            .to_owned(),
        part if part.starts_with("X-Amz-") => {
            format!("AWS query-string parameters must include '{part}'.")
        }
        part => format!("Authorization header requires '{part}' parameter."),
    }
}
