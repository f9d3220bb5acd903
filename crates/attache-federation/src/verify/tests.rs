//! The token's checks as a specification: what the token says, what the federation wants, and which
//! check does not hold.

use attache_aws_accounts::LinkStatus;
use attache_identifiers::Secret;
use attache_oidc::{Algorithm, Claims, SigningKey};
use time::{Duration, OffsetDateTime};

use super::*;
use crate::Federation;

const FILE: &str = include_str!("../../../../examples/federation.yaml");
const ISSUER: &str = "https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE";

/// The chain of the file's one workload.
pub(super) fn chain(text: &str) -> Chain {
    let federation = Federation::from_yaml(text, "federation.yaml").unwrap();
    let identity = federation.identities().next().unwrap();
    Chain::of(&federation, &identity)
}

/// The token that the example wants, an hour long.
fn good(now: OffsetDateTime) -> Claims {
    Claims::new()
        .issuer(ISSUER)
        .subject("system:serviceaccount:causely:causely-mediator")
        .audience("sts.amazonaws.com")
        .valid(now, Duration::HOUR)
}

type Case =
    (&'static str, fn(Claims, OffsetDateTime) -> Claims, &'static [(LinkStatus, &'static str)]);

const CASES: &[Case] = &[
    ("as it should be", |claims, _| claims, &[]),
    (
        "another cluster's",
        |c, _| c.issuer("https://other.example"),
        &[(LinkStatus::Fail, "issuer")],
    ),
    (
        "an issuer with a slash more",
        |c, _| c.issuer(&format!("{ISSUER}/")),
        &[(LinkStatus::Fail, "issuer")],
    ),
    (
        "another service account's",
        |c, _| c.subject("system:serviceaccount:causely:default"),
        &[(LinkStatus::Fail, "subject")],
    ),
    ("for another audience", |c, _| c.audience("vault"), &[(LinkStatus::Fail, "audience")]),
    (
        "for two audiences",
        |c, _| c.set("aud", vec!["vault", "sts.amazonaws.com"]),
        &[(LinkStatus::Fail, "audience")],
    ),
    (
        "expired within AWS's leeway",
        |c, now| c.valid(now - Duration::minutes(61), Duration::HOUR),
        &[(LinkStatus::Warn, "in its time")],
    ),
    (
        "expired an hour ago",
        |c, now| c.valid(now - Duration::hours(2), Duration::HOUR),
        &[(LinkStatus::Fail, "in its time")],
    ),
    (
        "from a clock that is ahead",
        |c, now| c.valid(now + Duration::minutes(10), Duration::HOUR),
        &[(LinkStatus::Fail, "in its time")],
    ),
    (
        "without an expiry",
        |c, _| Claims(c.0.into_iter().filter(|(name, _)| name != "exp").collect()),
        &[(LinkStatus::Fail, "well-formed")],
    ),
];

#[test]
fn a_token_is_told_what_is_wrong_with_it() {
    let now = OffsetDateTime::from_unix_timestamp(1_790_000_000).unwrap();
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let chain = chain(FILE);
    for (name, alter, expected) in CASES {
        let text = attache_oidc::sign(&key, &alter(good(now), now)).unwrap();
        let file = TokenFile { path: "token".into(), text: Ok(text) };
        let (checks, _) = self::token::check(&file, &chain, now);
        let bad = checks.iter().filter(|check| check.status != LinkStatus::Ok);
        let bad: Vec<_> = bad.map(|check| (check.status, check.name)).collect();
        assert_eq!(bad, *expected, "{name}");
        let failed = checks.iter().filter(|check| check.status == LinkStatus::Fail);
        assert!(failed.into_iter().all(|check| check.remedy.is_some()), "{name}: no remedy");
    }
}

#[test]
fn a_token_that_is_none_shows_nothing_of_itself() {
    let chain = chain(FILE);
    let file = TokenFile { path: "token".into(), text: Ok(Secret::new("hunter2 hunter2")) };
    let (checks, presented) = self::token::check(&file, &chain, OffsetDateTime::UNIX_EPOCH);
    assert!(presented.is_none());
    assert!(!format!("{checks:?}").contains("hunter2"));
}
