//! Whatever comes in, an answer comes out; and what we issue comes back as it was.

use std::sync::LazyLock;

use attache_oidc::{Algorithm, Claims, Jwks, SigningKey, UnverifiedToken};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as URL;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

static KEY: LazyLock<SigningKey> =
    LazyLock::new(|| SigningKey::generate(Algorithm::Es256).unwrap());

/// Any JSON, four levels deep.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        // Quarters: `serde_json` reads other fractions to within their last bit only.
        any::<i32>().prop_map(|n| Value::from(f64::from(n) / 4.0)),
        ".{0,20}".prop_map(Value::from),
        "[0-9]{1,25}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("[a-z]{1,4}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// An object with some of these members, each any JSON.
fn object_of(names: &'static [&'static str]) -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::vec((prop::sample::select(names), any_json()), 0..names.len() + 2).prop_map(
        |members| members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
    )
}

const HEADER: &[&str] = &["alg", "kid", "crit", "typ", "jwk"];
const CLAIMS: &[&str] = &["iss", "sub", "aud", "azp", "iat", "nbf", "exp", "jti"];
const JWK: &[&str] = &["kty", "use", "key_ops", "kid", "n", "e", "crv", "x", "y", "x5c", "alg"];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn on_any_text(text in ".{0,200}", dotted in "[-_A-Za-z0-9.=]{0,300}") {
        for text in [text, dotted] {
            // No text of so few kinds is a token, a key set or a key; each reader says so.
            prop_assert!(UnverifiedToken::parse(&text).is_err(), "{}", text);
            prop_assert!(attache_oidc::decode_unverified(&text).is_err(), "{}", text);
            prop_assert!(Jwks::parse(&text).is_err(), "{}", text);
            prop_assert!(SigningKey::from_pem(&text).is_err(), "{}", text);
        }
    }

    #[test]
    fn on_any_bytes_in_the_right_places(
        header: Vec<u8>, payload: Vec<u8>, signature: Vec<u8>, key: Vec<u8>,
    ) {
        let parts = [header, payload, signature].map(|part| URL.encode(part));
        prop_assert!(UnverifiedToken::parse(&parts.join(".")).is_err());
        let block = pem::Pem::new("PRIVATE KEY", key.clone());
        prop_assert!(SigningKey::from_pem(&pem::encode(&block)).is_err());
        let chain = base64::engine::general_purpose::STANDARD.encode(key);
        let mut jwk = KEY.jwk();
        jwk["x5c"] = json!([chain]);
        let set = json!({ "keys": [jwk] }).to_string();
        prop_assert!(Jwks::parse(&set).unwrap().is_empty());
    }

    #[test]
    fn on_any_json_in_the_right_places(
        header in object_of(HEADER), claims in object_of(CLAIMS), keys in prop::collection::vec(object_of(JWK), 0..3),
        algorithm in prop::sample::select(Algorithm::ALL.to_vec()), at: i64,
    ) {
        let mut header = header;
        header.insert("alg".into(), algorithm.as_str().into());
        let token = [Value::Object(header), Value::Object(claims)].map(|p| URL.encode(p.to_string()));
        let token = format!("{}.AAAA", token.join("."));
        let set = json!({ "keys": keys }).to_string();
        let jwks = Jwks::parse(&set).unwrap();
        prop_assert_eq!(&Jwks::parse(&jwks.to_json()).unwrap(), &jwks);
        let now = OffsetDateTime::from_unix_timestamp(at).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        if let Ok(token) = UnverifiedToken::parse(&token) {
            prop_assert!(token.clone().verify(&jwks, now).is_err(), "nobody signed it");
            let _ = (token.expires_at(), token.audience());
        }
    }

    #[test]
    fn what_is_issued_is_read_back(claims in object_of(CLAIMS), subject in ".{0,50}", life in 1..100_000_i64) {
        let now = OffsetDateTime::from_unix_timestamp(1_793_534_400).unwrap();
        let claims = Claims(claims).issuer("https://issuer.example").subject(&subject);
        let mut claims = claims.audience("a").valid(now, time::Duration::seconds(life));
        claims.0.shift_remove("azp");
        let token = attache_oidc::sign(&KEY, &claims).unwrap();
        let verified = UnverifiedToken::parse(token.expose()).unwrap().verify(&Jwks::of(&[&KEY]), now);
        let verified = verified.unwrap();
        prop_assert_eq!(verified.subject(), subject);
        prop_assert_eq!(verified.audience(), Ok("a"));
        prop_assert_eq!(verified.claims().to_map(), claims.0);
    }
}
