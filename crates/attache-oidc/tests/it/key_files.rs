//! Files of public keys: every form that kube-apiserver takes for `--service-account-key-file`.

use attache_oidc::{Algorithm, Jwks, KeyProblem, OidcError, SigningKey};
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::KeyPair as RsaPair;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
    ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _,
};
use serde_json::{Value, json};

use crate::forge::{EC, RSA, named, with};

fn pem(tag: &str, der: &[u8]) -> String {
    pem::encode(&pem::Pem::new(tag, der))
}

fn ids(jwks: &Jwks) -> Vec<&str> {
    jwks.key_ids().collect()
}

#[test]
fn one_key_has_one_id_in_every_form_of_its_file() {
    let private = pem::parse(RSA.to_pem().expose()).unwrap();
    let pair = RsaPair::from_pkcs8(private.contents()).unwrap();
    let (pkcs1, spki) = (pair.public_key().as_ref(), pair.public_key().as_der().unwrap());
    for (what, text) in [
        ("a private key", RSA.to_pem().expose().to_owned()),
        ("a public key", pem("PUBLIC KEY", spki.as_ref())),
        ("PKCS #1", pem("RSA PUBLIC KEY", pkcs1)),
        ("a key set", Jwks::of(&[&RSA]).to_json()),
        ("words around it", format!("sa.pub\n{}the end", pem("PUBLIC KEY", spki.as_ref()))),
    ] {
        let read = Jwks::read(&text).unwrap();
        assert_eq!(ids(&read), [RSA.key_id()], "{what}");
        assert_eq!(read.to_json(), Jwks::of(&[&RSA]).to_json(), "{what}");
    }
}

#[test]
fn ec_keys_of_each_curve_from_their_private_and_public_files() {
    for (signing, alg) in [
        (&ECDSA_P256_SHA256_FIXED_SIGNING, Algorithm::Es256),
        (&ECDSA_P384_SHA384_FIXED_SIGNING, Algorithm::Es384),
        (&ECDSA_P521_SHA512_FIXED_SIGNING, Algorithm::Es512),
    ] {
        let pair = EcdsaKeyPair::generate(signing).unwrap();
        let pkcs8 = pair.to_pkcs8v1().unwrap();
        let sec1 = pair.private_key().as_der().unwrap();
        let spki = pair.public_key().as_der().unwrap();
        let public = Jwks::read(&pem("PUBLIC KEY", spki.as_ref())).unwrap();
        assert_eq!(Jwks::read(&pem("PRIVATE KEY", pkcs8.as_ref())).unwrap(), public, "{alg}");
        assert_eq!(Jwks::read(&pem("EC PRIVATE KEY", sec1.as_ref())).unwrap(), public, "{alg}");
        assert_eq!(public.algorithms(), [alg]);
        let shown: Value = serde_json::from_str(&public.to_json()).unwrap();
        assert_eq!(shown["keys"][0]["alg"], alg.as_str());
    }
}

/// RFC 7517, appendix B: the certificate is for the key that stands beside it.
#[test]
fn a_certificate_is_a_file_of_its_key() {
    let set: Value = serde_json::from_str(include_str!("../data/rfc7517-x5c.json")).unwrap();
    let der = base64::Engine::decode(
        &base64::engine::general_purpose::STANDARD,
        set["keys"][0]["x5c"][0].as_str().unwrap(),
    );
    let read = Jwks::read(&pem("CERTIFICATE", &der.unwrap())).unwrap();
    let shown: Value = serde_json::from_str(&read.to_json()).unwrap();
    assert_eq!(shown["keys"][0]["n"], set["keys"][0]["n"]);
}

#[test]
fn several_keys_in_one_file_and_one_of_them_twice() {
    let (rsa, ec) = (RSA.to_pem(), EC.to_pem());
    let text = format!("{}{}{}", rsa.expose(), ec.expose(), rsa.expose());
    let mut wanted = vec![RSA.key_id(), EC.key_id()];
    let read = Jwks::read(&text).unwrap();
    let mut found = ids(&read);
    wanted.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, wanted);
}

#[test]
fn what_is_no_file_of_keys() {
    for (what, text, said) in [
        ("nothing", String::new(), "no PEM block of a key"),
        ("parameters only", pem("EC PARAMETERS", &[6, 1, 0]), "no PEM block of a key"),
        ("a damaged public key", pem("PUBLIC KEY", &[1, 2]), "public key in it is damaged"),
        ("a damaged certificate", pem("CERTIFICATE", &[1, 2]), "public key in it is damaged"),
        ("a request", pem("CERTIFICATE REQUEST", &[1, 2]), "private key"),
        ("a list", "[]".to_owned(), "no PEM block of a key"),
        ("an object", "{}".to_owned(), "no array `keys`"),
    ] {
        let error = Jwks::read(&text).unwrap_err().to_string();
        assert!(error.contains(said), "{what}: {error}");
    }
}

#[test]
fn sets_merge_unless_an_id_means_two_keys() {
    let set = |keys: &[Value]| Jwks::parse(&json!({ "keys": keys }).to_string()).unwrap();
    let mut merged = set(&[named(&RSA, "a")]);
    merged.merge(&set(&[named(&RSA, "a"), named(&EC, "b")])).unwrap();
    assert_eq!(ids(&merged), ["a", "b"]);
    let twice = merged.clone().merge(&set(&[named(&EC, "a")]));
    assert_eq!(twice, Err(OidcError::KeyIdTwice { key_id: "a".to_owned() }));
    assert!(merged.remove("a") && !merged.remove("a"));
    assert_eq!(ids(&merged), ["b"]);
}

#[test]
fn what_is_said_of_each_key_of_a_set() {
    let other = SigningKey::generate(Algorithm::Es256).unwrap();
    let keys = json!({ "keys": [
        named(&RSA, "good"),
        "text",
        with(RSA.jwk(), &[("kid", Value::Null)]),
        with(named(&RSA, "enc"), &[("use", json!("enc"))]),
        with(named(&RSA, "small"), &[("n", json!("AQAB"))]),
        with(named(&RSA, "x5c"), &[("x5c", json!([]))]),
        with(named(&EC, "ops"), &[("key_ops", json!([]))]),
        named(&EC, "twice"),
        named(&other, "twice"),
    ]});
    let found = Jwks::examine(&keys.to_string()).unwrap();
    let problems: Vec<_> = found.iter().map(|one| one.problem.clone()).collect();
    assert_eq!(
        problems,
        [
            None,
            Some(KeyProblem::NotAnObject),
            Some(KeyProblem::NoId),
            Some(KeyProblem::Purpose),
            Some(KeyProblem::Shape),
            Some(KeyProblem::Certificate),
            Some(KeyProblem::Operations),
            Some(KeyProblem::Replaced),
            None,
        ]
    );
    let many: Vec<Value> = (0..101).map(|n| named(&RSA, &n.to_string())).collect();
    let found = Jwks::examine(&json!({ "keys": many }).to_string()).unwrap();
    let wanted = Some(KeyProblem::TooMany { kind: "RSA", count: 101 });
    assert!(found.iter().all(|one| one.problem == wanted));
}
