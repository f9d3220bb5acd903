//! Whatever is sent, the answer is an error in the protocol's own shape, and others go on.

use std::time::Duration;

use attache_sample_resources::SampleResources;

use crate::support::{self, TARGET, World, account};

#[tokio::test]
async fn what_cannot_be_read_is_refused() {
    let world = World::new().await;
    let get = |rest: &str| format!("{rest}host: x\r\nconnection: close\r\n\r\n");
    let post = |body: &str| {
        let length = body.len();
        format!(
            "POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
        )
    };
    let many: String = (0..20_000).map(|n| format!("A.{n}=x&")).collect();
    let deep = format!("Action=X&{}=x", vec!["a"; 100].join("."));
    for (name, sent, status, code) in [
        ("no action", get("GET / HTTP/1.1\r\n"), 400, "MissingAction"),
        ("one parameter twice", post("Action=GetCallerIdentity&Action=B"), 400, "MalformedInput"),
        ("bytes that are no text", post("Action=%ff"), 400, "MalformedInput"),
        ("too many parameters", post(&many), 400, "MalformedInput"),
        ("structures in structures", post(&deep), 400, "MalformedInput"),
        ("a body of two megabytes", post(&"a".repeat(2 << 20)), 413, "RequestEntityTooLarge"),
        (
            "a signature that is none",
            get("GET /?Action=ListRoles HTTP/1.1\r\nauthorization: AWS4-HMAC-SHA256 nonsense\r\n"),
            400,
            "IncompleteSignature",
        ),
    ] {
        let told = world.send(sent.as_bytes()).await;
        assert_eq!(
            (told.status, told.element("Code").as_str()),
            (status, code),
            "{name}: {told:?}"
        );
    }
    world.end().await;
}

#[tokio::test]
async fn what_nobody_answers_is_refused() {
    let world = World::new().await;
    let keys = world.administrator(TARGET);
    let told = world.call("iam", &keys, &[("Action", "CreateSpaceship")]).await;
    let message = "Could not find operation CreateSpaceship for version 2010-05-08";
    assert_eq!(told.refusal(), (400, "InvalidAction".to_owned(), message.to_owned()));
    let told = world.call("spaceships", &keys, &[("Action", "List")]).await;
    assert_eq!((told.status, told.element("Code").as_str()), (400, "InvalidAction"));
    let target = [
        ("content-type", "application/x-amz-json-1.1"),
        ("x-amz-target", "AWSOrganizationsV20161128.CreateSpaceship"),
    ];
    let now = std::time::SystemTime::now();
    let told = world.signed("organizations", &keys, &target, "{}", now).await;
    assert!(told.body.contains("UnknownOperationException"), "{told:?}");
    let target = [target[0], ("x-amz-target", "AWSOrganizationsV20161128.ListAccounts")];
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    let told = world.signed("organizations", &keys, &target, &deep, now).await;
    assert!(told.status == 400 && told.body.contains("SerializationException"), "{told:?}");
    world.end().await;
}

