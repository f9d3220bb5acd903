//! Signatures and algorithms.

use attache_oidc::{Algorithm, Claims, Jwks, TokenError, UnverifiedToken};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as URL;
use serde_json::json;

use crate::forge::{EC, NOW, RSA, claims, forge, header, jwks, with};

#[test]
fn each_of_the_six_algorithms_verifies() {
    for algorithm in Algorithm::ALL {
        let token = forge(&header(algorithm.as_str()), &claims());
        let verified = UnverifiedToken::parse(&token).unwrap().verify(&jwks(), NOW).unwrap();
        assert_eq!(verified.subject(), "system:serviceaccount:causely:causely-mediator");
        assert_eq!(verified.audience(), Ok("sts.amazonaws.com"));
        assert_eq!(verified.claims().get("iss").unwrap(), verified.issuer());
        assert_eq!(verified.expires_at(), NOW + time::Duration::HOUR);
    }
}

#[test]
fn no_other_algorithm_is_read_at_all() {
    for alg in ["none", "HS256", "PS256"] {
        let token = forge(&header(alg), &claims());
        assert_eq!(
            UnverifiedToken::parse(&token),
            Err(TokenError::Algorithm { got: alg.to_owned() })
        );
    }
    for alg in ["None", "NONE", "rs256", "EdDSA", "ES256K", ""] {
        let token = crate::forge::forge_text(
            "none",
            &with(header("RS256"), &[("alg", json!(alg))]).to_string(),
            &claims().to_string(),
        );
        assert_eq!(
            UnverifiedToken::parse(&token),
            Err(TokenError::Algorithm { got: alg.to_owned() })
        );
    }
}

#[test]
fn what_was_signed_can_not_be_changed() {
    for algorithm in Algorithm::ALL {
        let token = forge(&header(algorithm.as_str()), &claims());
        let parts: Vec<&str> = token.split('.').collect();
        let [head, payload, signature] = parts[..] else { panic!("three parts") };
        let admin = with(claims(), &[("sub", json!("system:serviceaccount:kube-system:admin"))]);
        let other = URL.encode(admin.to_string());
        let spaced = URL.encode(format!(" {}", header(algorithm.as_str())));
        let flipped = {
            let mut bytes = URL.decode(signature).unwrap();
            bytes[7] ^= 1;
            URL.encode(bytes)
        };
        let longer = URL.encode([URL.decode(signature).unwrap(), vec![0]].concat());
        let zero = URL.encode(vec![0; URL.decode(signature).unwrap().len()]);
        for (what, forged) in [
            ("another payload", format!("{head}.{other}.{signature}")),
            ("white space in the header", format!("{spaced}.{payload}.{signature}")),
            ("a bit of the signature", format!("{head}.{payload}.{flipped}")),
            ("a longer signature", format!("{head}.{payload}.{longer}")),
            ("a signature of zeros", format!("{head}.{payload}.{zero}")),
            ("the last character", format!("{head}.{payload}.{}", altered_at_the_end(signature))),
            ("a signature cut off", format!("{head}.{payload}.{}", &signature[..40])),
            ("no signature", format!("{head}.{payload}.")),
        ] {
            let judged = UnverifiedToken::parse(&forged).unwrap().verify(&jwks(), NOW);
            assert_eq!(judged, Err(TokenError::Signature { algorithm }), "{what}, {algorithm}");
        }
    }
}

/// What people do to see a signature refused. It may change stray bits only.
fn altered_at_the_end(signature: &str) -> String {
    let (rest, last) = signature.split_at(signature.len() - 1);
    format!("{rest}{}", if last == "B" { "C" } else { "B" })
}

#[test]
fn an_ecdsa_signature_in_asn_1_is_none() {
    // What `openssl dgst -sign` writes, and JOSE does not take: DER instead of r and s side by side.
    let token = forge(&header("ES256"), &claims());
    let (message, signature) = token.rsplit_once('.').unwrap();
    let raw = URL.decode(signature).unwrap();
    let integer = |half: &[u8]| [&[2, 33, 0], half].concat();
    let pair = [integer(&raw[..32]), integer(&raw[32..])].concat();
    let der = [&[0x30, u8::try_from(pair.len()).unwrap()], pair.as_slice()].concat();
    let judged = UnverifiedToken::parse(&format!("{message}.{}", URL.encode(der))).unwrap();
    let refused = TokenError::Signature { algorithm: Algorithm::Es256 };
    assert_eq!(judged.verify(&jwks(), NOW), Err(refused));
}

#[test]
fn the_signature_is_judged_before_the_times() {
    let token = forge(&header("RS256"), &with(claims(), &[("exp", json!(1))]));
    let older = URL.encode(with(claims(), &[("exp", json!(0))]).to_string());
    let parts: Vec<&str> = token.split('.').collect();
    let tampered = format!("{}.{older}.{}", parts[0], parts[2]);
    let judged = UnverifiedToken::parse(&tampered).unwrap().verify(&jwks(), NOW);
    assert_eq!(judged, Err(TokenError::Signature { algorithm: Algorithm::Rs256 }));
    let judged = UnverifiedToken::parse(&token).unwrap().verify(&jwks(), NOW);
    assert!(matches!(judged, Err(TokenError::Expired { .. })));
}

#[test]
fn what_we_issue_we_verify_and_name_by_the_keys_thumbprint() {
    for key in [&*RSA, &*EC] {
        let claims = Claims::new()
            .issuer("https://issuer.example")
            .subject("s")
            .audience("a")
            .valid(NOW, time::Duration::HOUR)
            .new_id();
        let token = attache_oidc::sign(key, &claims).unwrap();
        let read = UnverifiedToken::parse(token.expose()).unwrap();
        assert_eq!((read.key_id(), read.algorithm()), (Some(key.key_id()), key.algorithm()));
        assert_eq!(read.claims().to_map(), claims.0);
        read.verify(&Jwks::of(&[&RSA, &EC]), NOW).unwrap();
    }
}

#[test]
fn neither_token_nor_key_shows_in_debug() {
    let token = forge(&header("ES256"), &claims());
    let signature = token.rsplit('.').next().unwrap();
    let read = UnverifiedToken::parse(&token).unwrap();
    let verified = read.clone().verify(&jwks(), NOW).unwrap();
    for shown in [format!("{read:?}"), format!("{verified:?}")] {
        assert!(!shown.contains(signature), "{shown}");
    }
    let pem = EC.to_pem();
    let line = pem.expose().lines().nth(1).unwrap();
    assert!(!format!("{:?} {pem:?}", *EC).contains(line));
}
