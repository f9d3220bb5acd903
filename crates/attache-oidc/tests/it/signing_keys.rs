//! Private keys: what files they are read from, and what is said of the others.

use attache_oidc::{Algorithm, OidcError, SigningKey};
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm,
};
use serde_json::Value;

fn pem(tag: &str, der: &[u8]) -> String {
    pem::encode(&pem::Pem::new(tag, der))
}

fn ec(algorithm: &'static EcdsaSigningAlgorithm) -> EcdsaKeyPair {
    EcdsaKeyPair::generate(algorithm).unwrap()
}

#[test]
fn a_key_survives_its_file() {
    for algorithm in [Algorithm::Rs256, Algorithm::Es256] {
        let key = SigningKey::generate(algorithm).unwrap();
        let text = key.to_pem();
        assert!(text.expose().starts_with("-----BEGIN PRIVATE KEY-----\n"));
        assert!(text.expose().ends_with("-----END PRIVATE KEY-----\n"));
        let read = SigningKey::from_pem(text.expose()).unwrap();
        assert_eq!((read.key_id(), read.algorithm()), (key.key_id(), algorithm));
        assert_eq!(read.jwk(), key.jwk());
        assert_eq!(read.to_pem(), text);
        assert_eq!(read.jwk()["kid"], Value::from(key.key_id()));
    }
}

#[test]
fn two_keys_are_two() {
    let make = || SigningKey::generate(Algorithm::Es256).unwrap();
    assert_ne!(make().key_id(), make().key_id());
}

/// The header of PKCS #8 for an RSA key of 2048 bits; what follows is PKCS #1.
const PKCS8_HEADER: usize = 26;

#[test]
fn older_formats_are_the_same_key() {
    let rsa = SigningKey::generate(Algorithm::Rs256).unwrap();
    let der = pem::parse(rsa.to_pem().expose()).unwrap();
    let pkcs1 = pem("RSA PRIVATE KEY", &der.contents()[PKCS8_HEADER..]);
    assert_eq!(SigningKey::from_pem(&pkcs1).unwrap().key_id(), rsa.key_id(), "PKCS #1");

    let pair = ec(&ECDSA_P256_SHA256_FIXED_SIGNING);
    let pkcs8 = pem("PRIVATE KEY", pair.to_pkcs8v1().unwrap().as_ref());
    let id = SigningKey::from_pem(&pkcs8).unwrap().key_id().to_owned();
    let sec1 = pem("EC PRIVATE KEY", pair.private_key().as_der().unwrap().as_ref());
    assert_eq!(SigningKey::from_pem(&sec1).unwrap().key_id(), id, "SEC 1");
    let with_parameters = format!("some words\n{}{sec1}", pem("EC PARAMETERS", &[6, 1, 0]));
    assert_eq!(SigningKey::from_pem(&with_parameters).unwrap().key_id(), id, "openssl ecparam");
    let crlf = pkcs8.replace('\n', "\r\n");
    assert_eq!(SigningKey::from_pem(&crlf).unwrap().key_id(), id, "CRLF");
}

#[test]
fn what_is_no_key_to_issue_with() {
    let p384 = ec(&ECDSA_P384_SHA384_FIXED_SIGNING).to_pkcs8v1().unwrap();
    for (what, text, said) in [
        ("nothing", String::new(), "no private key"),
        ("words", "issuer.key".to_owned(), "no private key"),
        ("a broken block", "-----BEGIN PRIVATE KEY-----\nAAAA".to_owned(), "private key"),
        ("a public key", pem("PUBLIC KEY", &[1, 2]), "public key only"),
        ("an encrypted key", pem("ENCRYPTED PRIVATE KEY", &[1, 2]), "passphrase"),
        ("OpenSSH's format", pem("OPENSSH PRIVATE KEY", &[1, 2]), "other than PKCS #8"),
        ("rubbish in a block", pem("PRIVATE KEY", &[1, 2]), "damaged"),
        ("rubbish for RSA", pem("RSA PRIVATE KEY", &[1, 2]), "damaged"),
        ("another curve", pem("PRIVATE KEY", p384.as_ref()), "P-256"),
    ] {
        let error = SigningKey::from_pem(&text).unwrap_err().to_string();
        assert!(error.contains(said), "{what}: {error}");
    }
    let not_made = SigningKey::generate(Algorithm::Rs512).unwrap_err();
    assert_eq!(not_made, OidcError::NotForIssuing(Algorithm::Rs512));
}

#[test]
fn no_token_is_longer_than_aws_reads() {
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let claims = attache_oidc::Claims::new().set("filler", "x".repeat(20_000));
    assert!(matches!(attache_oidc::sign(&key, &claims), Err(OidcError::TooLong { .. })));
}
