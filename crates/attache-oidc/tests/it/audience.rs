//! Whom a token is for.

use attache_oidc::{TokenError, UnverifiedToken};
use serde_json::{Value, json};

use crate::forge::{claims, forge, header, with};

const STS: &str = "sts.amazonaws.com";

fn read(aud: Value, azp: Value) -> Result<UnverifiedToken, TokenError> {
    UnverifiedToken::parse(&forge(&header("ES256"), &with(claims(), &[("aud", aud), ("azp", azp)])))
}

#[test]
fn the_authorized_party_is_the_audience_where_there_is_one() {
    for (aud, azp, audience) in [
        (json!(STS), Value::Null, STS),
        (json!([STS]), Value::Null, STS),
        (json!(["other", STS]), json!("client"), "client"),
        (json!(STS), json!("client"), "client"),
        (json!(""), Value::Null, ""),
    ] {
        let token = read(aud, azp).unwrap();
        assert_eq!(token.audience(), Ok(audience));
        assert_eq!(token.require_audience(&["x", audience]), Ok(audience));
    }
}

#[test]
fn several_audiences_are_none() {
    let several = Err(TokenError::SeveralAudiences { count: 2 });
    let token = read(json!(["a", STS]), Value::Null).unwrap();
    assert_eq!(token.audience(), several);
    assert_eq!(token.require_audience(&[STS]), several);
}

#[test]
fn an_audience_that_is_not_registered() {
    let token = read(json!([STS]), Value::Null).unwrap();
    for registered in [vec![], vec!["STS.amazonaws.com"], vec!["sts.amazonaws.com.cn", "other"]] {
        let wanted = registered.iter().map(ToString::to_string).collect();
        let refused = TokenError::Audience { wanted, got: STS.to_owned() };
        assert_eq!(token.require_audience(&registered), Err(refused));
    }
    // The `aud` counts for nothing beside an `azp`.
    let token = read(json!(STS), json!("client")).unwrap();
    assert!(matches!(token.require_audience(&[STS]), Err(TokenError::Audience { .. })));
}

#[test]
fn audiences_are_texts() {
    assert_eq!(read(json!([]), Value::Null), Err(TokenError::EmptyClaim("aud")));
    for (aud, azp, claim) in [
        (json!(1), Value::Null, "aud"),
        (json!([1]), Value::Null, "aud"),
        (json!([STS, 1]), Value::Null, "aud"),
        (json!({}), Value::Null, "aud"),
        (json!(STS), json!(1), "azp"),
    ] {
        let read = read(aud, azp);
        assert!(
            matches!(&read, Err(TokenError::BadClaim { claim: c, .. }) if *c == claim),
            "{read:?}"
        );
    }
}
