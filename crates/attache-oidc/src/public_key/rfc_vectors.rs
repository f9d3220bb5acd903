//! The examples of the RFCs, which we did not make.

use serde_json::{Map, Value};

use super::PublicKey;
use crate::Algorithm;

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn key(jwk: &Value) -> PublicKey {
    PublicKey::from_jwk(jwk.as_object().unwrap()).unwrap()
}

/// RFC 7515, A.2 (RS256), A.3 (ES256), A.4 (ES512): key, signed message, signature.
#[test]
fn rfc_7515_signatures_verify_and_altered_ones_do_not() {
    let examples = read(include_str!("../../tests/data/rfc7515.json"));
    for example in examples.as_array().unwrap() {
        let text = |name: &str| example[name].as_str().unwrap();
        let (key, algorithm) = (key(&example["jwk"]), Algorithm::named(text("alg")).unwrap());
        let (message, signature) = (text("message"), text("signature"));
        let section = text("section");
        assert!(key.verifies(algorithm, message, signature), "{section}");
        assert!(!key.verifies(algorithm, &message.replace('.', "A."), signature), "{section}");
        assert!(!key.verifies(algorithm, message, &signature[1..]), "{section}");
        assert!(!key.verifies(algorithm, message, ""), "{section}");
        let others = Algorithm::ALL.into_iter().filter(|a| *a != algorithm);
        for other in others {
            assert!(!key.verifies(other, message, signature), "{section} as {other}");
        }
    }
}

/// The SHA-256 of the key's SubjectPublicKeyInfo, by the `cryptography` package, of the
/// keys of RFC 7517, A.1.
#[test]
fn key_ids_are_kubernetes() {
    let set = read(include_str!("../../tests/data/rfc7517-public-keys.json"));
    for (index, wanted) in [
        (0, "UblEzfpUTUwyc6pr81BiWn3VO7tqcXIydPU4sZogd2A"),
        // Two parts, for a checker of spelling finds words in it.
        (1, concat!("rTIyDPbFltiEsF", "OBulc6uo3dV0m03o9KI6efmondrrI")),
    ] {
        assert_eq!(key(&set["keys"][index]).key_id(), wanted);
    }
}

#[test]
fn a_misshapen_key_is_none() {
    let set = read(include_str!("../../tests/data/rfc7517-public-keys.json"));
    let with = |index: usize, name: &str, value: &str| -> Map<String, Value> {
        let mut jwk = set["keys"][index].as_object().unwrap().clone();
        jwk.insert(name.to_owned(), value.into());
        jwk
    };
    for (index, name, value, why) in [
        (0, "kty", "oct", "a symmetric key"),
        (0, "kty", "OKP", "an Edwards key"),
        (0, "kty", "ec", "the type in another case"),
        (0, "crv", "P-384", "coordinates of another curve's length"),
        (0, "crv", "secp256k1", "a curve that AWS does not take"),
        (0, "x", "AA", "a coordinate cut off"),
        (0, "y", "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM=", "padding"),
        (1, "n", "AQAB", "a modulus under 2048 bits"),
        (1, "n", "", "no modulus"),
        (1, "e", "", "no exponent"),
        (1, "e", "AAAA", "an exponent of zero"),
        (1, "e", "A*AB", "another alphabet"),
    ] {
        assert_eq!(PublicKey::from_jwk(&with(index, name, value)), None, "{why}");
    }
}
