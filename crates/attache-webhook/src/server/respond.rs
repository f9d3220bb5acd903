//! One request.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Incoming;

use super::Door;
use attache_admission::MAX_REVIEW_BYTES;
use attache_serving::ServingCertificate;

use crate::Webhook;
use crate::metrics::Gauges;
use crate::webhook::Ask;

/// Ours: as long as the API server waits at most for a webhook.
const BODY_TIME: Duration = Duration::from_secs(30);

const JSON: &str = "application/json";
const TEXT: &str = "text/plain; charset=utf-8";

type Answered = (StatusCode, &'static str, Vec<u8>);

pub(super) async fn respond(
    webhook: &Webhook,
    certificate: &ServingCertificate,
    door: Door,
    request: Request<Incoming>,
) -> Response<Full<Bytes>> {
    let begun = Instant::now();
    let verb = verb(request.method());
    let path = path(request.uri().path());
    let (status, kind, body) = route(webhook, certificate, door, path, request).await;
    webhook.metrics.request(verb, path, status.as_u16(), begun.elapsed());
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

async fn route(
    webhook: &Webhook,
    certificate: &ServingCertificate,
    door: Door,
    path: &str,
    request: Request<Incoming>,
) -> Answered {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let ask = match (path, door) {
        ("/mutate", Door::Reviews) => Ask::Mutate,
        ("/validate", Door::Reviews) => Ask::Validate,
        ("/healthz", _) if reads => return text(StatusCode::OK, "ok"),
        ("/readyz", _) if reads => return ready(webhook, certificate),
        ("/metrics", _) if reads => return metrics(webhook, certificate),
        ("/healthz" | "/readyz" | "/metrics", _) => return not_allowed(),
        _ => {
            return text(
                StatusCode::NOT_FOUND,
                "there are: /mutate, /validate, /healthz, /readyz, /metrics",
            );
        }
    };
    if *request.method() != Method::POST {
        return not_allowed();
    }
    if !is_json(request.headers()) {
        return text(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "expected the Content-Type application/json",
        );
    }
    match body(request.into_body()).await {
        Ok(body) => {
            let (status, body) = webhook.answer(ask, &body).await;
            (status, if status == StatusCode::OK { JSON } else { TEXT }, body)
        }
        Err(answered) => answered,
    }
}

fn ready(webhook: &Webhook, certificate: &ServingCertificate) -> Answered {
    if let Err(why) = certificate.check((webhook.clock)()) {
        return text(StatusCode::SERVICE_UNAVAILABLE, &why.to_string());
    }
    if webhook.accounts.is_synced() {
        text(StatusCode::OK, "ok")
    } else {
        text(StatusCode::SERVICE_UNAVAILABLE, "the service accounts were not listed yet")
    }
}

fn metrics(webhook: &Webhook, certificate: &ServingCertificate) -> Answered {
    let (accounts, annotated) = webhook.accounts.count();
    let (synced, certificate_until) = (webhook.accounts.is_synced(), certificate.until());
    let gauges = Gauges { accounts, annotated, synced, certificate_until };
    let text = webhook.metrics.text(gauges);
    (StatusCode::OK, "text/plain; version=0.0.4; charset=utf-8", text.into_bytes())
}

async fn body(body: Incoming) -> Result<Bytes, Answered> {
    let limited = Limited::new(body, MAX_REVIEW_BYTES).collect();
    match tokio::time::timeout(BODY_TIME, limited).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(text(
            StatusCode::PAYLOAD_TOO_LARGE,
            &format!("a review has at most {MAX_REVIEW_BYTES} bytes"),
        )),
        Ok(Err(_)) => Err(text(StatusCode::BAD_REQUEST, "the body ended early")),
        Err(_) => Err(text(StatusCode::REQUEST_TIMEOUT, "the body took too long")),
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| {
        kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case(JSON))
    })
}

fn not_allowed() -> Answered {
    text(StatusCode::METHOD_NOT_ALLOWED, "expected POST for reviews, GET for the rest")
}

fn text(status: StatusCode, text: &str) -> Answered {
    (status, TEXT, format!("{text}\n").into_bytes())
}

/// A metric's label is one of few.
fn path(path: &str) -> &'static str {
    ["/mutate", "/validate", "/healthz", "/readyz", "/metrics"]
        .into_iter()
        .find(|one| *one == path)
        .unwrap_or("other")
}

fn verb(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        _ => "other",
    }
}
