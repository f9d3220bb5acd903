use attache_serving::{OutOfTime, ServingCertificate};
use serde_json::{Value, json};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use crate::certificates::{Keeper, SelfMade, SelfMadeSettings};
use fake_api_server::{Answer, client};

const NOW: OffsetDateTime = datetime!(2026-11-27 12:00 UTC);

fn hosts() -> Vec<String> {
    vec!["webhook.attache.svc".to_owned(), "127.0.0.1".to_owned()]
}

fn made(before: Option<&SelfMade>, now: OffsetDateTime) -> SelfMade {
    SelfMade::next(before, &hosts(), Duration::days(90), now).unwrap()
}

fn count(pem: &str) -> usize {
    pem.matches("BEGIN CERTIFICATE").count()
}

#[test]
fn renewed_at_two_thirds_by_the_same_authority() {
    let first = made(None, NOW);
    for (days, due) in [(0, false), (59, false), (60, true), (90, true), (400, true)] {
        assert_eq!(first.is_due(&hosts(), NOW + Duration::days(days)), due, "{days}");
    }
    assert!(first.is_due(&["other.attache.svc".to_owned()], NOW), "for another host");
    let second = made(Some(&first), NOW + Duration::days(60));
    assert_eq!(second.authority, first.authority);
    assert_eq!(second.trusted, first.trusted);
    assert_ne!(second.pair, first.pair);
}

#[test]
fn a_new_authority_before_the_old_one_ends_and_both_are_trusted() {
    let first = made(None, NOW);
    let late = NOW + Duration::days(3650 - 89);
    let second = made(Some(&first), late);
    assert_ne!(second.authority, first.authority);
    assert_eq!(count(&second.trusted), 2);
    assert!(second.trusted.contains(&first.authority.certificate));
    let third = made(Some(&second), late + Duration::days(60));
    assert_eq!(third.authority, second.authority);
    assert_eq!(
        count(&made(Some(&first), NOW + Duration::days(3651)).trusted),
        1,
        "one that has ended"
    );
}

#[test]
fn what_is_no_certificate_is_due() {
    let first = made(None, NOW);
    let mut broken = first.clone();
    broken.pair.chain = "no".to_owned();
    assert!(broken.is_due(&hosts(), NOW));
    let mut mixed = first.clone();
    mixed.pair.key = made(None, NOW).pair.key;
    assert!(mixed.is_due(&hosts(), NOW), "another certificate's key");
    let serving = ServingCertificate::default();
    assert!(serving.replace(first.pair.clone()).unwrap());
    assert!(!serving.replace(first.pair).unwrap());
    assert!(serving.replace(mixed.pair).is_err());
    assert_eq!(serving.until(), Some(NOW + Duration::days(90)));
}

#[test]
fn one_that_is_out_of_its_time_is_told_with_the_clock() {
    let serving = ServingCertificate::default();
    assert_eq!(serving.check(NOW), Ok(()), "none");
    let pair = made(None, NOW).pair;
    serving.replace(pair).unwrap();
    let until = serving.until().unwrap();
    assert_eq!(serving.check(NOW), Ok(()));
    assert_eq!(serving.check(until - Duration::seconds(1)), Ok(()));
    assert_eq!(serving.check(until), Err(OutOfTime::Expired { until, now: until }));
    let before = NOW - Duration::days(30);
    let early = serving.check(before).unwrap_err();
    assert!(matches!(early, OutOfTime::Early { now, .. } if now == before), "{early:?}");
    assert!(early.to_string().contains("by this machine's clock"), "{early}");
}

fn settings() -> SelfMadeSettings {
    SelfMadeSettings {
        namespace: "attache".to_owned(),
        secret: "attache-webhook".to_owned(),
        hosts: hosts(),
        lifetime: Duration::days(90),
        mutating: Some("attache-webhook".to_owned()),
        validating: None,
    }
}

fn empty_secret() -> Value {
    json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "attache-webhook", "resourceVersion": "7"}})
}

#[tokio::test]
async fn who_comes_second_takes_what_the_first_one_wrote() {
    // The first replica, whose Secret becomes what the second one reads after its conflict.
    let configuration = json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingWebhookConfiguration",
        "metadata": {"name": "attache-webhook"}, "webhooks": [
            {"name": "a.b.c", "clientConfig": {}, "sideEffects": "None", "admissionReviewVersions": ["v1"]}]});
    let (first, asked) = client(vec![
        Answer::json(200, &empty_secret()),
        Answer::json(200, &empty_secret()),
        Answer::json(200, &configuration.clone()),
        Answer::json(200, &configuration.clone()),
    ]);
    let serving = ServingCertificate::default();
    assert!(Keeper::new(first, settings(), || NOW).keep(&serving).await.unwrap());
    let written = {
        let asked = asked.lock().unwrap();
        let calls: Vec<&str> =
            asked.iter().filter_map(|call| call.line.split('?').next()).collect();
        assert_eq!(
            calls,
            [
                "GET /api/v1/namespaces/attache/secrets/attache-webhook",
                "PUT /api/v1/namespaces/attache/secrets/attache-webhook",
                "GET /apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/attache-webhook",
                "PATCH /apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/attache-webhook",
            ]
        );
        assert_eq!(asked[1].body["metadata"]["resourceVersion"], "7");
        let bundle = &asked[3].body["webhooks"][0]["clientConfig"]["caBundle"];
        assert_eq!(*bundle, asked[1].body["data"]["ca.crt"]);
        asked[1].body.clone()
    };
    let mut trusting = configuration;
    trusting["webhooks"][0]["clientConfig"]["caBundle"] = written["data"]["ca.crt"].clone();
    let (second, asked) = client(vec![
        Answer::json(200, &empty_secret()),
        Answer::failure(409, "Conflict"),
        Answer::json(200, &written),
        Answer::json(200, &trusting),
    ]);
    let other = ServingCertificate::default();
    let keeper = Keeper::new(second, settings(), || NOW);
    assert!(keeper.keep(&other).await.unwrap());
    assert_eq!(other.pair(), serving.pair());
    assert_eq!(asked.lock().unwrap().len(), 4, "a configuration that trusts it is not written");
}

#[tokio::test]
async fn a_secret_that_cannot_be_written_is_an_error_that_says_which() {
    let (client, _) =
        client(vec![Answer::failure(404, "NotFound"), Answer::failure(403, "Forbidden")]);
    let keeper = Keeper::new(client, settings(), || NOW);
    let error = keeper.keep(&ServingCertificate::default()).await.unwrap_err().to_string();
    assert!(error.starts_with("could not write the Secret attache-webhook: "), "{error}");
}
