//! The connections of one listener.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;

/// How long to wait when the system has no descriptor for another connection.
const ACCEPT_RETRY: Duration = Duration::from_millis(50);

/// What a client can take of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The connections at one time; one more is closed at once.
    pub connections: usize,
    /// How long the handshake of TLS may take.
    pub handshake: Duration,
    /// How long a request's head may take, which is also how long a connection may be idle.
    pub head: Duration,
    /// The bytes of a request's head, 8192 at least.
    pub head_bytes: usize,
    /// The time that running requests get at the end.
    pub end: Duration,
}

/// Serves until `stop`, then lets running requests end. A connection's error ends that connection alone.
pub async fn serve<A, F>(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    limits: Limits,
    stop: CancellationToken,
    answer: A,
) where
    A: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = Response<Full<Bytes>>> + Send + 'static,
{
    let places = Arc::new(Semaphore::new(limits.connections));
    let open = GracefulShutdown::new();
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(ACCEPT_RETRY).await;
            continue;
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            tracing::warn!("more than {} connections: one was closed", limits.connections);
            continue;
        };
        let (tls, answer, watcher) = (tls.clone(), answer.clone(), open.watcher());
        tokio::spawn(async move {
            // Answers are small and whole: waiting to fill a packet only delays them.
            let _best_effort = stream.set_nodelay(true);
            match tls {
                Some(tls) => {
                    if let Some(stream) = handshake(&tls, stream, limits).await {
                        connection(stream, limits, answer, watcher).await;
                    }
                }
                None => connection(stream, limits, answer, watcher).await,
            }
            drop(place);
        });
    }
    if tokio::time::timeout(limits.end, open.shutdown()).await.is_err() {
        tracing::warn!("some requests did not end in time and were cut off");
    }
}

async fn handshake(
    tls: &TlsAcceptor,
    stream: TcpStream,
    limits: Limits,
) -> Option<TlsStream<TcpStream>> {
    match tokio::time::timeout(limits.handshake, tls.accept(stream)).await {
        Ok(Ok(stream)) => Some(stream),
        // A probe that only connects is no error worth a line.
        Ok(Err(error)) => {
            tracing::debug!("a TLS handshake failed: {error}");
            None
        }
        Err(_) => None,
    }
}

async fn connection<S, A, F>(stream: S, limits: Limits, answer: A, watcher: Watcher)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    A: Fn(Request<Incoming>) -> F + Send + 'static,
    F: Future<Output = Response<Full<Bytes>>> + Send + 'static,
{
    let service = service_fn(move |request| {
        let answered = answer(request);
        async move { Ok::<_, Infallible>(answered.await) }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(limits.head_bytes)
        .serve_connection(TokioIo::new(stream), service);
    if let Err(error) = watcher.watch(served).await {
        tracing::debug!("a connection ended: {error}");
    }
}
