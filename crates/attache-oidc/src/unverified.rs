//! A token that was parsed and not verified.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use time::OffsetDateTime;

use crate::{Algorithm, ClaimSet, TokenError, base64url};

/// A token whose shape is right and whose claims are there. Its signature has not been looked at:
/// it says which issuer's keys to verify it with, and no claim of it may be relied on.
///
/// Keys that a token brings along in its header (`jwk`, `jku`, `x5c`, `x5u`) are not looked at.
#[derive(Clone, PartialEq)]
pub struct UnverifiedToken {
    pub(crate) algorithm: Algorithm,
    pub(crate) kid: Option<String>,
    text: String,
    /// Where the signature begins in the text.
    signature_at: usize,
    claims: ClaimSet,
    issuer: String,
    subject: String,
    audience: Audience,
    pub(crate) times: Times,
}

/// The audience of a token.
#[derive(Debug, Clone, PartialEq)]
enum Audience {
    /// The `azp`, or the only `aud`.
    One(String),
    /// So many in `aud`, and no `azp`.
    Several(usize),
}

/// The times of a token, in epoch seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Times {
    pub(crate) issued_at: i64,
    pub(crate) not_before: Option<i64>,
    pub(crate) expires_at: i64,
}

/// AWS's limits on `WebIdentityToken`, in characters.
/// Source: <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html>.
const SHORTEST: usize = 4;
pub(crate) const LONGEST: usize = 20_000;

impl UnverifiedToken {
    /// Reads a token in its compact form (RFC 7515, section 7.1): its size, its three parts, its
    /// header, then the claims that AWS requires (`iss`, `sub`, `aud`, `iat`, `exp`; one that is null is
    /// there, and wrong) and the shape of its times. Where a member is there twice, the last counts.
    ///
    /// # Errors
    /// The first of these that is wrong, in that order.
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        let [header, payload, signature] = split(text)?;
        let (algorithm, kid) = read_header(header)?;
        let claims: ClaimSet = object(payload, BAD_PAYLOAD)?;
        if !base64url::looks_right(signature) {
            return Err(TokenError::NotAJwt { why: "its signature is not base64url" });
        }
        let signature_at = text.len() - signature.len();
        let Read { issuer, subject, audience, times } = Registered::of(&claims).read()?;
        let text = text.to_owned();
        Ok(Self { algorithm, kid, text, signature_at, claims, issuer, subject, audience, times })
    }

    /// Header and payload as they were signed, and the signature.
    pub(crate) fn signed(&self) -> (&str, &str) {
        let (message, signature) = self.text.split_at(self.signature_at);
        (message.strip_suffix('.').unwrap_or(message), signature)
    }

    /// `iss`.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// `sub`; may be empty. A number is its digits.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The one audience that AWS compares with the registered client ids and with the trust
    /// policy's `:aud`: `azp` where there is one, else the only `aud`.
    ///
    /// # Errors
    /// When there are several and no `azp`.
    pub fn audience(&self) -> Result<&str, TokenError> {
        match &self.audience {
            Audience::One(audience) => Ok(audience),
            Audience::Several(count) => Err(TokenError::SeveralAudiences { count: *count }),
        }
    }

    /// All claims.
    #[must_use]
    pub fn claims(&self) -> &ClaimSet {
        &self.claims
    }

    /// `exp`, in whole seconds; the calendar's end for a token that outlives it.
    #[must_use]
    pub fn expires_at(&self) -> OffsetDateTime {
        let end = if self.times.expires_at < 0 {
            time::PrimitiveDateTime::MIN
        } else {
            time::PrimitiveDateTime::MAX
        };
        OffsetDateTime::from_unix_timestamp(self.times.expires_at).unwrap_or(end.assume_utc())
    }

    /// The header's `alg`.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The header's `kid`.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Compares the issuer with the one that is trusted, as text: AWS and tokens do so too.
    ///
    /// # Errors
    /// [`TokenError::Issuer`] when it is another.
    pub fn require_issuer(&self, wanted: &str) -> Result<(), TokenError> {
        if self.issuer == wanted {
            return Ok(());
        }
        Err(TokenError::Issuer { wanted: wanted.to_owned(), got: self.issuer.clone() })
    }

    /// The audience, if it is among the registered ones. Compares with case.
    ///
    /// # Errors
    /// [`TokenError::Audience`] when it is not, [`TokenError::SeveralAudiences`] when there is no one
    /// audience.
    pub fn require_audience(&self, registered: &[impl AsRef<str>]) -> Result<&str, TokenError> {
        let got = self.audience()?;
        if registered.iter().any(|id| id.as_ref() == got) {
            return Ok(got);
        }
        let wanted = registered.iter().map(|id| id.as_ref().to_owned()).collect();
        Err(TokenError::Audience { wanted, got: got.to_owned() })
    }
}

