//! Who calls is proved, and what they may is decided, for every call.

use std::time::{Duration, SystemTime};

use crate::support::{AUDIENCE, SOURCE, SUBJECT, TARGET, World, minutes_ago};

const WHO: &[(&str, &str)] = &[("Action", "GetCallerIdentity")];

#[tokio::test]
async fn a_signature_is_good_for_five_minutes_either_way() {
    let world = World::new().await;
    let keys = world.administrator(TARGET);
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let body = "Action=GetCallerIdentity&Version=2011-06-15";
    let ahead = SystemTime::now() + Duration::from_secs(360);
    for (name, at, status) in [
        ("now", SystemTime::now(), 200),
        ("four minutes old", minutes_ago(4), 200),
        ("six minutes old", minutes_ago(6), 403),
        ("six minutes ahead", ahead, 403),
    ] {
        assert_eq!(world.signed("sts", &keys, &form, body, at).await.status, status, "{name}");
    }
    world.end().await;
}

#[tokio::test]
async fn a_session_is_its_own_key_its_own_secret_and_its_own_token() {
    let world = World::new().await;
    world.set_up("Reader", r#""*""#).await;
    let one = world.assume("Reader", world.token(SUBJECT, AUDIENCE).expose()).await.keys();
    let other = world.assume("Reader", world.token(SUBJECT, AUDIENCE).expose()).await.keys();
    let mut mixed = one.clone();
    mixed.session_token.clone_from(&other.session_token);
    assert_eq!(world.call("sts", &mixed, WHO).await.element("Code"), "InvalidClientTokenId");
    let mut bare = one.clone();
    bare.session_token = None;
    assert_eq!(world.call("sts", &bare, WHO).await.element("Code"), "InvalidClientTokenId");
    assert_eq!(world.call("sts", &one, WHO).await.status, 200);
    world.end().await;
}

#[tokio::test]
async fn a_session_ends_with_its_role() {
    let world = World::new().await;
    world.set_up("Reader", r#""*""#).await;
    let session = world.assume("Reader", world.token(SUBJECT, AUDIENCE).expose()).await.keys();
    let administrator = world.administrator(TARGET);
    let policy = [("Action", "DeleteRolePolicy"), ("RoleName", "Reader"), ("PolicyName", "p")];
    assert_eq!(world.call("iam", &administrator, &policy).await.status, 200);
    let delete = [("Action", "DeleteRole"), ("RoleName", "Reader")];
    assert_eq!(world.call("iam", &administrator, &delete).await.status, 200);
    assert_eq!(world.call("sts", &session, WHO).await.element("Code"), "InvalidClientTokenId");
    world.create_role("Reader").await;
    let again = world.call("sts", &session, WHO).await;
    assert_eq!(again.element("Code"), "InvalidClientTokenId", "a new role is another role");
    world.end().await;
}

#[tokio::test]
async fn a_session_may_what_its_role_may_now() {
    let world = World::new().await;
    world.set_up("Reader", r#""iam:GetRole""#).await;
    let session = world.assume("Reader", world.token(SUBJECT, AUDIENCE).expose()).await.keys();
    let get = [("Action", "GetRole"), ("RoleName", "Reader")];
    let list = [("Action", "ListRoles")];
    assert_eq!(world.call("iam", &session, &get).await.status, 200);
    let (status, code, message) = world.call("iam", &session, &list).await.refusal();
    let sentence = format!(
        "User: arn:aws:sts::{TARGET}:assumed-role/Reader/test is not authorized to perform: \
         iam:ListRoles on resource: arn:aws:iam::{TARGET}:role/ because no identity-based policy \
         allows the iam:ListRoles action"
    );
    assert_eq!((status, code.as_str(), message), (403, "AccessDenied", sentence));
    let policy = [("Action", "DeleteRolePolicy"), ("RoleName", "Reader"), ("PolicyName", "p")];
    world.call("iam", &world.administrator(TARGET), &policy).await;
    assert_eq!(world.call("iam", &session, &get).await.status, 403, "at once");
    world.end().await;
}

#[tokio::test]
async fn accounts_do_not_see_each_other() {
    let world = World::new().await;
    world.create_role("Reader").await;
    let other = world.administrator(SOURCE);
    let get = [("Action", "GetRole"), ("RoleName", "Reader")];
    assert_eq!(world.call("iam", &other, &get).await.element("Code"), "NoSuchEntity");
    let assume = [
        ("Action", "AssumeRole"),
        ("RoleArn", "arn:aws:iam::222222222222:role/Reader"),
        ("RoleSessionName", "other"),
    ];
    let (status, code, message) = world.call("sts", &other, &assume).await.refusal();
    let sentence = format!(
        "User: arn:aws:iam::{SOURCE}:user/administrator is not authorized to perform: \
         sts:AssumeRole on resource: arn:aws:iam::{TARGET}:role/Reader"
    );
    assert_eq!((status, code.as_str(), message), (403, "AccessDenied", sentence));
    world.end().await;
}
