//! A signature in the `Authorization` header.

use attache_identifiers::Secret;
use http::HeaderMap;

use super::parse::{Claim, single};
use super::{ALGORITHM, SignatureError};
use crate::timestamp;

/// The most bytes of an `Authorization` header. Ours: AWS's own clients stay below one kilobyte.
const MAX_AUTHORIZATION_BYTES: usize = 8 * 1024;

/// Reads `AWS4-HMAC-SHA256 Credential=.., SignedHeaders=.., Signature=..` and the headers that
/// belong to it.
pub(super) fn claim(headers: &HeaderMap) -> Result<Claim, SignatureError> {
    let Some(text) = single(headers, "authorization")? else {
        return Err(SignatureError::Missing);
    };
    if text.len() > MAX_AUTHORIZATION_BYTES {
        let why = "it is longer than 8 KiB";
        return Err(SignatureError::Malformed { part: "Authorization", why });
    }
    let (algorithm, rest) = text.split_once(' ').unwrap_or((text, ""));
    if algorithm != ALGORITHM {
        return Err(SignatureError::Algorithm { got: algorithm.chars().take(40).collect() });
    }
    let mut parts = Parts::default();
    for part in rest.split(',') {
        parts.take(part.trim())?;
    }
    let date = date(headers)?;
    parts.claim(date, single(headers, "x-amz-security-token")?)
}

#[derive(Default)]
struct Parts<'h> {
    credential: Option<&'h str>,
    signed_headers: Option<&'h str>,
    signature: Option<&'h str>,
}

impl<'h> Parts<'h> {
    fn take(&mut self, part: &'h str) -> Result<(), SignatureError> {
        let part_is = |part, why| SignatureError::Malformed { part, why };
        let Some((name, value)) = part.split_once('=') else {
            return Err(part_is("Authorization", "its parts are name=value, between commas"));
        };
        let (name, place) = match name {
            "Credential" => ("Credential", &mut self.credential),
            "SignedHeaders" => ("SignedHeaders", &mut self.signed_headers),
            "Signature" => ("Signature", &mut self.signature),
            _ => {
                let why = "its parts are Credential, SignedHeaders and Signature";
                return Err(part_is("Authorization", why));
            }
        };
        if place.replace(value).is_some() {
            return Err(part_is(name, "it is given twice"));
        }
        Ok(())
    }

    fn claim(self, date: Option<String>, token: Option<&str>) -> Result<Claim, SignatureError> {
        match (self.credential, self.signed_headers, self.signature, date) {
            (Some(credential), Some(signed_headers), Some(signature), Some(date)) => Ok(Claim {
                credential: credential.to_owned(),
                signed_headers: signed_headers.to_owned(),
                signature: signature.to_owned(),
                date,
                session_token: token.map(Secret::new),
                expires: None,
            }),
            (credential, signed_headers, signature, date) => {
                let parts = [
                    ("Credential", credential.is_none()),
                    ("Signature", signature.is_none()),
                    ("SignedHeaders", signed_headers.is_none()),
                    ("X-Amz-Date", date.is_none()),
                ];
                let missing = parts.iter().filter(|(_, missing)| *missing);
                Err(SignatureError::Incomplete { parts: missing.map(|(name, _)| *name).collect() })
            }
        }
    }
}

/// The time of signing in SigV4's own format: `X-Amz-Date`, or else `Date` in either format.
fn date(headers: &HeaderMap) -> Result<Option<String>, SignatureError> {
    if let Some(text) = single(headers, "x-amz-date")? {
        return Ok(Some(text.to_owned()));
    }
    let Some(text) = single(headers, "date")? else { return Ok(None) };
    if timestamp::parse_basic(text).is_some() {
        return Ok(Some(text.to_owned()));
    }
    match timestamp::parse_http(text) {
        Some(time) => Ok(Some(timestamp::format_basic(time))),
        None => {
            let why = "write it as 20150830T123600Z, or as HTTP does";
            Err(SignatureError::Malformed { part: "Date", why })
        }
    }
}
