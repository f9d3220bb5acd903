//! `GetScopedCredentials`, and how large a session token is.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetScopedCredentials.html>

use serde_json::json;

use crate::support::{AUDIENCE, Keys, Place, SUBJECT, TARGET, Told, World};

/// A call's members, and the keys that sign it, if any do.
type Signed<'t> = (Option<&'t Keys>, Vec<(&'t str, &'t str)>);

const WHO: &[(&str, &str)] = &[("Action", "GetCallerIdentity")];

fn allow(actions: &[&str]) -> String {
    let statement = json!({"Effect": "Allow", "Action": actions, "Resource": "*"});
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

fn deny(actions: &[&str]) -> String {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": actions, "Resource": "*"},
    ]})
    .to_string()
}

async fn scoped(world: &World, keys: &Keys, members: &[(&str, &str)]) -> Told {
    world.call("sts", keys, &[&[("Action", "GetScopedCredentials")][..], members].concat()).await
}

async fn may(world: &World, keys: &Keys, action: &str) -> (bool, String) {
    let told = match action {
        "ListRoles" => world.call("iam", keys, &[("Action", "ListRoles")]).await,
        _ => world.call("iam", keys, &[("Action", action), ("RoleName", "Reader")]).await,
    };
    (told.status == 200, told.element("Message"))
}

async fn session(world: &World, actions: &str) -> Keys {
    world.set_up("Reader", actions).await;
    world.assume("Reader", world.token(SUBJECT, AUDIENCE).expose()).await.keys()
}

