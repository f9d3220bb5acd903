//! A smithy for tokens that are almost right: any header, any payload, any algorithm.

use std::sync::LazyLock;

use attache_oidc::{Algorithm, Jwks, SigningKey};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P384_SHA384_FIXED_SIGNING, ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as URL;
use jsonwebtoken::{Algorithm as Jose, EncodingKey};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::macros::datetime;

/// When the tests happen: 1,793,534,400 in epoch seconds.
pub(crate) const NOW: OffsetDateTime = datetime!(2026-11-01 12:00 UTC);
pub(crate) const ISSUER: &str = "https://issuer.example/cluster";

/// The issuer's keys. Made once: RSA keys take a while.
pub(crate) static RSA: LazyLock<SigningKey> =
    LazyLock::new(|| SigningKey::generate(Algorithm::Rs256).unwrap());
pub(crate) static EC: LazyLock<SigningKey> =
    LazyLock::new(|| SigningKey::generate(Algorithm::Es256).unwrap());
static P384: LazyLock<EcdsaKeyPair> =
    LazyLock::new(|| EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).unwrap());
static P521: LazyLock<EcdsaKeyPair> =
    LazyLock::new(|| EcdsaKeyPair::generate(&ECDSA_P521_SHA512_FIXED_SIGNING).unwrap());

/// The set with all of them; their ids are `rsa`, `p256`, `p384`, `p521`.
pub(crate) fn jwks() -> Jwks {
    let mut keys = vec![named(&RSA, "rsa"), named(&EC, "p256")];
    for (kid, curve, pair) in [("p384", "P-384", &P384), ("p521", "P-521", &P521)] {
        let (x, y) = pair.public_key().as_ref()[1..].split_at(pair.public_key().as_ref().len() / 2);
        let (x, y) = (URL.encode(x), URL.encode(y));
        keys.push(json!({ "kty": "EC", "crv": curve, "x": x, "y": y, "kid": kid }));
    }
    set(&keys)
}

/// A set of these keys.
pub(crate) fn set(keys: &[Value]) -> Jwks {
    Jwks::parse(&json!({ "keys": keys }).to_string()).unwrap()
}

/// A key's JWK by another id.
pub(crate) fn named(key: &SigningKey, kid: &str) -> Value {
    with(key.jwk(), &[("kid", json!(kid))])
}

/// An object with some members set, or removed by null.
pub(crate) fn with(mut object: Value, members: &[(&str, Value)]) -> Value {
    let map = object.as_object_mut().unwrap();
    for (name, value) in members {
        match value {
            Value::Null => drop(map.shift_remove(*name)),
            value => drop(map.insert((*name).to_owned(), value.clone())),
        }
    }
    object
}

/// The claims of a good token, in its first minute.
pub(crate) fn claims() -> Value {
    let iat = NOW.unix_timestamp();
    json!({
        "iss": ISSUER, "sub": "system:serviceaccount:causely:causely-mediator",
        "aud": ["sts.amazonaws.com"], "iat": iat, "nbf": iat, "exp": iat + 3600,
    })
}

/// The header of an algorithm's good token.
pub(crate) fn header(alg: &str) -> Value {
    let kid = match alg {
        "ES256" => "p256",
        "ES384" => "p384",
        "ES512" => "p521",
        _ => "rsa",
    };
    json!({ "alg": alg, "kid": kid })
}

/// A token of these, signed by the algorithm that the header names.
pub(crate) fn forge(header: &Value, claims: &Value) -> String {
    forge_text(header["alg"].as_str().unwrap(), &header.to_string(), &claims.to_string())
}

/// A token whose parts are any text.
pub(crate) fn forge_text(alg: &str, header: &str, claims: &str) -> String {
    let message = format!("{}.{}", URL.encode(header), URL.encode(claims));
    let signature = match alg {
        "RS256" => rsa(&message, Jose::RS256),
        "RS384" => rsa(&message, Jose::RS384),
        "RS512" => rsa(&message, Jose::RS512),
        "PS256" => rsa(&message, Jose::PS256),
        "ES256" => {
            let key = EncodingKey::from_ec_pem(EC.to_pem().expose().as_bytes()).unwrap();
            jsonwebtoken::crypto::sign(message.as_bytes(), &key, Jose::ES256).unwrap()
        }
        "ES384" => ec(&message, &P384),
        "ES512" => ec(&message, &P521),
        "none" => String::new(),
        // The classic attack: the public key, which everybody has, as the secret of an HMAC.
        "HS256" => {
            let secret = EncodingKey::from_secret(RSA.jwk()["n"].as_str().unwrap().as_bytes());
            jsonwebtoken::crypto::sign(message.as_bytes(), &secret, Jose::HS256).unwrap()
        }
        other => panic!("no smith for {other}"),
    };
    format!("{message}.{signature}")
}

fn rsa(message: &str, algorithm: Jose) -> String {
    let key = EncodingKey::from_rsa_pem(RSA.to_pem().expose().as_bytes()).unwrap();
    jsonwebtoken::crypto::sign(message.as_bytes(), &key, algorithm).unwrap()
}

fn ec(message: &str, pair: &EcdsaKeyPair) -> String {
    URL.encode(pair.sign(&SystemRandom::new(), message.as_bytes()).unwrap())
}
