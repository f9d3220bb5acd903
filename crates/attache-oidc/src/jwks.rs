//! An issuer's public keys, as it publishes them and as AWS reads them.

use serde_json::{Map, Value, json};

use crate::key::published;
use crate::public_key::{PublicKey, wanted_kind};
use crate::{Algorithm, OidcError, SigningKey, TokenError};

/// A JSON Web Key Set (RFC 7517), reduced to what a token can be verified with.
///
/// AWS's reading, which is more particular than the RFC's:
/// - a key without a `kid` is never used, whether a token names a key or not;
/// - a key with any `use` but `sig` is not used, and is as if it were not there;
/// - a key with any `key_ops` is not used either, but a token that names it is told so by another
///   sentence: [`TokenError::KeyOperations`];
/// - a key with a certificate (`x5c`) that is another key's is not used;
/// - a key's own `alg` says nothing: the token's does;
/// - of two keys with the same `kid` the later is used;
/// - keys of other types and misshapen keys are passed over, and do not spoil the rest;
/// - of more than a hundred keys of a type, none is used.
///
/// Private members of a key (`d`, `p`...) are not kept: a set never prints what it should not have
/// been given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Jwks {
    keys: Vec<Key>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) kid: String,
    pub(crate) alg: Option<String>,
    /// Whether it has `key_ops`, which make it unusable.
    pub(crate) has_operations: bool,
    pub(crate) public: PublicKey,
}

/// AWS's limit on the RSA keys of a set, and on the EC keys: with more, tokens signed by that type
/// fail and those of the other go on.
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html>.
pub(crate) const MOST_KEYS_OF_A_TYPE: usize = 100;

impl Jwks {
    /// Reads a key set.
    ///
    /// # Errors
    /// When the text is not a JSON object with an array `keys`. A key that cannot be used is no
    /// error: issuers publish keys for other purposes too.
    pub fn parse(text: &str) -> Result<Self, OidcError> {
        let mut jwks = Self::default();
        listed(text)?.iter().filter_map(|key| Key::read(key).ok()).for_each(|key| jwks.add(key));
        Ok(jwks)
    }

    /// The set that publishes these signing keys.
    #[must_use]
    pub fn of(keys: &[&SigningKey]) -> Self {
        let mut jwks = Self::default();
        for key in keys {
            let (kid, alg) = (key.key_id().to_owned(), Some(key.algorithm().to_string()));
            jwks.add(Key { kid, alg, has_operations: false, public: key.public().clone() });
        }
        jwks
    }

    /// Adds a public key under the id that Kubernetes gives it.
    pub(crate) fn add_public(&mut self, public: PublicKey) {
        let (kid, alg) = (public.key_id(), Some(public.algorithm().to_string()));
        self.add(Key { kid, alg, has_operations: false, public });
    }

    /// Adds the usable keys of another set, for an issuer of several clusters or a key's rotation. A key
    /// that is there under its id already is not added again.
    ///
    /// # Errors
    /// When two different keys have one id.
    pub fn merge(&mut self, other: &Self) -> Result<(), OidcError> {
        for key in other.usable() {
            match self.keys.iter().find(|present| present.kid == key.kid) {
                Some(present) if present.public != key.public => {
                    return Err(OidcError::KeyIdTwice { key_id: key.kid.clone() });
                }
                Some(_) => {}
                None => self.keys.push(key.clone()),
            }
        }
        Ok(())
    }

    /// Removes the key of that id, and says whether it was there.
    pub fn remove(&mut self, key_id: &str) -> bool {
        let before = self.keys.len();
        self.keys.retain(|key| key.kid != key_id);
        self.keys.len() < before
    }

    /// The algorithms that its usable keys sign with, each once.
    #[must_use]
    pub fn algorithms(&self) -> Vec<Algorithm> {
        let signs =
            |algorithm: &Algorithm| self.usable().any(|k| k.public.algorithm() == *algorithm);
        Algorithm::ALL.into_iter().filter(signs).collect()
    }

    /// The set as indented JSON, with the keys that a token can be verified with.
    #[must_use]
    pub fn to_json(&self) -> String {
        let show = |key: &Key| published(&key.public, &key.kid, key.alg.as_deref());
        let set = json!({ "keys": self.usable().map(show).collect::<Vec<_>>() });
        format!("{set:#}")
    }

    /// The ids of the usable keys, in order.
    pub fn key_ids(&self) -> impl Iterator<Item = &str> {
        self.usable().map(|key| key.kid.as_str())
    }

    /// The id and the kind (`RSA`, `EC P-256`...) of each usable key, in order.
    pub fn kinds(&self) -> impl Iterator<Item = (&str, &'static str)> {
        self.usable().map(|key| (key.kid.as_str(), key.public.kind()))
    }

    /// Whether no token can be verified with the set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.usable().next().is_none()
    }

    fn usable(&self) -> impl Iterator<Item = &Key> {
        self.keys.iter().filter(|key| !key.has_operations)
    }

    fn add(&mut self, key: Key) {
        self.keys.retain(|earlier| earlier.kid != key.kid);
        self.keys.push(key);
    }

    /// The key that a token's header means. A token needs no `kid` where there is one usable key.
    pub(crate) fn find(
        &self,
        algorithm: Algorithm,
        kid: Option<&str>,
    ) -> Result<&PublicKey, TokenError> {
        let wanted = wanted_kind(algorithm);
        let rsa = wanted == "RSA";
        let count = self.keys.iter().filter(|key| key.public.is_rsa() == rsa).count();
        if count > MOST_KEYS_OF_A_TYPE {
            return Err(TokenError::TooManyKeys { kind: if rsa { "RSA" } else { "EC" }, count });
        }
        let key = match kid {
            Some(kid) => self.keys.iter().find(|key| key.kid == kid),
            None => {
                let mut usable = self.usable();
                usable.next().filter(|_| usable.next().is_none())
            }
        };
        let key = key.ok_or_else(|| TokenError::UnknownKey { kid: kid.map(str::to_owned) })?;
        if key.has_operations {
            return Err(TokenError::KeyOperations { kid: key.kid.clone() });
        }
        if !key.public.fits(algorithm) {
            return Err(TokenError::WrongKey { wanted, got: key.public.kind() });
        }
        Ok(&key.public)
    }
}

/// The list of a key set, as it stands there.
pub(crate) fn listed(text: &str) -> Result<Vec<Value>, OidcError> {
    let wrong = |why: String| OidcError::Jwks { why };
    let mut set: Map<String, Value> =
        serde_json::from_str(text).map_err(|e| wrong(format!("it is no JSON object ({e})")))?;
    match set.remove("keys") {
        Some(Value::Array(listed)) => Ok(listed),
        _ => Err(wrong("it has no array `keys`".to_owned())),
    }
}
