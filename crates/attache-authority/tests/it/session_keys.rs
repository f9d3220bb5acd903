//! The condition keys of a token in the later requests of its session.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif>

use attache_authority::Data;
use serde_json::{Value, json};

use crate::support::token::{forge, header, payload};
use crate::support::{AUDIENCE, ISSUER, Keys, SUBJECT, TARGET, World};

/// What a role may before the test says what.
const NOTHING: &str = r#"["sts:GetCallerIdentity"]"#;

/// Whether a session may call `GetRole` under a condition.
async fn may(world: &World, keys: &Keys, role: &str, condition: &Value) -> bool {
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "iam:GetRole", "Resource": "*", "Condition": condition},
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"},
    ]});
    let put = [
        ("Action", "PutRolePolicy"),
        ("RoleName", role),
        ("PolicyName", "p"),
        ("PolicyDocument", &policy.to_string()),
    ];
    assert_eq!(world.call("iam", &world.administrator(TARGET), &put).await.status, 200);
    let get = [("Action", "GetRole"), ("RoleName", role)];
    world.call("iam", keys, &get).await.status == 200
}

#[tokio::test]
async fn the_subject_and_the_audience_stay_in_the_session() {
    let world = World::new().await;
    world.set_up("Reader", NOTHING).await;
    let tail = ISSUER.strip_prefix("https://").unwrap();
    let key = |name: &str| format!("{tail}:{name}");
    let claims = payload(&[
        ("aud", json!(["original"])),
        ("azp", json!(AUDIENCE)),
        ("amr", json!(["pwd", "mfa"])),
        ("email", json!("ann@example.com")),
    ]);
    let token = forge(&world.key, &header(&world.key).to_string(), &claims.to_string());
    let keys = world.assume("Reader", &token).await.keys();
    for (name, condition, allowed) in [
        ("its subject", json!({"StringEquals": {key("sub"): SUBJECT}}), true),
        ("another subject", json!({"StringEquals": {key("sub"): "other"}}), false),
        ("its audience", json!({"StringEquals": {key("aud"): AUDIENCE}}), true),
        ("its own audience does not stay", json!({"Null": {key("oaud"): "true"}}), true),
        ("a method", json!({"ForAnyValue:StringEquals": {key("amr"): "mfa"}}), true),
        ("another method", json!({"ForAnyValue:StringEquals": {key("amr"): "otp"}}), false),
        ("its address does not stay", json!({"Null": {key("email"): "true"}}), true),
        ("another issuer's subject", json!({"Null": {"issuer.example:sub": "true"}}), true),
    ] {
        assert_eq!(may(&world, &keys, "Reader", &condition).await, allowed, "{name}");
    }
    world.end().await;
}

#[tokio::test]
async fn a_session_that_it_begins_does_not_have_them() {
    let world = World::new().await;
    world.set_up("Reader", r#"["sts:AssumeRole"]"#).await;
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": TARGET}}]});
    world.trusting("Next", &trust.to_string(), NOTHING).await;
    let first = world.assume("Reader", world.token(SUBJECT, AUDIENCE).expose()).await.keys();
    let next = world.become_role(&first, "Next", &[]).await.keys();
    let tail = ISSUER.strip_prefix("https://").unwrap();
    let absent = json!({"Null": {format!("{tail}:sub"): "true"}});
    assert!(may(&world, &next, "Next", &absent).await);
    assert!(!may(&world, &first, "Reader", &absent).await);
    world.end().await;
}

#[tokio::test]
async fn a_session_before_a_restart_has_them_after_it() {
    let directory = tempfile::tempdir().unwrap();
    let world = World::on(Data::Dir(directory.path().to_owned())).await;
    world.set_up("Reader", NOTHING).await;
    let keys = world.assume("Reader", world.token(SUBJECT, AUDIENCE).expose()).await.keys();
    world.end().await;
    let world = World::on(Data::Dir(directory.path().to_owned())).await;
    let tail = ISSUER.strip_prefix("https://").unwrap();
    let condition = json!({"StringEquals": {format!("{tail}:sub"): SUBJECT}});
    assert!(may(&world, &keys, "Reader", &condition).await);
    world.end().await;
}