/// Header and payload of a token as they stand, whatever they hold.
#[derive(Debug, Clone, PartialEq)]
pub struct DecodedToken {
    /// The first part.
    pub header: Map<String, Value>,
    /// The second part.
    pub claims: Map<String, Value>,
}

/// Opens a token for a person to look at. Nothing is checked but that it can be read, so that a
/// token which [`UnverifiedToken::parse`] refuses can be looked at too.
///
/// # Errors
/// When the text is too long, or not two JSON objects and something, with dots between them.
pub fn decode_unverified(text: &str) -> Result<DecodedToken, TokenError> {
    let [header, payload, _] = split(text)?;
    Ok(DecodedToken { header: object(header, BAD_HEADER)?, claims: object(payload, BAD_PAYLOAD)? })
}

/// Shows the issuer, subject and audience, never the token.
impl std::fmt::Debug for UnverifiedToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { issuer, subject, audience, .. } = self;
        f.debug_struct("UnverifiedToken")
            .field("issuer", issuer)
            .field("subject", subject)
            .field("audience", audience)
            .finish_non_exhaustive()
    }
}

const BAD_HEADER: &str = "its header is not a JSON object in base64url";
const BAD_PAYLOAD: &str = "its payload is not a JSON object in base64url";

fn split(text: &str) -> Result<[&str; 3], TokenError> {
    let length = text.chars().count();
    if length < SHORTEST {
        return Err(TokenError::TooShort { length });
    }
    if length > LONGEST {
        return Err(TokenError::TooLong { length });
    }
    let mut parts = text.split('.');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(header), Some(payload), Some(signature), None) => Ok([header, payload, signature]),
        _ => Err(TokenError::NotAJwt { why: "it has not three parts with a dot between them" }),
    }
}

fn object<T: DeserializeOwned>(part: &str, why: &'static str) -> Result<T, TokenError> {
    let bytes = base64url::decode(part).ok_or(TokenError::NotAJwt { why })?;
    serde_json::from_slice(&bytes).map_err(|_| TokenError::NotAJwt { why })
}

fn read_header(part: &str) -> Result<(Algorithm, Option<String>), TokenError> {
    let header: ClaimSet = object(part, BAD_HEADER)?;
    let Some(alg) = header.get("alg").and_then(Value::as_str) else {
        return Err(TokenError::NotAJwt { why: "its header has no `alg`" });
    };
    if header.get("crit").is_some() {
        return Err(TokenError::Critical);
    }
    // Before any key is looked up: the header must never choose how a key is used.
    let Some(algorithm) = Algorithm::named(alg) else {
        return Err(TokenError::Algorithm { got: alg.chars().take(40).collect() });
    };
    let kid = match header.get("kid") {
        None | Some(Value::Null) => None,
        Some(Value::String(kid)) => Some(kid.clone()),
        Some(_) => return Err(TokenError::NotAJwt { why: "its header's `kid` is not a text" }),
    };
    Ok((algorithm, kid))
}