#[tokio::test]
async fn each_policy_narrows_what_is_left() {
    let world = World::new().await;
    let whole = session(&world, r#"["iam:*","sts:*"]"#).await;
    let first = allow(&["iam:GetRole", "iam:ListRoles", "iam:ListRoleTags", "sts:*"]);
    let told = scoped(&world, &whole, &[("Policy", &first)]).await;
    assert_eq!(told.element("ScopedPoliciesCount"), "1", "{told:?}");
    let who = world.call("sts", &whole, WHO).await;
    assert_eq!(told.element("ScopedSessionId"), who.element("UserId"));
    let one = told.keys();
    let same = world.call("sts", &one, WHO).await;
    for name in ["Arn", "UserId", "Account"] {
        assert_eq!(same.element(name), who.element(name), "{name}");
    }
    let told = scoped(&world, &one, &[("Policy", &deny(&["iam:ListRoleTags"]))]).await;
    assert_eq!(told.element("ScopedPoliciesCount"), "2");
    let two = told.keys();
    let told =
        scoped(&world, &two, &[("Policy", &allow(&["iam:GetRole", "iam:CreateRole", "sts:*"]))])
            .await;
    assert_eq!(told.element("ScopedPoliciesCount"), "3");
    let three = told.keys();
    for (name, keys, allowed) in [
        ("the session itself", &whole, [true, true, true]),
        ("one policy", &one, [true, true, true]),
        ("two", &two, [true, true, false]),
        ("three", &three, [true, false, false]),
    ] {
        for (action, allowed) in ["GetRole", "ListRoles", "ListRoleTags"].into_iter().zip(allowed) {
            let (may, why) = may(&world, keys, action).await;
            assert_eq!(may, allowed, "{name}: {action}: {why}");
        }
    }
    let (_, why) = may(&world, &two, "ListRoleTags").await;
    assert!(why.ends_with("with an explicit deny in a session policy"), "{why}");
    let (_, why) = may(&world, &three, "ListRoles").await;
    assert!(why.ends_with("because no session policy allows the iam:ListRoles action"), "{why}");
    let fourth = scoped(&world, &three, &[("Policy", &allow(&["*"]))]).await;
    assert_eq!((fourth.status, fourth.element("Code").as_str()), (403, "AccessDenied"));
    let shorter = scoped(&world, &three, &[("DurationSeconds", "60")]).await;
    assert_eq!(shorter.element("ScopedPoliciesCount"), "3", "fewer seconds alone are no policy");
    let (still, _) = may(&world, &shorter.keys(), "ListRoles").await;
    assert!(!still);
    world.end().await;
}

#[tokio::test]
async fn it_is_permitted_like_any_call() {
    let world = World::new().await;
    let keys = session(&world, r#"["iam:*"]"#).await;
    let policy = allow(&["iam:GetRole"]);
    let told = scoped(&world, &keys, &[("Policy", &policy)]).await;
    let sentence = format!(
        "User: arn:aws:sts::{TARGET}:assumed-role/Reader/test is not authorized to perform: \
         sts:GetScopedCredentials because no identity-based policy allows the \
         sts:GetScopedCredentials action"
    );
    assert_eq!(told.refusal(), (403, "AccessDenied".to_owned(), sentence));
    world.end().await;
}

#[tokio::test]
async fn what_it_refuses() {
    let world = World::new().await;
    let keys = session(&world, r#"["iam:*","sts:*"]"#).await;
    let policy = allow(&["*"]);
    for (name, members, status, code) in [
        ("nothing asked", vec![], 400, "ValidationError"),
        ("no policy", vec![("Policy", "{}")], 400, "MalformedPolicyDocument"),
        ("no JSON", vec![("Policy", "x")], 400, "MalformedPolicyDocument"),
        (
            "longer than the session",
            vec![("DurationSeconds", "3700")],
            400,
            "InsufficientSessionLifetime",
        ),
        ("longer than any", vec![("DurationSeconds", "129601")], 400, "ValidationError"),
        ("no second", vec![("DurationSeconds", "0")], 400, "ValidationError"),
        (
            "a description of one letter",
            vec![("Policy", &policy), ("ScopedSessionDescription", "a")],
            400,
            "ValidationError",
        ),
        (
            "a token of no size",
            vec![("Policy", &policy), ("MinimumSessionTokenSize", "4097")],
            400,
            "ValidationError",
        ),
    ] {
        let told = scoped(&world, &keys, &members).await;
        assert_eq!(
            (told.status, told.element("Code").as_str()),
            (status, code),
            "{name}: {told:?}"
        );
    }
    let user = world.administrator(TARGET);
    let told = scoped(&world, &user, &[("Policy", &policy)]).await;
    assert_eq!(told.element("Code"), "InvalidSubjectCredentials", "a user's own key");
    let global = Place { host: "sts.amazonaws.com", region: "us-east-1" };
    let members = [("Action", "GetScopedCredentials"), ("Policy", &policy)];
    let told = world.call_to(global, "sts", &keys, &members).await;
    assert_eq!((told.status, told.element("Code").as_str()), (400, "InvalidAction"), "{told:?}");
    world.end().await;
}

#[tokio::test]
async fn users_sessions_can_be_narrowed_too() {
    let world = World::new().await;
    let user = world.user("ann", r#"["ec2:*","sts:*"]"#).await;
    let narrow = allow(&["sts:AssumeRole"]);
    let federate =
        [("Action", "GetFederationToken"), ("Name", "bob"), ("Policy", &allow(&["sts:*"]))];
    for begin in [&[("Action", "GetSessionToken")][..], &federate] {
        let session = world.call("sts", &user, begin).await.keys();
        let told = scoped(&world, &session, &[("Policy", &narrow)]).await;
        assert_eq!(told.element("ScopedPoliciesCount"), "1", "{told:?}");
        let narrowed = told.keys();
        let who = world.call("sts", &session, WHO).await.element("Arn");
        assert_eq!(world.call("sts", &narrowed, WHO).await.element("Arn"), who);
        let told = scoped(&world, &narrowed, &[("DurationSeconds", "60")]).await;
        let message = told.element("Message");
        assert!(message.contains("no session policy allows"), "{told:?}");
    }
    world.end().await;
}

#[tokio::test]
async fn a_narrowed_session_keeps_its_tags_and_source_identity() {
    let world = World::new().await;
    let administrator = world.administrator(TARGET);
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": TARGET},
        "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]}]});
    world.trusting("Tagged", &trust.to_string(), r#"["sts:*"]"#).await;
    let more =
        [("SourceIdentity", "ann"), ("Tags.member.1.Key", "Team"), ("Tags.member.1.Value", "red")];
    let session = world.become_role(&administrator, "Tagged", &more).await.keys();
    let if_red = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:*", "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalTag/Team": "red", "aws:SourceIdentity": "ann"}}}]});
    let told = scoped(&world, &session, &[("Policy", &if_red.to_string())]).await;
    assert_eq!(told.element("SourceIdentity"), "ann");
    let again = scoped(&world, &told.keys(), &[("DurationSeconds", "900")]).await;
    assert_eq!(again.status, 200, "{again:?}");
    world.end().await;
}

/// <https://aws.amazon.com/about-aws/whats-new/2026/09/aws-sts/>
#[tokio::test]
async fn a_session_token_is_as_large_as_asked_for_and_says_so() {
    let world = World::new().await;
    world.set_up("Reader", r#"["*"]"#).await;
    let administrator = world.administrator(TARGET);
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": TARGET}, "Action": "sts:AssumeRole"}]});
    world.trusting("Next", &trust.to_string(), r#"["*"]"#).await;
    let token = world.token(SUBJECT, AUDIENCE);
    let reader = ["arn:aws:iam::", TARGET, ":role/Reader"].concat();
    let next = ["arn:aws:iam::", TARGET, ":role/Next"].concat();
    let name = ("RoleSessionName", "test");
    let session = world.call("sts", &administrator, &[("Action", "GetSessionToken")]).await.keys();
    let calls: [Signed<'_>; 5] = [
        (
            None,
            vec![
                ("Action", "AssumeRoleWithWebIdentity"),
                ("RoleArn", &reader),
                name,
                ("WebIdentityToken", token.expose()),
            ],
        ),
        (Some(&administrator), vec![("Action", "AssumeRole"), ("RoleArn", &next), name]),
        (Some(&administrator), vec![("Action", "GetSessionToken")]),
        (Some(&administrator), vec![("Action", "GetFederationToken"), ("Name", "bob")]),
        (Some(&session), vec![("Action", "GetScopedCredentials"), ("DurationSeconds", "900")]),
    ];
    for (keys, members) in calls {
        for minimum in ["0", "1", "2047", "4093", "4096"] {
            let all = [&members[..], &[("MinimumSessionTokenSize", minimum)]].concat();
            let told = match keys {
                Some(keys) => world.call("sts", keys, &all).await,
                None => world.unsigned("sts", &all).await,
            };
            let of = |name: &str| told.element(name).parse::<usize>().unwrap();
            let (size, minimum): (usize, usize) =
                (of("SessionTokenSize"), minimum.parse().unwrap());
            assert_eq!(size, told.element("SessionToken").len(), "{members:?}");
            assert!((minimum..=4096).contains(&size), "{minimum} {size} {members:?}");
            let percent = of("SessionTokenUtilization");
            assert!(percent <= 100 && percent >= size * 100 / 4096, "{percent} {size}");
            assert_eq!(percent == 100, size == 4096, "{percent} {size}");
            assert_eq!(
                world.call("sts", &told.keys(), WHO).await.status,
                200,
                "{minimum} {members:?}"
            );
        }
    }
    world.end().await;
}
