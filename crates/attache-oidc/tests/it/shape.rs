//! Size, parts, header, and the claims that must be there.

use attache_oidc::{TokenError, UnverifiedToken};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as URL;
use serde_json::{Value, json};

use crate::forge::{NOW, claims, forge, forge_text, header, jwks, with};

#[test]
fn a_token_has_4_to_20000_characters() {
    assert_eq!(UnverifiedToken::parse("a.b"), Err(TokenError::TooShort { length: 3 }));
    assert_eq!(UnverifiedToken::parse(""), Err(TokenError::TooShort { length: 0 }));
    // Not too short, though no token either.
    assert!(matches!(UnverifiedToken::parse("a..b"), Err(TokenError::NotAJwt { .. })));

    let padded = |length: usize| {
        forge(&header("RS256"), &with(claims(), &[("filler", json!("x".repeat(length)))]))
    };
    let bare = padded(0).len();
    let longest = (0..).map(|n| padded((20_000 - bare) * 3 / 4 - 4 + n));
    let mut by_length = longest.skip_while(|token| token.len() < 19_999);
    let fits = by_length.next().unwrap();
    assert!(fits.len() <= 20_000, "{}", fits.len());
    assert!(UnverifiedToken::parse(&fits).is_ok());
    let over = by_length.find(|token| token.len() > 20_000).unwrap();
    assert_eq!(UnverifiedToken::parse(&over), Err(TokenError::TooLong { length: over.len() }));
}

#[test]
fn what_is_no_jwt() {
    let good = forge(&header("RS256"), &claims());
    let parts: Vec<&str> = good.split('.').collect();
    let [head, payload, signature] = parts[..] else { panic!("three parts") };
    let list = URL.encode("[1]");
    for (what, text) in [
        ("an opaque access token", "ya29.a0AfH6SMBx".to_owned()),
        ("two parts", format!("{head}.{payload}")),
        ("four parts", format!("{good}.x")),
        ("five parts, an encrypted token", format!("{good}.x.y")),
        ("an empty header", format!(".{payload}.{signature}")),
        ("an empty payload", format!("{head}..{signature}")),
        ("padding", format!("{head}=.{payload}.{signature}")),
        ("base64 of the other alphabet", format!("{head}.{payload}.a+/a")),
        ("white space in front", format!(" {good}")),
        ("a line feed at the end", format!("{good}\n")),
        ("a header that is a list", format!("{list}.{payload}.{signature}")),
        ("a payload that is a list", format!("{head}.{list}.{signature}")),
        ("a payload that is not JSON", format!("{head}.{}.{signature}", URL.encode("{"))),
        ("something after the JSON", format!("{head}.{}.{signature}", URL.encode("{} {}"))),
        (
            "a payload that is not UTF-8",
            format!("{head}.{}.{signature}", URL.encode(b"{\"\xff\":1}")),
        ),
        ("JSON too deep", format!("{head}.{}.{signature}", URL.encode("[".repeat(9000)))),
        ("no alg", format!("{}.{payload}.{signature}", URL.encode(r#"{"kid":"rsa"}"#))),
        ("alg a number", format!("{}.{payload}.{signature}", URL.encode(r#"{"alg":1}"#))),
        (
            "kid a number",
            format!("{}.{payload}.{signature}", URL.encode(r#"{"alg":"RS256","kid":1}"#)),
        ),
    ] {
        let read = UnverifiedToken::parse(&text);
        assert!(matches!(read, Err(TokenError::NotAJwt { .. })), "{what}: {read:?}");
    }
}

#[test]
fn a_critical_header_is_refused_whatever_it_asks_for() {
    for crit in [json!(["b64"]), json!(["exp"]), json!([]), json!("x"), json!({})] {
        let header = with(header("RS256"), &[("crit", crit)]);
        assert_eq!(UnverifiedToken::parse(&forge(&header, &claims())), Err(TokenError::Critical));
    }
}

#[test]
fn five_claims_are_required() {
    for claim in ["iss", "sub", "aud", "iat", "exp"] {
        let without = forge(&header("ES256"), &with(claims(), &[(claim, Value::Null)]));
        assert_eq!(UnverifiedToken::parse(&without), Err(TokenError::MissingClaim(claim)));
        let text = claims().to_string();
        let null = text.replace(&format!("\"{claim}\":"), &format!("\"{claim}\":null,\"x\":"));
        let null = forge_text("ES256", &header("ES256").to_string(), &null);
        let refused = match claim {
            "iss" | "sub" => TokenError::NullClaim(claim),
            "aud" => TokenError::EmptyClaim(claim),
            _ => TokenError::BadTimestamp { claim },
        };
        assert_eq!(UnverifiedToken::parse(&null), Err(refused), "null");
    }
    let without_others = with(claims(), &[("nbf", Value::Null)]);
    let token = forge(&header("ES256"), &without_others);
    assert!(UnverifiedToken::parse(&token).unwrap().verify(&jwks(), NOW).is_ok());
}

#[test]
fn subjects_may_be_empty_or_numbers() {
    for (subject, read_as) in [(json!(""), ""), (json!(42), "42"), (json!("ü"), "ü")] {
        let token = forge(&header("ES256"), &with(claims(), &[("sub", subject)]));
        let verified = UnverifiedToken::parse(&token).unwrap().verify(&jwks(), NOW).unwrap();
        assert_eq!(verified.subject(), read_as);
    }
    for subject in [json!([]), json!({}), json!(true)] {
        let token = forge(&header("ES256"), &with(claims(), &[("sub", subject)]));
        let read = UnverifiedToken::parse(&token);
        assert!(matches!(read, Err(TokenError::BadClaim { claim: "sub", .. })), "{read:?}");
    }
    let token = forge(&header("ES256"), &with(claims(), &[("iss", json!(1))]));
    assert!(matches!(
        UnverifiedToken::parse(&token),
        Err(TokenError::BadClaim { claim: "iss", .. })
    ));
}

#[test]
fn of_two_members_with_one_name_the_last_counts() {
    let twice = r#"{"sub":"first","sub":"last","#;
    let text = claims().to_string().replacen('{', twice, 1);
    let text = text.replace("\"sub\":\"system:serviceaccount:causely:causely-mediator\",", "");
    let token =
        forge_text("ES256", r#"{"alg":"none","kid":"x","alg":"ES256","kid":"p256"}"#, &text);
    let verified = UnverifiedToken::parse(&token).unwrap().verify(&jwks(), NOW).unwrap();
    assert_eq!(verified.subject(), "last");
}

#[test]
fn the_issuer_is_compared_as_text() {
    let token = UnverifiedToken::parse(&forge(&header("ES256"), &claims())).unwrap();
    assert_eq!(token.require_issuer("https://issuer.example/cluster"), Ok(()));
    for wanted in ["https://issuer.example/cluster/", "https://ISSUER.example/cluster", ""] {
        let got = "https://issuer.example/cluster".to_owned();
        let refused = TokenError::Issuer { wanted: wanted.to_owned(), got };
        assert_eq!(token.require_issuer(wanted), Err(refused));
    }
}

#[test]
fn any_token_can_be_looked_at() {
    let shown =
        attache_oidc::decode_unverified(&forge(&json!({ "alg": "none" }), &json!({ "a": 1 })))
            .unwrap();
    assert_eq!((&shown.header["alg"], &shown.claims["a"]), (&json!("none"), &json!(1)));
    assert!(matches!(attache_oidc::decode_unverified("no token"), Err(TokenError::NotAJwt { .. })));
}
