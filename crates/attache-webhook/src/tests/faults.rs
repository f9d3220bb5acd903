use std::sync::Arc;
use std::time::Duration;

use fake_api_server::{Answer, repeating_client};
use serde_json::{Value, json};

use super::api::account;
use attache_admission::{GateAction, OnFault, Settings};

use crate::Webhook;
use crate::cluster::{Accounts, Fetcher};
use crate::metrics::{Gauges, Metrics};
use crate::shared::Shared;
use crate::webhook::Ask;

const REVIEW: &str = include_str!("../../../attache-admission/tests/reviews/1.36.json");

fn webhook(answer: Answer, on_fault: OnFault) -> Webhook {
    let (client, _) = repeating_client(vec![answer]);
    let mut settings = Settings { on_fault, ..Settings::default() };
    settings.left_alone.push("attache".to_owned());
    let settings = Arc::new(settings);
    Webhook {
        settings: Arc::clone(&settings),
        gate: GateAction::Deny,
        accounts: Accounts::default(),
        fetcher: Fetcher::new(client, settings, Duration::from_millis(200)),
        mapped: Shared::default(),
        identities: Shared::default(),
        metrics: Metrics::default(),
        clock: time::OffsetDateTime::now_utc,
    }
}

async fn answer(webhook: &Webhook, ask: Ask, review: &str) -> Value {
    let (status, body) = webhook.answer(ask, review.as_bytes()).await;
    assert_eq!(status, 200);
    serde_json::from_slice::<Value>(&body).unwrap()["response"].clone()
}

#[tokio::test]
async fn a_service_account_that_cannot_be_read_is_admitted_with_a_warning_or_refused() {
    let sentence = "the service account causely/causely-mediator could not be read";
    for said in [Answer::Never, Answer::failure(403, "Forbidden")] {
        for ask in [Ask::Mutate, Ask::Validate] {
            let admits = webhook(said.clone(), OnFault::Admit);
            let told = answer(&admits, ask, REVIEW).await;
            assert_eq!(told["allowed"], true);
            let warning = told["warnings"][0].as_str().unwrap();
            assert!(
                warning.starts_with(sentence) && warning.ends_with("without an AWS role"),
                "{told}"
            );
            // What the API server said is the log's.
            assert!(!warning.contains("Forbidden"));
            let told = answer(&webhook(said.clone(), OnFault::Refuse), ask, REVIEW).await;
            assert_eq!(told["allowed"], false);
            assert_eq!(told["status"]["code"], 503);
            assert_eq!(told["status"]["message"], sentence);
        }
    }
}

#[tokio::test]
async fn a_pod_that_cannot_be_read_likewise() {
    let mut review: Value = serde_json::from_str(REVIEW).unwrap();
    review["request"]["object"]["spec"]["containers"] = json!(1);
    let review = review.to_string();
    let told = answer(&webhook(Answer::Never, OnFault::Admit), Ask::Mutate, &review).await;
    assert_eq!((&told["allowed"], told["warnings"].as_array().unwrap().len()), (&json!(true), 1));
    let told = answer(&webhook(Answer::Never, OnFault::Refuse), Ask::Mutate, &review).await;
    assert_eq!((&told["allowed"], &told["status"]["code"]), (&json!(false), &json!(400)));
}

#[tokio::test]
async fn an_account_that_was_not_seen_yet_is_asked_for_and_the_gate_agrees() {
    let found =
        Answer::json(200, &account("causely-mediator", Some("arn:aws:iam::222222222222:role/A")));
    let webhook = webhook(found, OnFault::Refuse);
    let told = answer(&webhook, Ask::Mutate, REVIEW).await;
    assert_eq!(told["patchType"], "JSONPatch");
    let told = answer(&webhook, Ask::Validate, REVIEW).await;
    assert_eq!((&told["allowed"], &told["status"]["code"]), (&json!(false), &json!(403)));
    let absent = Answer::failure(404, "NotFound");
    let told = answer(&self::webhook(absent, OnFault::Refuse), Ask::Mutate, REVIEW).await;
    assert_eq!(told["allowed"], true, "its pod cannot be created anyway");
}

#[tokio::test]
async fn namespaces_that_are_left_alone_are_not_even_asked_about() {
    for namespace in ["kube-system", "attache"] {
        let review = REVIEW.replace("\"causely\"", &format!("\"{namespace}\""));
        for ask in [Ask::Mutate, Ask::Validate] {
            let told = answer(&webhook(Answer::Never, OnFault::Refuse), ask, &review).await;
            assert_eq!(told["allowed"], true, "{namespace}");
            assert!(told.get("warnings").is_none() && told.get("patch").is_none());
        }
    }
}

#[tokio::test]
async fn metrics_have_the_names_of_the_original() {
    let found =
        Answer::json(200, &account("causely-mediator", Some("arn:aws:iam::222222222222:role/A")));
    let webhook = webhook(found, OnFault::Admit);
    answer(&webhook, Ask::Mutate, REVIEW).await;
    webhook.metrics.request("POST", "/mutate", 200, Duration::from_micros(300));
    let gauges = Gauges { accounts: 3, annotated: 1, synced: true, certificate_until: None };
    let text = webhook.metrics.text(gauges);
    for line in [
        "pod_identity_webhook_pod_count{method=\"sts_web_identity\"} 1",
        "pod_identity_webhook_pod_count{method=\"container_credentials\"} 0",
        "pod_identity_webhook_missing_sa_count 1",
        "pod_identity_webhook_used 1",
        "http_request_count{verb=\"POST\",path=\"/mutate\",code=\"200\"} 1",
        "http_request_latencies_bucket{verb=\"POST\",path=\"/mutate\",le=\"250\"} 0",
        "http_request_latencies_bucket{verb=\"POST\",path=\"/mutate\",le=\"500\"} 1",
        "http_request_latencies_count{verb=\"POST\",path=\"/mutate\"} 1",
        "attache_webhook_faults_total 0",
    ] {
        assert!(text.lines().any(|one| one == line), "{line} in\n{text}");
    }
}
