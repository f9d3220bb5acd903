//! An API server of answers in a row.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use kube::Client;
use kube::client::Body;
use serde_json::{Value, json};

/// One answer: a status and a body, or none ever.
#[derive(Debug, Clone)]
pub(super) enum Said {
    Json(u16, Value),
    /// Events of a watch, which then ends.
    Events(Vec<Value>),
    Nothing,
}

/// What was asked, as `METHOD PATH?QUERY`, with its body.
pub(super) type Asked = Arc<Mutex<Vec<(String, Value)>>>;

/// A client of a server that gives these answers; the last one again and again.
pub(super) fn client(answers: Vec<Said>) -> (Client, Asked) {
    let asked = Asked::default();
    let seen = Arc::clone(&asked);
    let service = tower::service_fn(move |request: Request<Body>| {
        let (seen, answers) = (Arc::clone(&seen), answers.clone());
        async move {
            let (head, body) = request.into_parts();
            let body = body.collect().await?.to_bytes();
            let body = serde_json::from_slice(&body).unwrap_or_default();
            let number = {
                let mut seen = seen.lock().unwrap();
                seen.push((format!("{} {}", head.method, head.uri), body));
                seen.len() - 1
            };
            let answer = answers.get(number).or(answers.last()).cloned().unwrap();
            let (status, text) = match answer {
                Said::Json(status, value) => (status, value.to_string()),
                Said::Events(events) => {
                    (200, events.iter().map(|event| format!("{event}\n")).collect())
                }
                Said::Nothing => std::future::pending().await,
            };
            let mut response = Response::new(Body::from(Bytes::from(text).to_vec()));
            *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(response)
        }
    });
    (Client::new(tower::util::BoxCloneSyncService::new(service), "default"), asked)
}

pub(super) fn account(name: &str, role: Option<&str>) -> Value {
    let annotations = role.map(|role| json!({"eks.amazonaws.com/role-arn": role, "other": "x"}));
    json!({"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata", "metadata": {
        "name": name, "namespace": "causely", "resourceVersion": "5", "annotations": annotations}})
}

pub(super) fn list(items: &[Value]) -> Said {
    Said::Json(
        200,
        json!({"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadataList",
        "metadata": {"resourceVersion": "10"}, "items": items}),
    )
}

pub(super) fn failure(code: u16, reason: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Status", "status": "Failure", "metadata": {}, "code": code,
        "reason": reason, "message": reason})
}
