//! Which key of a set is meant, and which keys are not used.

use attache_oidc::{Jwks, OidcError, TokenError, UnverifiedToken};
use serde_json::{Value, json};

use crate::forge::{EC, NOW, RSA, claims, forge, header, named, set, with};

fn judge(header: &Value, jwks: &Jwks) -> Result<(), TokenError> {
    UnverifiedToken::parse(&forge(header, &claims())).unwrap().verify(jwks, NOW).map(drop)
}

fn rs(kid: Value) -> Value {
    with(header("RS256"), &[("kid", kid)])
}

fn unknown(kid: Option<&str>) -> Result<(), TokenError> {
    Err(TokenError::UnknownKey { kid: kid.map(str::to_owned) })
}

#[test]
fn a_token_names_its_key() {
    let two = set(&[named(&RSA, "rsa"), named(&EC, "ec")]);
    assert_eq!(judge(&rs(json!("rsa")), &two), Ok(()));
    assert_eq!(judge(&rs(json!("RSA")), &two), unknown(Some("RSA")));
    assert_eq!(judge(&rs(json!("")), &two), unknown(Some("")));
    assert_eq!(judge(&rs(json!("x")), &set(&[])), unknown(Some("x")));
}

#[test]
fn it_need_not_where_exactly_one_key_is_usable() {
    let unusable = with(named(&EC, "ec"), &[("use", json!("enc"))]);
    let without_id = with(RSA.jwk(), &[("kid", Value::Null)]);
    let operations = with(named(&EC, "ops"), &[("key_ops", json!(["verify"]))]);
    let numbered = with(RSA.jwk(), &[("kid", json!(1))]);
    let none = rs(Value::Null);
    for (what, keys, good) in [
        ("one key", vec![named(&RSA, "rsa")], true),
        ("one key without an id", vec![without_id.clone()], false),
        ("one usable key", vec![named(&RSA, "rsa"), unusable.clone()], true),
        ("one with an id, one without", vec![named(&RSA, "rsa"), without_id.clone()], true),
        ("one usable, one with key_ops", vec![named(&RSA, "rsa"), operations.clone()], true),
        ("one with key_ops", vec![operations], false),
        ("one with a number as its id", vec![numbered], false),
        ("two keys", vec![named(&RSA, "rsa"), named(&EC, "ec")], false),
        ("two keys without ids", vec![without_id.clone(), without_id.clone()], false),
        ("no usable key", vec![unusable], false),
        ("no key", vec![], false),
    ] {
        let wanted = if good { Ok(()) } else { unknown(None) };
        assert_eq!(judge(&none, &set(&keys)), wanted, "{what}");
    }
    // A name that nobody bears is not the same as no name.
    let two = [without_id.clone(), without_id];
    assert_eq!(judge(&rs(json!("rsa")), &set(&two[..1])), unknown(Some("rsa")));
    let two = set(&two);
    assert_eq!(judge(&rs(json!("a")), &two), unknown(Some("a")));
}

#[test]
fn keys_that_are_not_used() {
    for (what, members) in [
        ("for encryption", vec![("use", json!("enc"))]),
        ("for something unheard of", vec![("use", json!("tls"))]),
        ("a symmetric key", vec![("kty", json!("oct")), ("k", json!("AAAA"))]),
        ("without a modulus", vec![("n", Value::Null)]),
        ("with nothing but a certificate", vec![("n", Value::Null), ("x5c", x5c())]),
        ("with another key's certificate", vec![("x5c", x5c())]),
        ("with a certificate that is none", vec![("x5c", json!(["AAAA"]))]),
        ("with an empty chain", vec![("x5c", json!([]))]),
    ] {
        let jwks = set(&[with(named(&RSA, "rsa"), &members)]);
        assert_eq!(judge(&rs(json!("rsa")), &jwks), unknown(Some("rsa")), "{what}");
    }
    for operations in [json!(["verify"]), json!(["sign", "verify"]), json!([]), json!("verify")] {
        let jwks = set(&[with(named(&RSA, "rsa"), &[("key_ops", operations.clone())])]);
        let refused = TokenError::KeyOperations { kid: "rsa".to_owned() };
        assert_eq!(judge(&rs(json!("rsa")), &jwks), Err(refused), "{operations}");
        assert!(jwks.is_empty() && jwks.key_ids().next().is_none(), "{operations}");
        assert!(!jwks.to_json().contains("rsa"), "{operations}");
    }
    let unmarked = with(named(&RSA, "rsa"), &[("use", Value::Null), ("alg", Value::Null)]);
    assert_eq!(judge(&rs(json!("rsa")), &set(&[unmarked])), Ok(()));
}

/// RFC 7517, appendix B: a key with its own certificate.
#[test]
fn a_key_with_its_own_certificate_is_used() {
    let jwks = Jwks::parse(include_str!("../data/rfc7517-x5c.json")).unwrap();
    assert_eq!(jwks.key_ids().collect::<Vec<_>>(), ["1b94c"]);
}

