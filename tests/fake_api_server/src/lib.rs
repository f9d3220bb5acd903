//! A Kubernetes API server of answers in a row, for tests in which one refuses, is silent or ends a watch.
//!
//! Knows: what was asked, and what is answered next. Does not know: what either means. A real API server is
//! asked by `tests/cluster`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test a panic is the report")]

use std::sync::{Arc, Mutex};

use http::{Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use kube::Client;
use kube::client::Body;
use serde_json::{Value, json};

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A status and a body.
    Text(u16, String),
    /// None ever.
    Never,
}

/// One call.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// `METHOD PATH?QUERY`.
    pub line: String,
    /// The body's Content-Type, empty where there is none.
    pub content_type: String,
    /// Null where it is no JSON.
    pub body: Value,
}

/// The calls so far.
pub type Calls = Arc<Mutex<Vec<Call>>>;

impl Answer {
    /// A body in JSON.
    #[must_use]
    pub fn json(status: u16, body: &Value) -> Self {
        Self::Text(status, body.to_string())
    }

    /// Events of a watch, which then ends.
    #[must_use]
    pub fn events(events: &[Value]) -> Self {
        Self::Text(200, events.iter().map(|event| format!("{event}\n")).collect())
    }

    /// A refusal: see [`failure`].
    #[must_use]
    pub fn failure(code: u16, message: &str) -> Self {
        Self::json(code, &failure(code, message))
    }
}

/// The `Status` of a refusal, with the message as its reason, too.
#[must_use]
pub fn failure(code: u16, message: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Status", "status": "Failure", "metadata": {}, "code": code,
        "reason": message, "message": message})
}

/// A client of a server that gives these answers. One call more than there are answers panics.
#[must_use]
pub fn client(answers: Vec<Answer>) -> (Client, Calls) {
    serve(answers, false)
}

/// The same, and the last answer again and again.
#[must_use]
pub fn repeating_client(answers: Vec<Answer>) -> (Client, Calls) {
    serve(answers, true)
}

fn serve(answers: Vec<Answer>, repeats: bool) -> (Client, Calls) {
    let calls = Calls::default();
    let seen = Arc::clone(&calls);
    let service = tower::service_fn(move |request: Request<Body>| {
        let (seen, answers) = (Arc::clone(&seen), answers.clone());
        async move {
            let call = read(request).await?;
            let line = call.line.clone();
            let number = {
                let mut seen = seen.lock().unwrap();
                seen.push(call);
                seen.len() - 1
            };
            let last = answers.last().filter(|_| repeats);
            match answers.get(number).or(last).cloned() {
                Some(Answer::Text(status, text)) => {
                    let mut response = Response::new(Body::from(text.into_bytes()));
                    *response.status_mut() = StatusCode::from_u16(status)?;
                    Ok::<_, Box<dyn std::error::Error + Send + Sync>>(response)
                }
                Some(Answer::Never) => std::future::pending().await,
                None => panic!("there is no answer for call {}, {line}", number + 1),
            }
        }
    });
    (Client::new(tower::util::BoxCloneSyncService::new(service), "default"), calls)
}

async fn read(request: Request<Body>) -> Result<Call, kube::Error> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let kind = head.headers.get(http::header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    Ok(Call {
        line: format!("{} {}", head.method, head.uri),
        content_type: kind.unwrap_or_default().to_owned(),
        body: serde_json::from_slice(&body).unwrap_or_default(),
    })
}