/// Whoever may not call an operation learns that; whoever may learns that it is not served.
#[tokio::test]
async fn an_operation_that_is_not_served_is_decided_first() {
    let world = World::new().await;
    let resources = SampleResources::new(1, &[account(TARGET)]);
    world.authority.add_services(resources.services());
    let administrator = world.administrator(TARGET);
    let reader = world.user("ann", r#""iam:GetRole""#).await;
    for (service, action, denied) in [
        ("iam", "CreateSAMLProvider", "AccessDenied"),
        ("sts", "AssumeRoleWithSAML", "AccessDenied"),
        ("ec2", "RunInstances", "UnauthorizedOperation"),
        ("rds", "CreateDBInstance", "AccessDenied"),
        ("sqs", "CreateQueue", "AccessDenied"),
    ] {
        let members = [("Action", action)];
        let told = world.call(service, &reader, &members).await;
        assert_eq!((told.status, told.element("Code").as_str()), (403, denied), "{action}");
        let (status, code, message) = world.call(service, &administrator, &members).await.refusal();
        assert_eq!((status, code.as_str()), (400, "InvalidAction"), "{action}");
        let sentence = format!("The embedded AWS does not serve {service}:{action}.");
        assert!(message.starts_with(&sentence), "{message}");
    }
    let told = world.call("ec2", &administrator, &[("Action", "LaunchRocket")]).await;
    assert!(told.body.contains("not valid for this web service"), "AWS has it neither: {told:?}");
    world.end().await;
}

#[tokio::test]
async fn what_is_asked_of_the_authority_itself_is_asked_from_here() {
    let world = World::new().await;
    for (name, line, headers, status) in [
        ("this machine", "GET /_attache/snapshots", "host: localhost:4599", 200),
        ("its address", "GET /_attache/snapshots", "host: [::1]:4599", 200),
        ("a rebound name", "POST /_attache/reset", "host: evil.example:4599", 403),
        ("a longer name", "POST /_attache/reset", "host: 127.0.0.1.evil.example", 403),
        ("two hosts", "POST /_attache/reset", "host: localhost\r\nhost: evil.example", 403),
        ("a proxy's URL", "POST http://evil.example/_attache/reset", "host: localhost", 403),
        ("no host", "POST /_attache/reset", "accept: */*", 403),
        (
            "another site's page",
            "POST /_attache/reset",
            "host: localhost\r\norigin: https://evil.example",
            403,
        ),
        (
            "its own page",
            "GET /_attache/snapshots",
            "host: localhost:1\r\norigin: http://localhost:1",
            200,
        ),
        (
            "its own page, told",
            "GET /_attache/snapshots",
            "host: localhost\r\nsec-fetch-site: same-origin",
            200,
        ),
        (
            "typed by a person",
            "GET /_attache/snapshots",
            "host: localhost\r\nsec-fetch-site: none",
            200,
        ),
        (
            "another port's page",
            "POST /_attache/reset",
            "host: localhost:1\r\norigin: http://localhost:2",
            403,
        ),
        ("an opaque page", "POST /_attache/reset", "host: localhost\r\norigin: null", 403),
        (
            "a page beside",
            "POST /_attache/reset",
            "host: localhost\r\nsec-fetch-site: same-site",
            403,
        ),
        (
            "a link of another site",
            "GET /_attache/snapshots",
            "host: localhost\r\nsec-fetch-site: cross-site",
            403,
        ),
        (
            "two sites",
            "POST /_attache/reset",
            "host: localhost\r\nsec-fetch-site: none\r\nsec-fetch-site: cross-site",
            403,
        ),
        ("another method", "GET /_attache/reset", "host: localhost", 405),
        ("another path", "GET /_attache/nothing", "host: localhost", 404),
    ] {
        let sent = format!("{line} HTTP/1.1\r\n{headers}\r\nconnection: close\r\n\r\n");
        let told = world.send(sent.as_bytes()).await;
        assert_eq!(told.status, status, "{name}: {told:?}");
    }
    world.end().await;
}

#[tokio::test]
async fn what_is_asked_of_the_authority_itself_is_not_asked_through_a_proxy() {
    let world = World::new().await;
    for header in [
        "forwarded: for=203.0.113.7",
        "via: 1.1 proxy",
        "x-forwarded-for: 203.0.113.7",
        "x-forwarded-host: localhost",
        "X-Forwarded-Proto: https",
        "x-real-ip: 127.0.0.1",
        "x-original-forwarded-for: 203.0.113.7",
        "x-client-ip: 203.0.113.7",
        "x-envoy-external-address: 203.0.113.7",
        "true-client-ip: 203.0.113.7",
        "cf-connecting-ip: 203.0.113.7",
        "CF-Ray: 1",
        "fastly-client-ip: 203.0.113.7",
        "x-amzn-trace-id: Root=1",
        "x-forwarded-for:",
    ] {
        for line in ["POST /_attache/reset", "GET /_attache/snapshots", "GET /_attache/decisions/1"]
        {
            let sent = format!(
                "{line} HTTP/1.1\r\nhost: localhost\r\n{header}\r\nconnection: close\r\n\r\n"
            );
            let told = world.send(sent.as_bytes()).await;
            assert_eq!(told.status, 403, "{line} {header}: {told:?}");
        }
    }
    let told = world.send(b"POST /_attache/reset HTTP/1.0\r\nhost: localhost\r\n\r\n").await;
    assert_eq!(told.status, 403, "as nginx asks without further settings: {told:?}");
    let told = world
        .send(b"GET /_attache/snapshots HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        .await;
    let head = told.head.to_ascii_lowercase();
    for header in
        ["x-content-type-options: nosniff", "x-frame-options: deny", "frame-ancestors 'none'"]
    {
        assert!(head.contains(header), "{header}: {head}");
    }
    world.end().await;
}

#[tokio::test]
async fn connections_that_say_nothing_do_not_disturb_others() {
    let world = World::new().await;
    let mut silent = Vec::new();
    for _ in 0..500 {
        silent.push(tokio::net::TcpStream::connect(&world.address).await.unwrap());
    }
    let healthy = b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let told = tokio::time::timeout(Duration::from_secs(5), world.send(healthy)).await.unwrap();
    assert_eq!((told.status, told.body.trim()), (200, r#"{"status":"ok"}"#));
    let ended = tokio::time::timeout(Duration::from_secs(10), world.end()).await;
    assert!(ended.is_ok(), "they do not keep the server from ending");
    drop(silent);
}

#[tokio::test]
async fn a_path_is_printable_ascii_between_slashes() {
    let world = World::new().await;
    let keys = world.administrator(support::TARGET);
    let trust = support::trust();
    let policy =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    let long = format!("/{}/", "a".repeat(511));
    let wrong = [
        "", "x", "/x", "x/", "//", "/a b/", "/a\nb/", "/a\tb/", "/a\0b/", "/é/", "/\u{7f}/", &long,
    ];
    let creates: [&[(&str, &str)]; 5] = [
        &[("Action", "CreateRole"), ("RoleName", "n"), ("AssumeRolePolicyDocument", &trust)],
        &[("Action", "CreatePolicy"), ("PolicyName", "n"), ("PolicyDocument", policy)],
        &[("Action", "CreateUser"), ("UserName", "n")],
        &[("Action", "CreateGroup"), ("GroupName", "n")],
        &[("Action", "CreateInstanceProfile"), ("InstanceProfileName", "n")],
    ];
    for create in creates {
        for path in wrong {
            let told = world.call("iam", &keys, &[create, &[("Path", path)]].concat()).await;
            assert_eq!(told.refusal().1, "ValidationError", "{create:?} {path:?}: {told:?}");
        }
        let told =
            world.call("iam", &keys, &[create, &[("Path", "/team/a.b-c_d/")]].concat()).await;
        assert_eq!(told.status, 200, "{create:?}: {told:?}");
    }
    world.end().await;
}

#[tokio::test]
async fn a_number_is_digits_wherever_a_call_has_one() {
    let world = World::new().await;
    let keys = world.administrator(support::TARGET);
    let assume = [
        ("Action", "AssumeRoleWithWebIdentity"),
        ("RoleSessionName", "test"),
        ("WebIdentityToken", "a.b.c"),
    ];
    let role = [("RoleArn", "arn:aws:iam::222222222222:role/Reader")];
    for bad in ["+3600", " 3600", "3600 ", "3600.0", "36e2", "0x384", "", "2147483648", "1e3", "x"]
    {
        let members = [&assume[..], &role, &[("DurationSeconds", bad)]].concat();
        let told = world.unsigned("sts", &members).await;
        assert_eq!(told.refusal().1, "MalformedInput", "{bad:?}: {told:?}");
        let told = world.call("iam", &keys, &[("Action", "ListRoles"), ("MaxItems", bad)]).await;
        assert_eq!(told.refusal().1, "MalformedInput", "{bad:?}: {told:?}");
        let sent = format!("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: {bad}x\r\n\r\n");
        assert_ne!(world.send(sent.as_bytes()).await.status, 200, "{bad:?}");
    }
    for bad in ["+24", "0x18", "2 4", "-1", "24.0"] {
        let sent = format!(
            "POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {bad}\r\n\r\nAction=GetCallerIdentity"
        );
        let told = world.send(sent.as_bytes()).await;
        assert_eq!(told.status, 400, "a length of {bad:?}: {told:?}");
    }
    world.end().await;
}
