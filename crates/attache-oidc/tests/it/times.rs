//! `exp`, `nbf`, `iat`, and five minutes of tolerance.

use attache_oidc::{LEEWAY, TokenError, UnverifiedToken};
use serde_json::{Value, json};

use crate::forge::{NOW, claims, forge, header, jwks, with};

fn judge(members: &[(&str, Value)]) -> Result<(), TokenError> {
    let token = UnverifiedToken::parse(&forge(&header("ES256"), &with(claims(), members)))?;
    token.verify(&jwks(), NOW).map(drop)
}

#[test]
fn five_minutes_either_way() {
    assert_eq!(LEEWAY.whole_seconds(), 300);
    let now = NOW.unix_timestamp();
    for (claim, at, good) in [
        ("exp", now + 1, true),
        ("exp", now, true),
        ("exp", now - 299, true),
        ("exp", now - 300, false),
        ("exp", 0, false),
        ("exp", i64::MAX, true),
        ("exp", i64::MIN, false),
        ("nbf", now + 300, true),
        ("nbf", now + 301, false),
        ("nbf", i64::MIN, true),
        ("iat", now + 300, true),
        ("iat", now + 301, false),
        ("iat", 0, true),
    ] {
        let judged = judge(&[(claim, json!(at))]);
        let wanted = match claim {
            _ if good => Ok(()),
            "exp" => Err(TokenError::Expired { now: now - 300, exp: at }),
            claim => Err(TokenError::NotYetValid { claim, now: now + 300, at }),
        };
        assert_eq!(judged, wanted, "{claim} {}", at.saturating_sub(now));
    }
}

#[test]
fn whole_seconds_as_numbers_or_text() {
    let later = NOW.unix_timestamp() + 60;
    for value in [json!(later), json!(later.to_string())] {
        assert_eq!(judge(&[("exp", value.clone())]), Ok(()), "{value}");
    }
    let text = |s: &str| json!(s);
    for value in [
        json!(1.5),
        json!(f64::from(2_000_000_000)),
        text("2000000000.0"),
        text("2e9"),
        text(" 2000000000"),
        text("+2000000000"),
        text(""),
        text("tomorrow"),
        json!(u64::MAX),
        json!([2_000_000_000]),
        json!(true),
        Value::Null,
    ] {
        for claim in ["exp", "nbf", "iat"] {
            let claim: &'static str = claim;
            let mut all = claims();
            all[claim] = value.clone();
            let token = UnverifiedToken::parse(&forge(&header("ES256"), &all));
            assert_eq!(token, Err(TokenError::BadTimestamp { claim }), "{claim} {value}");
        }
    }
}

#[test]
fn the_calendar_ends_and_tokens_need_not() {
    for (exp, year) in [(i64::MAX, 9999), (i64::MIN, -9999)] {
        let token = forge(&header("ES256"), &with(claims(), &[("exp", json!(exp))]));
        assert_eq!(UnverifiedToken::parse(&token).unwrap().expires_at().year(), year);
    }
}
