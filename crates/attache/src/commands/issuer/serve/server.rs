//! The HTTPS server of the documents.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::site::Site;

/// Ours: AWS and API servers ask seldom; anyone else may, too.
const MOST_CONNECTIONS: usize = 1_024;
/// AWS waits five seconds for both documents together.
const HANDSHAKE_TIME: Duration = Duration::from_secs(5);
/// Ours: how long a request's head may take, which is also how long a connection may be idle.
const HEAD_TIME: Duration = Duration::from_secs(10);
/// Ours: of a request's head.
const MOST_HEAD: usize = 16 * 1024;
/// Ours: the time that running requests get at the end.
const LAST_TIME: Duration = Duration::from_secs(5);
/// How long to wait when the system has no descriptor for another connection.
const ACCEPT_RETRY: Duration = Duration::from_millis(50);

/// Serves until `stop`, then lets running requests end.
pub(super) async fn serve(
    site: Arc<Site>,
    listener: TcpListener,
    tls: TlsAcceptor,
    stop: CancellationToken,
) {
    let connections = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let open = GracefulShutdown::new();
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(ACCEPT_RETRY).await;
            continue;
        };
        let Ok(place) = Arc::clone(&connections).try_acquire_owned() else {
            tracing::warn!("more than {MOST_CONNECTIONS} connections: one was closed");
            continue;
        };
        let (site, tls, watcher) = (Arc::clone(&site), tls.clone(), open.watcher());
        tokio::spawn(async move {
            connection(site, &tls, stream, watcher).await;
            drop(place);
        });
    }
    let _in_time = tokio::time::timeout(LAST_TIME, open.shutdown()).await;
}

async fn connection(site: Arc<Site>, tls: &TlsAcceptor, stream: TcpStream, watcher: Watcher) {
    let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE_TIME, tls.accept(stream)).await else {
        // A probe that only connects is no error worth a line.
        return tracing::debug!("a TLS handshake failed");
    };
    let service = service_fn(move |request| {
        let site = Arc::clone(&site);
        async move { Ok::<_, Infallible>(respond(&site, &request)) }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(MOST_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    if let Err(error) = watcher.watch(served).await {
        tracing::debug!("a connection ended: {error}");
    }
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
