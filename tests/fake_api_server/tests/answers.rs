//! What a client sees of the answers.
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::time::Duration;

use fake_api_server::{Answer, client, repeating_client};
use k8s_openapi::api::core::v1::Secret;
use kube::Api;
use kube::api::{Patch, PatchParams};
use serde_json::json;

#[tokio::test]
async fn answers_in_a_row_and_what_was_asked() {
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}});
    let (client, calls) =
        client(vec![Answer::json(200, &secret), Answer::failure(403, "no"), Answer::Never]);
    let api: Api<Secret> = Api::namespaced(client, "causely");
    assert_eq!(api.get("a").await.unwrap().metadata.name.as_deref(), Some("a"));
    let patch = Patch::Merge(json!({"data": {}}));
    let refused = api.patch("a", &PatchParams::default(), &patch).await.unwrap_err();
    assert!(matches!(refused, kube::Error::Api(status) if status.code == 403));
    let never = tokio::time::timeout(Duration::from_millis(50), api.get("a")).await;
    assert!(never.is_err());
    let calls = calls.lock().unwrap();
    assert_eq!(calls[0].line, "GET /api/v1/namespaces/causely/secrets/a");
    assert_eq!(calls[1].content_type, "application/merge-patch+json");
    assert_eq!(calls[1].body, json!({"data": {}}));
}

#[tokio::test]
async fn the_last_one_again_and_again_where_that_is_asked_for() {
    let (client, calls) = repeating_client(vec![Answer::failure(404, "NotFound")]);
    let api: Api<Secret> = Api::namespaced(client, "causely");
    for _ in 0..3 {
        assert!(api.get_opt("a").await.unwrap().is_none());
    }
    assert_eq!(calls.lock().unwrap().len(), 3);
}

#[tokio::test]
#[should_panic(
    expected = "there is no answer for call 1, GET /api/v1/namespaces/causely/secrets/a"
)]
async fn a_call_too_many_panics() {
    let (client, _) = client(vec![]);
    let _answer = Api::<Secret>::namespaced(client, "causely").get("a").await;
}
