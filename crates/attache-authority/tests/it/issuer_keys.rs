//! Which of an issuer's published keys STS uses, and what it says of a token whose key is not used.

use attache_authority::{Authority, Data, Settings};
use attache_identifiers::Issuer;
use attache_oidc::{Algorithm, Jwks, SigningKey};
use serde_json::{Value, json};

use crate::support::token::{forge, payload};
use crate::support::{AUDIENCE, TARGET, World, settings};

const NO_KEY: &str = "Couldn't retrieve verification key from your identity provider,  please reference \
                      AssumeRoleWithWebIdentity documentation for requirements";
const NOT_VALIDATED: &str = "The web identity token provided could not be validated. See the \
                             AssumeRoleWithWebIdentity documentation for requirements.";

/// A key's JWK with these members in place of its own; null removes one.
fn jwk(key: &SigningKey, members: &[(&str, Value)]) -> Value {
    let mut jwk = key.jwk();
    let map = jwk.as_object_mut().unwrap();
    for (name, value) in members {
        match value {
            Value::Null => drop(map.shift_remove(*name)),
            value => drop(map.insert((*name).to_owned(), value.clone())),
        }
    }
    jwk
}

struct Case {
    name: &'static str,
    keys: String,
    header: Value,
    /// The sentence of the refusal; none where the token is taken.
    refused: Option<&'static str>,
}

fn case(name: &'static str, keys: &[&Value], header: Value, refused: Option<&'static str>) -> Case {
    Case { name, keys: json!({"keys": keys}).to_string(), header, refused }
}

fn cases(ours: &SigningKey, other: &SigningKey, ec: &SigningKey) -> Vec<Case> {
    let kid = |kid: &str| [("kid", json!(kid))];
    let a = jwk(ours, &kid("a"));
    let b = jwk(ours, &kid("b"));
    let with = |name, value| jwk(ours, &[("kid", json!("a")), (name, value)]);
    let without = jwk(ours, &[("kid", Value::Null)]);
    let names = |kid: &str| json!({"alg": "RS256", "kid": kid});
    let none = || json!({"alg": "RS256"});
    let of_ec = jwk(ec, &kid("ec"));
    let many = (0..101).map(|n| jwk(ours, &kid(&n.to_string())));
    let many: Vec<Value> = many.chain([of_ec]).collect();
    let mut all = vec![
        case("one key, which is named", &[&a], names("a"), None),
        case("one key, which is not named", &[&a], none(), None),
        case("two keys, one named", &[&a, &b], names("b"), None),
        case("two keys, none named", &[&a, &b], none(), Some(NO_KEY)),
        case("another key is named", &[&a], names("c"), Some(NO_KEY)),
        case("no keys", &[], names("a"), Some(NO_KEY)),
        case("a key without an id, none named", &[&without], none(), Some(NO_KEY)),
        case("a key without an id, one named", &[&without], names("a"), Some(NO_KEY)),
        case("two keys without ids, one named", &[&without, &without], names("a"), Some(NO_KEY)),
        case("one key with an id and one without, none named", &[&a, &without], none(), None),
        case(
            "one usable key and one for encryption",
            &[&a, &jwk(other, &[("kid", json!("b")), ("use", json!("enc"))])],
            none(),
            None,
        ),
        case("use: enc", &[&with("use", json!("enc"))], names("a"), Some(NO_KEY)),
        case("no use", &[&with("use", Value::Null)], names("a"), None),
        case(
            "key_ops: verify",
            &[&with("key_ops", json!(["verify"]))],
            names("a"),
            Some(NOT_VALIDATED),
        ),
        case(
            "key_ops: sign",
            &[&with("key_ops", json!(["sign"]))],
            names("a"),
            Some(NOT_VALIDATED),
        ),
        case("key_ops: none", &[&with("key_ops", json!([]))], names("a"), Some(NOT_VALIDATED)),
        case("x5c that is none", &[&with("x5c", json!(["AAAA"]))], names("a"), Some(NO_KEY)),
        case(
            "x5c alone",
            &[&jwk(ours, &[("kid", json!("a")), ("n", Value::Null), ("x5c", json!(["AAAA"]))])],
            names("a"),
            Some(NO_KEY),
        ),
        case("the key's own alg", &[&with("alg", json!("ES512"))], names("a"), None),
        case("a later key of the same id", &[&jwk(other, &kid("a")), &a], names("a"), None),
        case(
            "an earlier key of the same id",
            &[&a, &jwk(other, &kid("a"))],
            names("a"),
            Some(NOT_VALIDATED),
        ),
        case("another's signature", &[&jwk(other, &kid("a"))], names("a"), Some(NOT_VALIDATED)),
        case("over 100 RSA keys", &many.iter().collect::<Vec<_>>(), names("7"), Some(NO_KEY)),
        case(
            "an EC key beside over 100 RSA keys",
            &many.iter().collect::<Vec<_>>(),
            json!({"alg": "ES256", "kid": "ec"}),
            None,
        ),
    ];
    all.push(Case {
        name: "of two lists of keys the last counts",
        keys: format!(r#"{{"keys":[],"keys":[{a}]}}"#),
        header: names("a"),
        refused: None,
    });
    all
}

#[tokio::test]
async fn each_key_set_and_what_sts_says_of_it() {
    let ours = SigningKey::generate(Algorithm::Rs256).unwrap();
    let other = SigningKey::generate(Algorithm::Rs256).unwrap();
    let ec = SigningKey::generate(Algorithm::Es256).unwrap();
    let cases = cases(&ours, &other, &ec);
    let url = |number: usize| format!("https://issuer.example/{number}");
    let issuers = cases.iter().enumerate().map(|(number, case)| {
        (Issuer::parse(&url(number)).unwrap(), Jwks::parse(&case.keys).unwrap())
    });
    let settings = Settings { issuers: issuers.collect(), ..settings(Data::Memory, &ec) };
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let world = World::serving(Authority::open(settings).await.unwrap(), key).await;
    let administrator = world.administrator(TARGET);
    for (number, case) in cases.iter().enumerate() {
        let (url, role) = (url(number), format!("K{number}"));
        let made = [
            ("Action", "CreateOpenIDConnectProvider"),
            ("Url", &url),
            ("ClientIDList.member.1", AUDIENCE),
        ];
        let told = world.call("iam", &administrator, &made).await;
        let trust = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow",
            "Principal": {"Federated": told.element("OpenIDConnectProviderArn")},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {format!("issuer.example/{number}:aud"): AUDIENCE}},
        }]});
        world.trusting(&role, &trust.to_string(), r#"["*"]"#).await;
        let signer = if case.header["alg"] == "ES256" { &ec } else { &ours };
        let claims = payload(&[("iss", json!(url))]);
        let token = forge(signer, &case.header.to_string(), &claims.to_string());
        let told = world.assume(&role, &token).await;
        match case.refused {
            None => assert_eq!(told.status, 200, "{}: {told:?}", case.name),
            Some(sentence) => {
                let refused = (400, "InvalidIdentityToken".to_owned(), sentence.to_owned());
                assert_eq!(told.refusal(), refused, "{}", case.name);
            }
        }
    }
    world.end().await;
}