/// The registered claims (RFC 7519, section 4.1) that are there, null or not.
#[derive(Default)]
struct Registered<'c> {
    iss: Option<&'c Value>,
    sub: Option<&'c Value>,
    aud: Option<&'c Value>,
    azp: Option<&'c Value>,
    iat: Option<&'c Value>,
    nbf: Option<&'c Value>,
    exp: Option<&'c Value>,
}

/// What they say.
struct Read {
    issuer: String,
    subject: String,
    audience: Audience,
    times: Times,
}

impl<'c> Registered<'c> {
    /// Finds all of them in one pass.
    fn of(claims: &'c ClaimSet) -> Self {
        let mut found = Self::default();
        for (name, value) in claims.as_slice() {
            let place = match name.as_str() {
                "iss" => &mut found.iss,
                "sub" => &mut found.sub,
                "aud" => &mut found.aud,
                "azp" => &mut found.azp,
                "iat" => &mut found.iat,
                "nbf" => &mut found.nbf,
                "exp" => &mut found.exp,
                _ => continue,
            };
            *place = Some(value);
        }
        found
    }

    fn read(&self) -> Result<Read, TokenError> {
        let there = |claim, value: Option<&'c Value>| value.ok_or(TokenError::MissingClaim(claim));
        let (iss, sub) = (there("iss", self.iss)?, there("sub", self.sub)?);
        let (aud, iat, exp) =
            (there("aud", self.aud)?, there("iat", self.iat)?, there("exp", self.exp)?);
        Ok(Read {
            issuer: read_issuer(iss)?,
            subject: read_subject(sub)?,
            audience: read_audience(self.azp.filter(|party| !party.is_null()), aud)?,
            times: Times {
                issued_at: seconds("iat", iat)?,
                not_before: self.nbf.map(|nbf| seconds("nbf", nbf)).transpose()?,
                expires_at: seconds("exp", exp)?,
            },
        })
    }
}

fn read_issuer(iss: &Value) -> Result<String, TokenError> {
    match iss {
        Value::String(issuer) => Ok(issuer.clone()),
        Value::Null => Err(TokenError::NullClaim("iss")),
        _ => Err(TokenError::BadClaim { claim: "iss", wanted: "a text" }),
    }
}

fn read_subject(sub: &Value) -> Result<String, TokenError> {
    match sub {
        Value::String(subject) => Ok(subject.clone()),
        Value::Number(subject) => Ok(subject.to_string()),
        Value::Null => Err(TokenError::NullClaim("sub")),
        _ => Err(TokenError::BadClaim { claim: "sub", wanted: "a text or a number" }),
    }
}

fn read_audience(azp: Option<&Value>, aud: &Value) -> Result<Audience, TokenError> {
    let wrong = |claim, wanted| Err(TokenError::BadClaim { claim, wanted });
    match azp {
        None => {}
        Some(Value::String(party)) => return Ok(Audience::One(party.clone())),
        Some(_) => return wrong("azp", "a text"),
    }
    match aud {
        Value::String(audience) => Ok(Audience::One(audience.clone())),
        Value::Array(list) => match list.as_slice() {
            [] => Err(TokenError::EmptyClaim("aud")),
            [Value::String(only)] => Ok(Audience::One(only.clone())),
            several if several.iter().all(Value::is_string) => Ok(Audience::Several(several.len())),
            _ => wrong("aud", "a text or an array of texts"),
        },
        Value::Null => Err(TokenError::EmptyClaim("aud")),
        _ => wrong("aud", "a text or an array of texts"),
    }
}

/// AWS takes an integer, and the text of one; a fraction, even `.0`, it does not.
fn seconds(claim: &'static str, value: &Value) -> Result<i64, TokenError> {
    let seconds = match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) if !text.starts_with('+') => text.parse().ok(),
        _ => None,
    };
    seconds.ok_or(TokenError::BadTimestamp { claim })
}
