//! Why a token is refused.

use crate::Algorithm;

/// Why a token is refused. Carries what was expected and what was found, and nothing that could be
/// replayed: neither the token nor its signature.
///
/// As JSON it is `{"reason": "expired", "detail": {...}}`, the reason being the variant's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, serde::Serialize)]
#[serde(tag = "reason", content = "detail", rename_all = "kebab-case")]
pub enum TokenError {
    /// Fewer than 4 characters.
    #[error("the token has {length} characters; AWS reads 4 to 20000")]
    TooShort {
        /// Characters.
        length: usize,
    },
    /// More than 20,000 characters.
    #[error("the token has {length} characters; AWS reads at most 20000")]
    TooLong {
        /// Characters.
        length: usize,
    },
    /// Not three base64url parts, of which the first two are JSON objects.
    #[error("it is not a JSON Web Token: {why}")]
    NotAJwt {
        /// What it is not.
        why: &'static str,
    },
    /// The header has `crit`: extensions that must be understood. AWS understands none.
    #[error("the token's header has `crit`, and none of its extensions is understood")]
    Critical,
    /// Signed with none, HMAC, or anything else but RS256, 384, 512 and ES256, 384, 512.
    #[error("the token is signed with {got:?}; AWS takes RS256, RS384, RS512, ES256, ES384, ES512")]
    Algorithm {
        /// The header's `alg`.
        got: String,
    },
    /// One of `iss`, `sub`, `aud`, `iat`, `exp` is not there.
    #[error("the token has no `{0}` claim")]
    MissingClaim(&'static str),
    /// `aud` is there and names nobody: an empty array, or null.
    #[error("the token's `{0}` claim is empty")]
    EmptyClaim(&'static str),
    /// `iss` or `sub` is there and null.
    #[error("the token's `{0}` claim is null")]
    NullClaim(&'static str),
    /// A claim is of a JSON type that it cannot be.
    #[error("the token's `{claim}` is not {wanted}")]
    BadClaim {
        /// The claim's name.
        claim: &'static str,
        /// What it must be, with its article.
        wanted: &'static str,
    },
    /// `exp`, `nbf` or `iat` is neither an integer nor the text of one. Fractions and null are refused.
    #[error("the token's `{claim}` is not a whole number of seconds")]
    BadTimestamp {
        /// The claim's name.
        claim: &'static str,
    },
    /// Several audiences, and no `azp` to say which of them is meant.
    #[error("the token has {count} audiences and no `azp` that names one of them")]
    SeveralAudiences {
        /// How many.
        count: usize,
    },
    /// From an issuer other than the expected one.
    #[error("the token's issuer is {got:?}, not {wanted:?}")]
    Issuer {
        /// The issuer that is trusted.
        wanted: String,
        /// The token's `iss`.
        got: String,
    },
    /// For an audience that is not registered.
    #[error("the token's audience is {got:?}, not {}", wanted.join(" or "))]
    Audience {
        /// The client ids that are registered.
        wanted: Vec<String>,
        /// The token's `azp`, else its `aud`.
        got: String,
    },
    /// The set has no key of that id, or the token names none and the set has not exactly one that can
    /// be used. A key without a `kid` cannot.
    #[error("{}", match kid {
        Some(kid) => format!("the issuer's key set has no usable key {kid:?}"),
        None => "the token names no key, and the issuer's key set has not exactly one with a `kid`"
            .to_owned(),
    })]
    UnknownKey {
        /// The header's `kid`.
        kid: Option<String>,
    },
    /// The key of that id has `key_ops`: AWS uses none that has.
    #[error("the key {kid:?} of the issuer's key set has `key_ops`; AWS uses no such key")]
    KeyOperations {
        /// The header's `kid`.
        kid: String,
    },
    /// The key of that id cannot have made a signature by the header's algorithm.
    #[error("the token's algorithm needs a key of type {wanted}; the key it names is {got}")]
    WrongKey {
        /// The kind of key that the algorithm needs.
        wanted: &'static str,
        /// What the named key is.
        got: &'static str,
    },
    /// The set has more keys of that type than AWS reads.
    #[error("the issuer's key set has {count} {kind} keys; AWS uses none of more than 100")]
    TooManyKeys {
        /// `RSA` or `EC`.
        kind: &'static str,
        /// How many.
        count: usize,
    },
    /// The key did not sign this header and payload.
    #[error("the token's {algorithm} signature is not the named key's")]
    Signature {
        /// The header's algorithm.
        algorithm: Algorithm,
    },
    /// Too old, with the leeway allowed for.
    #[error("the token expired: the time {now} is not before its end {exp} (seconds since 1970)")]
    Expired {
        /// The clock in epoch seconds *with the 300 s of leeway already taken off*, which is how
        /// AWS's message has it.
        now: i64,
        /// The token's `exp`, epoch seconds.
        exp: i64,
    },
    /// From the future, with the leeway allowed for.
    #[error(
        "the token is not valid yet: its `{claim}` is {at}, the time {now} (seconds since 1970)"
    )]
    NotYetValid {
        /// `nbf` or `iat`.
        claim: &'static str,
        /// The clock in epoch seconds, with the 300 s of leeway already added.
        now: i64,
        /// The claim's value, epoch seconds.
        at: i64,
    },
}
