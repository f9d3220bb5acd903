//! An issuer's public keys, as it publishes them and as AWS reads them.

use serde_json::{Map, Value, json};

use crate::certificate;
use crate::key::published;
use crate::public_key::{PublicKey, wanted_kind};
use crate::{Algorithm, OidcError, SigningKey, TokenError};

/// A JSON Web Key Set (RFC 7517), reduced to what a token can be verified with.
///
/// AWS's reading, which is more particular than the RFC's:
/// - a key with any `use` but `sig`, or with any `key_ops`, is not used;
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
struct Key {
    kid: Option<String>,
    alg: Option<String>,
    public: PublicKey,
}

/// AWS's limit on the RSA keys of a set, and on the EC keys: with more, tokens signed by that type
/// fail and those of the other go on.
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html>.
const MOST_KEYS_OF_A_TYPE: usize = 100;

impl Jwks {
    /// Reads a key set.
    ///
    /// # Errors
    /// When the text is not a JSON object with an array `keys`. A key that cannot be used is no
    /// error: issuers publish keys for other purposes too.
    pub fn parse(text: &str) -> Result<Self, OidcError> {
        let wrong = |why: String| OidcError::Jwks { why };
        let set: Map<String, Value> =
            serde_json::from_str(text).map_err(|e| wrong(format!("it is no JSON object ({e})")))?;
        let Some(Value::Array(listed)) = set.get("keys") else {
            return Err(wrong("it has no array `keys`".to_owned()));
        };
        let mut jwks = Self::default();
        listed.iter().filter_map(Value::as_object).filter_map(Key::read).for_each(|k| jwks.add(k));
        Ok(jwks)
    }

    /// The set that publishes these signing keys.
    #[must_use]
    pub fn of(keys: &[&SigningKey]) -> Self {
        let mut jwks = Self::default();
        for key in keys {
            let (kid, alg) = (Some(key.key_id().to_owned()), Some(key.algorithm().to_string()));
            jwks.add(Key { kid, alg, public: key.public().clone() });
        }
        jwks
    }

    /// The set as indented JSON, with the keys that a token can be verified with.
    #[must_use]
    pub fn to_json(&self) -> String {
        let show = |key: &Key| published(&key.public, key.kid.as_deref(), key.alg.as_deref());
        let set = json!({ "keys": self.keys.iter().map(show).collect::<Vec<_>>() });
        format!("{set:#}")
    }

    /// The ids of the usable keys, in order; keys without an id are left out.
    pub fn key_ids(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().filter_map(|key| key.kid.as_deref())
    }

    /// Whether no token can be verified with the set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    fn add(&mut self, key: Key) {
        if key.kid.is_some() {
            self.keys.retain(|earlier| earlier.kid != key.kid);
        }
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
        let key = match (kid, self.keys.as_slice()) {
            (Some(kid), keys) => keys.iter().find(|key| key.kid.as_deref() == Some(kid)),
            (None, [only]) => Some(only),
            (None, _) => None,
        };
        let key = key.ok_or_else(|| TokenError::UnknownKey { kid: kid.map(str::to_owned) })?;
        if !key.public.fits(algorithm) {
            return Err(TokenError::WrongKey { wanted, got: key.public.kind() });
        }
        Ok(&key.public)
    }
}

impl Key {
    fn read(jwk: &Map<String, Value>) -> Option<Self> {
        let for_signatures = jwk.get("use").is_none_or(|purpose| purpose == "sig");
        if !for_signatures || jwk.contains_key("key_ops") {
            return None;
        }
        let public = PublicKey::from_jwk(jwk)?;
        if jwk.get("x5c").is_some_and(|chain| !certificate::agrees(chain, &public)) {
            return None;
        }
        let text = |name: &str| jwk.get(name).and_then(Value::as_str).map(str::to_owned);
        Some(Self { kid: text("kid"), alg: text("alg"), public })
    }
}
