//! A token that was sent where none belongs is nowhere to be read again.

use attache_authority::Data;

use crate::support::{self, AUDIENCE, Keys, SUBJECT, TARGET, World, holds};

/// Where a caller can put a token by mistake: a name for it, and how to.
async fn send_everywhere(world: &World, keys: &Keys, token: &str) -> Vec<(String, String)> {
    let mut answers = Vec::new();
    let role = format!("arn:aws:iam::{TARGET}:role/Reader");
    let in_path = format!("arn:aws:iam::{TARGET}:role/{token}");
    let policy = format!(r#"{{"Version":"2012-10-17","Statement":"{token}"}}"#);
    let tag = [("Tags.member.1.Key", token), ("Tags.member.1.Value", token)];
    let named = format!("{token}={token}");
    let web: [&[(&str, &str)]; 12] = [
        &[("RoleArn", &role), ("RoleSessionName", token), ("WebIdentityToken", token)],
        &[("RoleArn", token), ("RoleSessionName", "test"), ("WebIdentityToken", token)],
        &[("RoleArn", &in_path), ("RoleSessionName", "test"), ("WebIdentityToken", token)],
        &[("RoleArn", &role), ("RoleSessionName", "t"), ("ProviderId", token)],
        &[("RoleArn", &role), ("RoleSessionName", "test"), ("Policy", token)],
        &[("RoleArn", &role), ("RoleSessionName", "test"), ("Policy", &policy)],
        &[("RoleArn", &role), ("PolicyArns.member.1.arn", token)],
        &[("RoleArn", &role), ("DurationSeconds", token)],
        &[("RoleArn", &role), ("Unknown", token)],
        &[("RoleArn", &role), ("Unknown.member.1", token), ("Unknown.member.2", token)],
        &[("RoleArn", &role), (token, "1"), (&named, "1")],
        &[("RoleArn", &role), tag[0], tag[1]],
    ];
    for (at, members) in web.into_iter().enumerate() {
        let members = [&[("Action", "AssumeRoleWithWebIdentity")], members].concat();
        let told = world.unsigned("sts", &members).await;
        answers.push((format!("web identity {at}"), told.head + &told.body));
    }
    let calls: [(&str, &[(&str, &str)]); 10] = [
        ("sts", &[("Action", token)]),
        ("sts", &[("Action", "GetCallerIdentity"), ("X", token)]),
        ("sts", &[("Action", "GetAccessKeyInfo"), ("AccessKeyId", token)]),
        ("sts", &[("Action", "AssumeRole"), ("RoleArn", &role), ("RoleSessionName", token)]),
        ("sts", &[("Action", "AssumeRole"), ("RoleArn", &role), ("ExternalId", token)]),
        ("sts", &[("Action", "AssumeRole"), ("RoleArn", token), ("SourceIdentity", token)]),
        ("iam", &[("Action", "GetRole"), ("RoleName", token)]),
        ("iam", &[("Action", "GetUser"), ("UserName", token)]),
        ("iam", &[("Action", "ListRoles"), ("Marker", token), ("PathPrefix", token)]),
        (
            "iam",
            &[
                ("Action", "SimulateCustomPolicy"),
                ("PolicyInputList.member.1", token),
                ("ActionNames.member.1", token),
            ],
        ),
    ];
    for (at, (service, members)) in calls.into_iter().enumerate() {
        let told = world.call(service, keys, members).await;
        answers.push((format!("{service} call {at}"), told.head + &told.body));
    }
    let length = "content-length: 0\r\nconnection: close\r\n";
    let form = "Action=GetCallerIdentity";
    let long = format!("content-length: {}\r\nconnection: close\r\n", form.len());
    let credential = format!("AWS4-HMAC-SHA256 Credential=A/20150830/{token}/{token}/aws4_request");
    for (name, raw) in [
        ("the path", format!("POST /{token} HTTP/1.1\r\nhost: x\r\n{length}\r\n")),
        (
            "the query",
            format!("POST /?Action=GetRole&X={token} HTTP/1.1\r\nhost: x\r\n{length}\r\n"),
        ),
        ("the query alone", format!("POST /?{token} HTTP/1.1\r\nhost: x\r\n{length}\r\n")),
        (
            "the client",
            format!("POST / HTTP/1.1\r\nhost: x\r\nuser-agent: {token}\r\n{long}\r\n{form}"),
        ),
        (
            "a bearer",
            format!(
                "POST / HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n{long}\r\n{form}"
            ),
        ),
        (
            "a scope",
            format!(
                "POST / HTTP/1.1\r\nhost: x\r\nauthorization: {credential}, SignedHeaders=host, Signature={token}\r\n{long}\r\n{form}"
            ),
        ),
        (
            "a target",
            format!(
                "POST / HTTP/1.1\r\nhost: x\r\nx-amz-target: AWSOrganizationsV20161128.{token}\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{{}}"
            ),
        ),
        (
            "a header",
            format!("POST / HTTP/1.1\r\nhost: x\r\nx-anything: {token}\r\n{long}\r\n{form}"),
        ),
        (
            "a cluster",
            format!(
                "POST /clusters/{token}/assume-role-for-pod-identity HTTP/1.1\r\nhost: eks-auth.us-east-1.amazonaws.com\r\nauthorization: AWS4-HMAC-SHA256 Credential=A/20150830/us-east-1/eks-auth/aws4_request, SignedHeaders=host, Signature=0\r\n{length}\r\n"
            ),
        ),
        (
            "no path of EKS",
            format!(
                "GET /clusters/a/{token} HTTP/1.1\r\nhost: x\r\nauthorization: AWS4-HMAC-SHA256 Credential=A/20150830/us-east-1/eks/aws4_request, SignedHeaders=host, Signature=0\r\n{length}\r\n"
            ),
        ),
    ] {
        let told = world.send(raw.as_bytes()).await;
        answers.push((name.to_owned(), told.head + &told.body));
    }
    let target = [
        ("content-type", "application/x-amz-json-1.1"),
        ("x-amz-target", "AWSOrganizationsV20161128.DescribeAccount"),
    ];
    let now = std::time::SystemTime::now();
    for body in [format!(r#"{{"AccountId":"{token}"}}"#), format!(r#"{{"{token}":["{token}"]}}"#)] {
        let told = world.signed("organizations", keys, &target, &body, now).await;
        answers.push((body, told.head + &told.body));
    }
    answers
}

#[tokio::test]
async fn a_token_in_a_wrong_place_is_neither_kept_nor_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let world = World::on(Data::Dir(data.clone())).await;
    let keys = world.administrator(TARGET);
    world.set_up("Reader", r#"["sqs:*"]"#).await;
    let token = world.token(SUBJECT, AUDIENCE);
    let token = token.expose();
    // A token is of use as a whole: its signature is what must not be left.
    let (_, signature) = token.rsplit_once('.').unwrap();
    let answers = send_everywhere(&world, &keys, token).await;
    let told: Vec<&str> = answers
        .iter()
        .filter(|(_, told)| told.contains(signature))
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(told, Vec::<&str>::new(), "answers that repeat it");
    let events = world.authority.events(0, 1000).await.unwrap();
    let kept: Vec<String> = events
        .iter()
        .map(|(_, event)| serde_json::to_string(event).unwrap())
        .filter(|event| event.contains(signature))
        .collect();
    assert_eq!(kept, Vec::<String>::new(), "events that keep it");
    assert!(events.len() > 30, "each was noted: {}", events.len());
    world.end().await;
    assert!(!holds(&data, signature), "no file has it");
}

#[tokio::test]
async fn what_is_put_into_the_state_is_kept_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let world = World::on(Data::Dir(data.clone())).await;
    let keys = world.administrator(TARGET);
    let (name, value) = ("MyRoleWith40CharactersABCDEFGHIJKLMNOP12", "a/b+c=");
    let members = [
        ("Action", "CreateRole"),
        ("RoleName", name),
        ("AssumeRolePolicyDocument", &support::trust()),
        ("Tags.member.1.Key", "k"),
        ("Tags.member.1.Value", value),
    ];
    assert_eq!(world.call("iam", &keys, &members).await.status, 200);
    world.end().await;
    let world = World::on(Data::Dir(data)).await;
    let told = world.call("iam", &keys, &[("Action", "GetRole"), ("RoleName", name)]).await;
    assert_eq!(
        (told.element("RoleName"), told.element("Value")),
        (name.to_owned(), value.to_owned())
    );
    world.end().await;
}