fn x5c() -> Value {
    let set: Value = serde_json::from_str(include_str!("../data/rfc7517-x5c.json")).unwrap();
    set["keys"][0]["x5c"].clone()
}

#[test]
fn the_tokens_algorithm_decides_and_not_the_keys() {
    for alg in ["RS256", "RS384", "RS512"] {
        let jwks = set(&[with(named(&RSA, "rsa"), &[("alg", json!("ES256"))])]);
        assert_eq!(judge(&header(alg), &jwks), Ok(()), "{alg}");
    }
}

#[test]
fn a_key_of_another_type_is_refused_as_such() {
    let jwks = set(&[named(&RSA, "p256"), named(&EC, "p384")]);
    for (alg, wanted, got) in [("ES256", "EC P-256", "RSA"), ("ES384", "EC P-384", "EC P-256")] {
        let refused = TokenError::WrongKey { wanted, got };
        assert_eq!(judge(&header(alg), &jwks), Err(refused), "{alg}");
    }
}

#[test]
fn a_later_key_replaces_an_earlier_one_of_its_id() {
    let other = attache_oidc::SigningKey::generate(attache_oidc::Algorithm::Rs256).unwrap();
    let algorithm = attache_oidc::Algorithm::Rs256;
    let (first, last) = (named(&other, "rsa"), named(&RSA, "rsa"));
    assert_eq!(judge(&rs(json!("rsa")), &set(&[first.clone(), last.clone()])), Ok(()));
    let refused = Err(TokenError::Signature { algorithm });
    assert_eq!(judge(&rs(json!("rsa")), &set(&[last, first])), refused);
}

#[test]
fn of_more_than_a_hundred_keys_of_a_type_none_is_used() {
    let keys = |key, count: usize| (0..count).map(move |n| named(key, &format!("{n}")));
    let es = |kid: &str| with(header("ES256"), &[("kid", json!(kid))]);
    let full: Vec<Value> = keys(&RSA, 100).chain([named(&EC, "ec")]).collect();
    assert_eq!(judge(&rs(json!("99")), &set(&full)), Ok(()));
    let over: Vec<Value> = keys(&RSA, 101).chain([named(&EC, "ec")]).collect();
    let refused = TokenError::TooManyKeys { kind: "RSA", count: 101 };
    assert_eq!(judge(&rs(json!("0")), &set(&over)), Err(refused));
    assert_eq!(judge(&es("ec"), &set(&over)), Ok(()));
    let over: Vec<Value> = keys(&EC, 101).chain([named(&RSA, "rsa")]).collect();
    let refused = TokenError::TooManyKeys { kind: "EC", count: 101 };
    assert_eq!(judge(&es("0"), &set(&over)), Err(refused));
    assert_eq!(judge(&rs(json!("rsa")), &set(&over)), Ok(()));
}

#[test]
fn a_key_that_the_token_brings_along_is_not_looked_at() {
    let mallory = attache_oidc::SigningKey::generate(attache_oidc::Algorithm::Rs256).unwrap();
    // Signed with our smithy's key, which stands for Mallory's here: the set does not have it.
    let header = with(header("RS256"), &[("jwk", RSA.jwk()), ("jku", json!("https://m.example/"))]);
    let jwks = set(&[named(&mallory, "rsa")]);
    let algorithm = attache_oidc::Algorithm::Rs256;
    assert_eq!(judge(&header, &jwks), Err(TokenError::Signature { algorithm }));
}

#[test]
fn sets_are_read_and_printed() {
    let ours = Jwks::of(&[&RSA, &EC]);
    assert_eq!(Jwks::parse(&ours.to_json()).unwrap(), ours);
    assert_eq!(ours.key_ids().collect::<Vec<_>>(), [RSA.key_id(), EC.key_id()]);
    assert!(Jwks::parse(r#"{"keys":[]}"#).unwrap().is_empty());
    assert!(Jwks::parse(r#"{"keys":[1,{},{"kty":"RSA"}],"more":1}"#).unwrap().is_empty());
    for text in ["", "[]", "{}", r#"{"keys":{}}"#, r#"{"keys":[]"#, "null"] {
        let read = Jwks::parse(text);
        assert!(matches!(read, Err(OidcError::Jwks { .. })), "{text}");
    }
}

/// RFC 7517, A.2 and A.3: private and symmetric keys, which have no place in a published set.
#[test]
fn private_members_are_never_printed() {
    let jwks = Jwks::parse(include_str!("../data/rfc7517-private-keys.json")).unwrap();
    assert_eq!(jwks.key_ids().collect::<Vec<_>>(), ["2011-04-29"]);
    let printed: Value = serde_json::from_str(&jwks.to_json()).unwrap();
    let members: Vec<&String> = printed["keys"][0].as_object().unwrap().keys().collect();
    assert_eq!(members, ["use", "kid", "alg", "e", "kty", "n"]);
}
