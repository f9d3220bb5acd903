//! A token becomes a session, or is refused with AWS's code and message.

use attache_authority::Outcome;
use attache_identifiers::Secret;
use attache_oidc::{Algorithm, SigningKey};
use time::OffsetDateTime;

use crate::support::{AUDIENCE, ISSUER, SUBJECT, TARGET, World, claims};

/// Status, code and message.
type Refusal<'t> = (u16, &'t str, &'t str);

const NOT_AUTHORIZED: Refusal<'_> =
    (403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity");
const NOT_VALIDATED: Refusal<'_> = (
    400,
    "InvalidIdentityToken",
    "The web identity token provided could not be validated. See the \
     AssumeRoleWithWebIdentity documentation for requirements.",
);
const NO_KEY: Refusal<'_> = (
    400,
    "InvalidIdentityToken",
    "Couldn't retrieve verification key from your identity provider,  please reference \
     AssumeRoleWithWebIdentity documentation for requirements",
);

#[tokio::test]
async fn a_good_token_becomes_a_session_that_works() {
    let world = World::new().await;
    world.set_up("Reader", r#""iam:GetRole""#).await;
    let told = world.assume("Reader", world.token(SUBJECT, AUDIENCE).expose()).await;
    let arn = format!("arn:aws:sts::{TARGET}:assumed-role/Reader/test");
    assert_eq!(told.element("Arn"), arn);
    assert_eq!(told.element("SubjectFromWebIdentityToken"), SUBJECT);
    assert_eq!(told.element("Audience"), AUDIENCE);
    assert_eq!(told.element("PackedPolicySize"), "25");
    assert_eq!(told.element("SessionTokenUtilization"), "25");
    let keys = told.keys();
    let size = keys.session_token.as_deref().map(|token| token.len().to_string());
    assert_eq!(Some(told.element("SessionTokenSize")), size);
    let who = world.call("sts", &keys, &[("Action", "GetCallerIdentity")]).await;
    assert_eq!((who.element("Account"), who.element("Arn")), (TARGET.to_owned(), arn));
    let get = [("Action", "GetRole"), ("RoleName", "Reader")];
    assert_eq!(world.call("iam", &keys, &get).await.status, 200);
    world.end().await;
}

#[tokio::test]
async fn a_bad_token_is_refused_in_awss_words() {
    let world = World::new().await;
    world.set_up("Reader", r#""*""#).await;
    let good = world.token(SUBJECT, AUDIENCE);
    let stranger = SigningKey::generate(Algorithm::Es256).unwrap();
    let none = format!("No OpenIDConnect provider found in your account for {ISSUER}/x");
    let cases: [(&str, &str, Secret, Refusal<'_>); 9] = [
        ("another audience", "Reader", world.token(SUBJECT, "other"), NOT_VALIDATED),
        ("another subject", "Reader", world.token("other", AUDIENCE), NOT_AUTHORIZED),
        ("no such role", "Nobody", good.clone(), NOT_AUTHORIZED),
        (
            "an issuer without a provider",
            "Reader",
            world.mint(&claims(SUBJECT, AUDIENCE).issuer(&format!("{ISSUER}/x"))),
            (400, "InvalidIdentityToken", &none),
        ),
        (
            "another key",
            "Reader",
            attache_oidc::sign(&stranger, &claims(SUBJECT, AUDIENCE)).unwrap(),
            NO_KEY,
        ),
        ("a broken signature", "Reader", broken(&good), NOT_VALIDATED),
        (
            "no token at all",
            "Reader",
            Secret::new("not-a-jwt-token"),
            (
                400,
                "InvalidIdentityToken",
                "The ID Token provided is not a valid JWT. (You may see this error if you sent \
                 an Access Token)",
            ),
        ),
        (
            "no expiry",
            "Reader",
            world.mint(&claims(SUBJECT, AUDIENCE).set("exp", serde_json::Value::Null)),
            (400, "InvalidIdentityToken", "Invalid timestamp in token claims."),
        ),
        (
            "a token too short to be one",
            "Reader",
            Secret::new("abc"),
            (
                400,
                "ValidationError",
                "1 validation error detected: Value at 'webIdentityToken' failed to satisfy \
                 constraint: Member must have length greater than or equal to 4",
            ),
        ),
    ];
    for (name, role, token, (status, code, message)) in cases {
        let refusal = world.assume(role, token.expose()).await.refusal();
        assert_eq!(refusal, (status, code.to_owned(), message.to_owned()), "{name}");
    }
    world.end().await;
}

#[tokio::test]
async fn an_expired_token_is_refused_with_both_times() {
    let world = World::new().await;
    world.set_up("Reader", r#""*""#).await;
    let exp = OffsetDateTime::now_utc() - time::Duration::minutes(6);
    let token = world.mint(&claims(SUBJECT, AUDIENCE).expires_at(exp));
    let (status, code, message) = world.assume("Reader", token.expose()).await.refusal();
    assert_eq!((status, code.as_str()), (400, "ExpiredTokenException"));
    let end = format!("must be before the expiration date/time {}", exp.unix_timestamp());
    assert!(message.starts_with("Token expired: current date/time ") && message.ends_with(&end));
    let late = OffsetDateTime::now_utc() - time::Duration::minutes(4);
    let token = world.mint(&claims(SUBJECT, AUDIENCE).expires_at(late));
    let told = world.assume("Reader", token.expose()).await;
    assert_eq!(told.status, 200, "AWS allows five minutes: {told:?}");
    world.end().await;
}

#[tokio::test]
async fn each_decision_is_one_event_that_says_why() {
    let world = World::new().await;
    world.set_up("Reader", r#""*""#).await;
    let before = world.authority.events(0, 100).await.unwrap().len();
    let good = world.token(SUBJECT, AUDIENCE);
    world.assume("Reader", good.expose()).await;
    world.assume("Reader", world.token("other", AUDIENCE).expose()).await;
    let events = world.authority.events(0, 100).await.unwrap();
    let [(_, allowed), (_, refused)] = &events[before..] else { panic!("two events: {events:?}") };
    assert_eq!(allowed.outcome, Outcome::Allowed);
    assert!(allowed.principal.ends_with(&format!(":{AUDIENCE}:{SUBJECT}")), "{allowed:?}");
    assert!(matches!(&refused.outcome, Outcome::Refused { code, .. } if code == "AccessDenied"));
    assert!(refused.reason.contains(":sub"), "the reason names the condition: {}", refused.reason);
    let shown = serde_json::to_string(&events).unwrap();
    assert!(!shown.contains(good.expose().split('.').next_back().unwrap()), "no token is kept");
    world.end().await;
}

/// The same token with another signature.
fn broken(token: &Secret) -> Secret {
    let (signed, signature) = token.expose().rsplit_once('.').unwrap();
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    Secret::new(format!("{signed}.{first}{}", &signature[1..]))
}
