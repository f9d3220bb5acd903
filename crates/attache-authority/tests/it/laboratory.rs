//! The laboratory: who may set it, and what it does to calls.

use std::time::{Duration, Instant};

use attache_authority::{AuthorityError, LaboratorySettings};
use attache_sample_resources::SampleResources;

use crate::support::{TARGET, Told, World, account};

async fn ask(world: &World, method: &str, headers: &str, body: &str) -> Told {
    let length = body.len();
    let sent = format!(
        "{method} /_attache/lab HTTP/1.1\r\n{headers}\r\ncontent-length: {length}\r\n\
         connection: close\r\n\r\n{body}"
    );
    world.send(sent.as_bytes()).await
}

async fn set(world: &World, body: &str) {
    let told = ask(world, "POST", "host: localhost", body).await;
    assert_eq!(told.status, 200, "{told:?}");
}

async fn with_resources() -> World {
    let world = World::new().await;
    let resources = SampleResources::new(1, &[account(TARGET)]);
    world.authority.add_services(resources.services());
    world
}

#[tokio::test]
async fn it_is_set_and_read_from_this_machine_alone() {
    let world = World::new().await;
    for (name, headers, status) in [
        ("this machine", "host: localhost:4599", 200),
        ("its own page", "host: localhost:1\r\norigin: http://localhost:1", 200),
        ("a rebound name", "host: evil.example", 403),
        ("another site's page", "host: localhost\r\norigin: https://evil.example", 403),
        ("another port's page", "host: localhost:1\r\norigin: http://localhost:2", 403),
        ("an opaque page", "host: localhost\r\norigin: null", 403),
        ("a page beside", "host: localhost\r\nsec-fetch-site: same-site", 403),
        ("a proxy", "host: localhost\r\nx-forwarded-for: 203.0.113.7", 403),
        ("a gateway", "host: localhost\r\nvia: 1.1 proxy", 403),
    ] {
        for (method, body) in [("GET", ""), ("POST", "{}")] {
            let told = ask(&world, method, headers, body).await;
            assert_eq!(told.status, status, "{method} by {name}: {told:?}");
        }
    }
    assert_eq!(ask(&world, "DELETE", "host: localhost", "").await.status, 405);
    world.end().await;
}

#[tokio::test]
async fn settings_that_are_not_valid_change_nothing() {
    let world = World::new().await;
    set(&world, r#"{"latency": "1ms"}"#).await;
    for (body, wanted) in [
        ("", "line 1 column 0"),
        (r#"{"latency": "soon"}"#, "line 1 column"),
        (r#"{"faults": [{"kind": "500", "service": "ec2"}]}"#, "no service"),
    ] {
        let told = ask(&world, "POST", "host: localhost", body).await;
        assert!(told.status == 400 && told.body.contains(wanted), "{body}: {told:?}");
    }
    let told = ask(&world, "GET", "host: localhost", "").await;
    assert!(told.body.contains(r#""latency": "1ms""#), "{told:?}");
    let settings = LaboratorySettings {
        faults: vec!["500,service=ec2".parse().unwrap()],
        ..LaboratorySettings::default()
    };
    let refused = world.authority.set_laboratory(settings);
    assert!(matches!(refused, Err(AuthorityError::Laboratory(_))), "EC2 is not served here");
    world.end().await;
}

#[tokio::test]
async fn a_refusal_is_the_services_own_and_stands_in_the_journal() {
    let world = with_resources().await;
    let keys = world.administrator(TARGET);
    set(&world, r#"{"faults": [{"kind": "throttling", "account": "222222222222"}]}"#).await;
    for (service, action, refusal) in [
        ("ec2", "DescribeVpcs", (503, "RequestLimitExceeded")),
        ("iam", "ListRoles", (400, "Throttling")),
        ("rds", "DescribeDBInstances", (400, "Throttling")),
        ("sqs", "ListQueues", (403, "RequestThrottled")),
    ] {
        let (status, code, _) = world.call(service, &keys, &[("Action", action)]).await.refusal();
        assert_eq!((status, code.as_str()), refusal, "{service}");
    }
    let events = world.authority.events(0, 100).await.unwrap();
    let reasons = events.iter().filter(|(_, event)| event.reason.contains("laboratory")).count();
    assert_eq!(reasons, 4);
    let told = ask(&world, "GET", "host: localhost", "").await;
    assert!(told.body.contains("4\n"), "each is counted: {told:?}");
    set(&world, "{}").await;
    assert_eq!(world.call("iam", &keys, &[("Action", "ListRoles")]).await.status, 200);
    world.end().await;
}

#[tokio::test]
async fn a_wrong_signature_is_refused_for_that() {
    let world = World::new().await;
    set(&world, r#"{"faults": [{"kind": "500"}]}"#).await;
    let mut keys = world.administrator(TARGET);
    keys.secret = attache_identifiers::Secret::new("guess");
    let (status, code, _) = world.call("iam", &keys, &[("Action", "ListRoles")]).await.refusal();
    assert_eq!((status, code.as_str()), (403, "SignatureDoesNotMatch"));
    world.end().await;
}

#[tokio::test]
async fn bytes_are_spoilt_on_their_way() {
    let world = with_resources().await;
    let keys = world.administrator(TARGET);
    let list = [("Action", "DescribeVpcs")];
    let whole = world.call("ec2", &keys, &list).await;
    let length = |told: &Told| {
        let found = told.head.lines().find_map(|line| line.strip_prefix("content-length: "));
        found.map(|length| length.parse::<usize>().unwrap())
    };
    for (kind, status) in [
        ("reset", 0),
        ("reset-body", 200),
        ("truncated-body", 200),
        ("short-body", 200),
        ("html-502", 502),
        ("empty-200", 200),
        ("no-content", 204),
        ("foreign-json", 200),
    ] {
        set(&world, &format!(r#"{{"faults": [{{"kind": "{kind}"}}]}}"#)).await;
        let told = world.call("ec2", &keys, &list).await;
        assert_eq!(told.status, status, "{kind}: {told:?}");
        match kind {
            "truncated-body" => {
                assert!(told.head.contains("transfer-encoding: chunked"), "{told:?}");
                let (half, all) = (whole.body.len() / 2, whole.body.len());
                assert!(told.body.len() < all && told.body.len() > half, "{told:?}");
                assert!(!told.body.ends_with("0\r\n\r\n"), "the last chunk is missing: {told:?}");
            }
            "reset-body" | "short-body" => {
                assert_eq!(length(&told), Some(whole.body.len()), "{kind} announces all");
                assert_eq!(told.body.len(), whole.body.len() / 2, "{kind} sends half");
            }
            "empty-200" | "no-content" | "reset" => assert_eq!(told.body, "", "{kind}"),
            "html-502" => assert!(told.head.contains("text/html"), "{told:?}"),
            _ => assert!(told.body.starts_with("{\"status\""), "{told:?}"),
        }
    }
    let body = r#"{"faults": [{"kind": "slow-body", "duration": "200ms"}]}"#;
    set(&world, body).await;
    let started = Instant::now();
    assert_eq!(world.call("ec2", &keys, &list).await.body.len(), whole.body.len());
    assert!(started.elapsed() >= Duration::from_millis(200));
    set(&world, r#"{"latency": "100ms"}"#).await;
    let started = Instant::now();
    world.call("iam", &keys, &[("Action", "ListRoles")]).await;
    assert!(started.elapsed() >= Duration::from_millis(100));
    world.end().await;
}
