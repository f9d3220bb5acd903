//! What is sent to the API server for a startup taint, and what its answers lead to.

use std::sync::{Arc, Mutex};

use attache_agent::{StartupTaint, TaintError};
use http::{Request, Response};
use http_body_util::BodyExt as _;
use kube::Client;
use kube::client::Body;
use serde_json::{Value, json};

const KEY: &str = "attache.dev/agent-not-ready";

/// What was asked: `METHOD PATH CONTENT-TYPE`, and the body.
type Asked = Arc<Mutex<Vec<(String, Value)>>>;

/// The taint of the node `one`, at a server that gives these answers in a row.
fn taint(answers: Vec<(u16, Value)>) -> (StartupTaint, Asked) {
    let asked = Asked::default();
    let seen = Arc::clone(&asked);
    let service = tower::service_fn(move |request: Request<Body>| {
        let (seen, answers) = (Arc::clone(&seen), answers.clone());
        async move {
            let (head, body) = request.into_parts();
            let body = body.collect().await?.to_bytes();
            let body = serde_json::from_slice(&body).unwrap_or_default();
            let kind = head.headers.get("content-type").map_or("", |kind| kind.to_str().unwrap());
            let mut seen = seen.lock().unwrap();
            let (status, answer) = answers[seen.len()].clone();
            seen.push((format!("{} {} {kind}", head.method, head.uri), body));
            let mut response = Response::new(Body::from(answer.to_string().into_bytes()));
            *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(response)
        }
    });
    let client = Client::new(tower::util::BoxCloneSyncService::new(service), "default");
    (StartupTaint::new(client, "one", KEY), asked)
}

fn node(taints: &Value) -> (u16, Value) {
    let node = json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "one"}, "spec": {"taints": taints}});
    (200, node)
}

fn refused(code: u16, reason: &str) -> (u16, Value) {
    let status = json!({"apiVersion": "v1", "kind": "Status", "status": "Failure", "metadata": {},
        "code": code, "reason": reason, "message": reason});
    (code, status)
}

fn own() -> Value {
    json!({"key": KEY, "effect": "NoSchedule"})
}

fn other() -> Value {
    json!({"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"})
}

#[tokio::test]
async fn taints_that_changed_meanwhile_are_read_again() {
    for code in [422, 409] {
        let (taint, asked) = taint(vec![
            node(&json!([own()])),
            refused(code, "Invalid"),
            node(&json!([other(), own()])),
            node(&json!([other()])),
        ]);
        assert!(taint.remove().await.unwrap());
        let asked = asked.lock().unwrap();
        let calls: Vec<&str> = asked.iter().map(|(call, _)| call.trim()).collect();
        let patch = "PATCH /api/v1/nodes/one? application/json-patch+json";
        let get = "GET /api/v1/nodes/one";
        assert_eq!(calls, [get, patch, get, patch], "{code}");
        let path = "/spec/taints/1";
        let wanted =
            json!([{"op": "test", "path": path, "value": own()}, {"op": "remove", "path": path}]);
        assert_eq!(asked[3].1, wanted);
    }
}

#[tokio::test]
async fn nothing_is_written_where_there_is_no_such_taint() {
    for taints in [json!([]), json!([other()]), Value::Null] {
        let (taint, asked) = taint(vec![node(&taints)]);
        assert!(!taint.remove().await.unwrap());
        assert_eq!(asked.lock().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_refusal_names_what_is_missing() {
    for (answers, shown) in [
        (vec![refused(403, "Forbidden")], "could not read the node one: "),
        (vec![node(&json!([own()])), refused(403, "Forbidden")], "could not patch the node one: "),
        (vec![refused(403, "Forbidden")], "agent.startupTaint"),
        (vec![refused(404, "NotFound")], "kubectl get nodes"),
    ] {
        let (taint, _) = taint(answers);
        let error = taint.remove().await.unwrap_err();
        assert!(error.to_string().contains(shown), "{error}");
    }
    let changed = std::iter::repeat_with(|| [node(&json!([own()])), refused(422, "Invalid")]);
    let (taint, _) = taint(changed.take(5).flatten().collect());
    assert!(matches!(taint.remove().await, Err(TaintError::Changed(_))));
}
