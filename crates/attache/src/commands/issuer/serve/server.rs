//! The HTTPS server of the documents.

use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use attache_serving::Limits;
use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::Incoming;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::site::Site;

/// Ours.
const LIMITS: Limits = Limits {
    // AWS and API servers ask seldom; anyone else may, too.
    connections: 1024,
    // AWS waits five seconds for both documents together.
    handshake: Duration::from_secs(5),
    head: Duration::from_secs(10),
    head_bytes: 16 * 1024,
    end: Duration::from_secs(5),
};

/// Serves until `stop`, then lets running requests end.
pub(super) async fn serve(
    site: Arc<Site>,
    listener: TcpListener,
    tls: TlsAcceptor,
    stop: CancellationToken,
) {
    let answer = move |request: Request<Incoming>| ready(respond(&site, &request));
    attache_serving::serve(listener, Some(tls), LIMITS, stop, answer).await;
}

fn respond(site: &Site, request: &Request<Incoming>) -> Response<Full<Bytes>> {
    let found = site.document(request.uri().path());
    let is_read = [Method::GET, Method::HEAD].contains(request.method());
    let (status, content_type, cache_control, body) = match found {
        Some(body) if is_read => {
            (StatusCode::OK, super::super::CONTENT_TYPE, super::super::CACHE_CONTROL, body)
        }
        found => {
            let status = match found {
                Some(_) => StatusCode::METHOD_NOT_ALLOWED,
                None => StatusCode::NOT_FOUND,
            };
            let text = Bytes::from(format!("{status}\n"));
            (status, "text/plain; charset=utf-8", "no-store", text)
        }
    };
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    for (name, value) in [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, cache_control),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    if status == StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
    }
    response
}
