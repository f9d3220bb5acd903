//! Why AWS does not use a key of a key set.

use serde_json::{Map, Value};

use crate::jwks::{Jwks, Key, MOST_KEYS_OF_A_TYPE, listed};
use crate::public_key::PublicKey;
use crate::{OidcError, certificate};

/// Why a key is not used, whatever token names it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyProblem {
    /// The list has something else than an object.
    #[error("it is not a JSON object")]
    NotAnObject,
    /// It has no `kid`, or one that is no text.
    #[error("it has no `kid`, and AWS never uses such a key")]
    NoId,
    /// It is for something else than signatures.
    #[error("its `use` is not sig")]
    Purpose,
    /// Its type, curve, size or shape.
    #[error("it is not an RSA key of 2048 to 8192 bits or an EC key on P-256, P-384 or P-521")]
    Shape,
    /// Its certificate is for another key, or is none.
    #[error("the certificate in `x5c` is for another key")]
    Certificate,
    /// It has `key_ops`.
    #[error("it has `key_ops`, with which AWS does not use a key")]
    Operations,
    /// A later key of the set has the same id.
    #[error("a later key has the same `kid`, and AWS uses the later one")]
    Replaced,
    /// The set has too many keys of its type.
    #[error(
        "the set has {count} {kind} keys, and AWS uses none of more than {MOST_KEYS_OF_A_TYPE}"
    )]
    TooMany {
        /// `RSA` or `EC`.
        kind: &'static str,
        /// How many there are.
        count: usize,
    },
}

/// What is said of one key of a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFinding {
    /// Its `kid`, if it has one.
    pub key_id: Option<String>,
    /// `RSA`, `EC P-256`..., if it is a key that tokens can be signed with.
    pub kind: Option<&'static str>,
    /// Why AWS does not use it; none if it does.
    pub problem: Option<KeyProblem>,
}

impl Jwks {
    /// What AWS makes of each key of a set, in the set's order. [`Jwks::parse`] keeps those without a
    /// problem.
    ///
    /// # Errors
    /// As [`Jwks::parse`].
    pub fn examine(text: &str) -> Result<Vec<KeyFinding>, OidcError> {
        let read: Vec<_> = listed(text)?.iter().map(|key| (id_of(key), Key::read(key))).collect();
        let ids: Vec<_> = read.iter().map(|(id, key)| id.clone().filter(|_| key.is_ok())).collect();
        let usable = |rsa: bool| {
            let keys = read.iter().enumerate().filter_map(|(at, (_, key))| {
                let replaced = is_repeated(&ids, at);
                key.as_ref().ok().filter(|key| !replaced && key.public.is_rsa() == rsa)
            });
            keys.count()
        };
        let counts = [("EC", usable(false)), ("RSA", usable(true))];
        let finding = |(at, (key_id, key)): (usize, &(Option<String>, Result<Key, KeyProblem>))| {
            let problem = match key {
                Err(problem) => Some(problem.clone()),
                Ok(_) if is_repeated(&ids, at) => Some(KeyProblem::Replaced),
                Ok(key) if key.has_operations => Some(KeyProblem::Operations),
                Ok(key) => {
                    let (kind, count) = if key.public.is_rsa() { counts[1] } else { counts[0] };
                    (count > MOST_KEYS_OF_A_TYPE).then_some(KeyProblem::TooMany { kind, count })
                }
            };
            let kind = key.as_ref().ok().map(|key| key.public.kind());
            KeyFinding { key_id: key_id.clone(), kind, problem }
        };
        Ok(read.iter().enumerate().map(finding).collect())
    }
}

fn is_repeated(ids: &[Option<String>], at: usize) -> bool {
    let Some(Some(id)) = ids.get(at) else { return false };
    ids.iter().skip(at + 1).flatten().any(|later| later == id)
}

fn id_of(key: &Value) -> Option<String> {
    key.get("kid").and_then(Value::as_str).map(str::to_owned)
}

impl Key {
    /// Reads a key of a set.
    pub(crate) fn read(jwk: &Value) -> Result<Self, KeyProblem> {
        let jwk: &Map<String, Value> = jwk.as_object().ok_or(KeyProblem::NotAnObject)?;
        let text = |name: &str| jwk.get(name).and_then(Value::as_str).map(str::to_owned);
        let kid = text("kid").ok_or(KeyProblem::NoId)?;
        if jwk.get("use").is_some_and(|purpose| purpose != "sig") {
            return Err(KeyProblem::Purpose);
        }
        let public = PublicKey::from_jwk(jwk).ok_or(KeyProblem::Shape)?;
        if jwk.get("x5c").is_some_and(|chain| !certificate::agrees(chain, &public)) {
            return Err(KeyProblem::Certificate);
        }
        Ok(Self { kid, alg: text("alg"), has_operations: jwk.contains_key("key_ops"), public })
    }
}
