//! Recomputing the signature.

use attache_identifiers::Secret;
use aws_lc_rs::{digest, hmac};
use time::{Duration, OffsetDateTime};

use super::parse::single;
use super::{ALGORITHM, SignatureError, Signed, UNSIGNED_PAYLOAD, canonical, presigned};
use crate::call::Inbound;

/// How far the signer's clock may be from ours. Five minutes is what IAM and STS allow; other
/// services of AWS allow fifteen.
pub const MAX_SKEW: Duration = Duration::minutes(5);

impl Signed {
    /// Proves that the request was signed with this secret, and recently: `inbound` must be the
    /// request that this was read from.
    ///
    /// The time is checked first, so that an old request costs no hashing. The signatures are
    /// compared in constant time.
    ///
    /// # Errors
    /// When its time is over or has not come, the body is not the one that was signed, or the
    /// signature is another.
    pub fn verify(
        &self,
        inbound: &Inbound,
        secret: &Secret,
        now: OffsetDateTime,
    ) -> Result<(), SignatureError> {
        self.check_time(now)?;
        let payload = self.payload(inbound)?;
        let request = self.canonical_request(inbound, &payload);
        let text = self.string_to_sign(&request);
        hmac::verify(&self.key(secret), text.as_bytes(), &self.signature)
            .map_err(|_| SignatureError::Mismatch)
    }

    fn check_time(&self, now: OffsetDateTime) -> Result<(), SignatureError> {
        let signed_at = self.signed_at;
        if signed_at > now.saturating_add(MAX_SKEW) {
            return Err(SignatureError::NotYetCurrent { signed_at, now });
        }
        match self.expires {
            Some(expires) => {
                let ended_at = signed_at.saturating_add(expires);
                if ended_at < now {
                    return Err(SignatureError::LinkExpired { ended_at, now });
                }
            }
            None if signed_at < now.saturating_sub(MAX_SKEW) => {
                return Err(SignatureError::Expired { signed_at, now });
            }
            None => {}
        }
        Ok(())
    }

    /// The body's hash in the canonical request. A hash that the request gives is used only if it
    /// is the body's.
    fn payload(&self, inbound: &Inbound) -> Result<String, SignatureError> {
        let in_query = presigned::payload(&inbound.query)?.filter(|_| self.expires.is_some());
        let given = single(&inbound.headers, "x-amz-content-sha256")?.or(in_query.as_deref());
        match given {
            Some(given) if given.starts_with("STREAMING-") => {
                Err(SignatureError::Streaming { got: given.chars().take(40).collect() })
            }
            Some(UNSIGNED_PAYLOAD) if self.is_s3() => Ok(UNSIGNED_PAYLOAD.to_owned()),
            Some(given) => {
                let own = sha256(&inbound.body);
                if own.eq_ignore_ascii_case(given) {
                    Ok(given.to_owned())
                } else {
                    Err(SignatureError::Payload)
                }
            }
            None if !self.is_s3() => Ok(sha256(&inbound.body)),
            None if self.expires.is_some() => Ok(UNSIGNED_PAYLOAD.to_owned()),
            // The calls that manage S3 on Outposts are signed as those of any other service.
            None if self.service == "s3-outposts" => Ok(sha256(&inbound.body)),
            None => Err(SignatureError::NoPayloadHash),
        }
    }

    fn canonical_request(&self, inbound: &Inbound, payload: &str) -> Vec<u8> {
        let mut text = Vec::with_capacity(1024);
        let line = |text: &mut Vec<u8>, part: &str| {
            text.extend_from_slice(part.as_bytes());
            text.push(b'\n');
        };
        line(&mut text, inbound.method.as_str());
        line(&mut text, &canonical::path(&inbound.path, self.is_s3()));
        line(&mut text, &canonical::query(&canonical::parameters(&inbound.query)));
        text.extend_from_slice(&canonical::headers(&inbound.headers, &self.signed_headers));
        text.push(b'\n');
        line(&mut text, &self.signed_headers.join(";"));
        text.extend_from_slice(payload.as_bytes());
        text
    }

    fn string_to_sign(&self, request: &[u8]) -> String {
        let Self { date, day, region, service, .. } = self;
        let hash = sha256(request);
        format!("{ALGORITHM}\n{date}\n{day}/{region}/{service}/aws4_request\n{hash}")
    }

    /// The signing key: the secret, narrowed to the scope step by step.
    fn key(&self, secret: &Secret) -> hmac::Key {
        let first = format!("AWS4{}", secret.expose());
        let steps = [self.day.as_str(), &self.region, &self.service, "aws4_request"];
        steps.iter().fold(hmac::Key::new(hmac::HMAC_SHA256, first.as_bytes()), |key, step| {
            let tag = hmac::sign(&key, step.as_bytes());
            hmac::Key::new(hmac::HMAC_SHA256, tag.as_ref())
        })
    }
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(digest::digest(&digest::SHA256, bytes))
}
