//! Taking the signature out of a request.

use attache_identifiers::{Region, Secret};
use http::HeaderMap;
use time::{Duration, OffsetDateTime};

use super::{Scope, SignatureError, authorization, canonical, presigned};
use crate::call::Inbound;
use crate::timestamp;

/// The most headers that one signature covers. Ours: AWS's clients sign about ten.
pub const MAX_SIGNED_HEADERS: usize = 100;

/// A request's signature as it claims to be; nothing of it is proved until [`Signed::verify`].
#[derive(Debug, Clone)]
pub struct Signed {
    /// The access key id.
    pub access_key: String,
    /// The region of the credential's scope.
    pub region: String,
    /// The service of the credential's scope: its signing name.
    pub service: String,
    /// When it was signed.
    pub signed_at: OffsetDateTime,
    /// The session token that belongs to temporary keys. The caller compares it with the key's own,
    /// so it counts whether or not the signature covers it, as some services have it.
    pub session_token: Option<Secret>,
    /// How long a presigned request lasts; `None` for one signed in its header.
    pub expires: Option<Duration>,
    /// The scope's day, as written.
    pub(super) day: String,
    /// The time of signing, as written.
    pub(super) date: String,
    /// The signed headers' names in lower case, sorted.
    pub(super) signed_headers: Vec<String>,
    /// The signature itself.
    pub(super) signature: [u8; 32],
}

impl Signed {
    /// Checks that the request was signed for the service that it reached, and for the region where
    /// that matters: a global service such as IAM has one of its own.
    ///
    /// # Errors
    /// [`SignatureError::ScopeService`] and [`SignatureError::ScopeRegion`].
    pub fn require_scope(
        &self,
        service: &str,
        region: Option<&Region>,
    ) -> Result<(), SignatureError> {
        if self.service != service {
            let (wanted, got) = (service.to_owned(), self.service.clone());
            return Err(SignatureError::ScopeService { wanted, got });
        }
        match region {
            Some(region) if region.as_str() != self.region => Err(SignatureError::ScopeRegion {
                wanted: region.to_string(),
                got: self.region.clone(),
            }),
            _ => Ok(()),
        }
    }

    /// The scope that it was signed for.
    #[must_use]
    pub fn scope(&self) -> Scope {
        Scope { region: self.region.clone(), service: self.service.clone() }
    }

    /// Whether the scope's service signs as S3 does: the path as it is, the body's hash in a header.
    pub(super) fn is_s3(&self) -> bool {
        signs_as_s3(&self.service)
    }
}

pub(super) fn signs_as_s3(service: &str) -> bool {
    matches!(service, "s3" | "s3express" | "s3-object-lambda" | "s3-outposts")
}

/// A signature's parts as text, from wherever they stood.
pub(super) struct Claim {
    pub(super) credential: String,
    pub(super) signed_headers: String,
    pub(super) signature: String,
    pub(super) date: String,
    pub(super) session_token: Option<Secret>,
    pub(super) expires: Option<Duration>,
}

/// Reads a request's signature, from its `Authorization` header or its query string. `None` means
/// that the request is not signed at all.
///
/// # Errors
/// When there is a signature but it cannot be one that we check: parts are missing or malformed,
/// the algorithm is another, headers that must be signed are not.
pub fn read(inbound: &Inbound) -> Result<Option<Signed>, SignatureError> {
    let parameters = canonical::parameters(&inbound.query);
    let in_query = presigned::is_presigned(&parameters);
    let in_header = inbound.headers.contains_key("authorization");
    let claim = match (in_header, in_query) {
        (false, false) => return Ok(None),
        (true, true) => return Err(SignatureError::TwoMechanisms),
        (true, false) => authorization::claim(&inbound.headers)?,
        (false, true) => presigned::claim(&parameters)?,
    };
    let signed = signed(claim)?;
    require_signed_headers(&inbound.headers, &signed.signed_headers)?;
    Ok(Some(signed))
}

fn signed(claim: Claim) -> Result<Signed, SignatureError> {
    let malformed = |part, why| SignatureError::Malformed { part, why };
    let Some(signed_at) = timestamp::parse_basic(&claim.date) else {
        return Err(malformed("X-Amz-Date", "write it as 20150830T123600Z"));
    };
    // From the right: nothing keeps a slash out of an access key id.
    let mut scope = claim.credential.rsplitn(5, '/');
    let (Some(end), Some(service), Some(region), Some(day), Some(access_key)) =
        (scope.next(), scope.next(), scope.next(), scope.next(), scope.next())
    else {
        return Err(malformed(
            "Credential",
            "write it as KEY/20150830/REGION/SERVICE/aws4_request",
        ));
    };
    if end != "aws4_request" {
        return Err(SignatureError::ScopeTerminator { got: end.to_owned() });
    }
    if !claim.date.starts_with(day) || day.len() != "20150830".len() {
        let (scope, signed_at) = (day.to_owned(), claim.date);
        return Err(SignatureError::ScopeDate { scope, signed_at });
    }
    let mut signature = [0; 32];
    if hex::decode_to_slice(&claim.signature, &mut signature).is_err() {
        return Err(malformed("Signature", "it is 64 hexadecimal digits"));
    }
    Ok(Signed {
        access_key: access_key.to_owned(),
        region: region.to_owned(),
        service: service.to_owned(),
        signed_at,
        session_token: claim.session_token,
        expires: claim.expires,
        day: day.to_owned(),
        date: claim.date,
        signed_headers: signed_headers(&claim.signed_headers)?,
        signature,
    })
}

/// Reads `content-type;host;x-amz-date`. Order and case are part of what is signed, so a list
/// that is not in canonical form could never match.
fn signed_headers(text: &str) -> Result<Vec<String>, SignatureError> {
    let malformed = |why| SignatureError::Malformed { part: "SignedHeaders", why };
    let names: Vec<String> = text.split(';').map(str::to_owned).collect();
    if names.len() > MAX_SIGNED_HEADERS {
        return Err(malformed("it names more than 100 headers"));
    }
    let lower = |name: &String| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_graphic() && !b.is_ascii_uppercase())
    };
    if !names.iter().all(lower) || !names.is_sorted_by(|a, b| a < b) {
        return Err(malformed(
            "it is the headers' names in lower case, sorted, between semicolons",
        ));
    }
    Ok(names)
}

/// `Host` and all `x-amz-` headers must be signed: they name the service and the operation. The session
/// token need not be, see [`Signed::session_token`].
fn require_signed_headers(headers: &HeaderMap, signed: &[String]) -> Result<(), SignatureError> {
    let is_signed = |name: &str| signed.iter().any(|own| own == name);
    if !is_signed("host") || !headers.contains_key("host") {
        return Err(SignatureError::UnsignedHeader { name: "host".to_owned() });
    }
    let needed = headers
        .keys()
        .map(http::HeaderName::as_str)
        .filter(|name| name.starts_with("x-amz-") && *name != "x-amz-security-token");
    match needed.into_iter().find(|name| !is_signed(name)) {
        Some(name) => Err(SignatureError::UnsignedHeader { name: name.to_owned() }),
        None => Ok(()),
    }
}

/// A header that may stand once only, because the signature is read from it.
pub(super) fn single<'h>(
    headers: &'h HeaderMap,
    name: &'static str,
) -> Result<Option<&'h str>, SignatureError> {
    let malformed = |why| SignatureError::Malformed { part: name, why };
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(malformed("the header is given twice"));
    }
    value.to_str().map(Some).map_err(|_| malformed("it is not ASCII"))
}
