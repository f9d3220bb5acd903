//! Listens: with TLS for the API server, and without, where that is asked for, for metrics and probes.

mod respond;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use rustls::ServerConfig;
use rustls::version::{TLS12, TLS13};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use crate::Webhook;
use crate::certificates::ServingCertificate;
use respond::respond;

/// Ours: an API server keeps a few dozen connections open, and there are three of them.
const MOST_CONNECTIONS: usize = 1024;
/// Ours: the API server's default patience with a webhook.
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
/// Ours: how long a request's head may take, which is also how long a connection may be idle. The API
/// server itself closes one after 90 s.
const HEAD_TIME: Duration = Duration::from_secs(120);
/// Ours: of a request's head.
const MOST_HEAD: usize = 16 * 1024;
/// Ours: the time that running requests get at the end.
const LAST_TIME: Duration = Duration::from_secs(10);

/// Who may ask what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Everything: with TLS.
    Reviews,
    /// Metrics and probes alone: without.
    Metrics,
}

/// The server's side of TLS, with the certificate that is shown at the time.
///
/// # Errors
/// When the library does not support TLS 1.2 and 1.3.
pub fn acceptor(certificate: ServingCertificate) -> Result<TlsAcceptor, rustls::Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13, &TLS12])?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(certificate));
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Serves until `stop`, then lets running requests end. A connection's error ends that connection alone.
pub async fn serve(
    webhook: Arc<Webhook>,
    certificate: ServingCertificate,
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    stop: CancellationToken,
) {
    let connections = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let graceful = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else {
            // Out of file descriptors, usually: waiting is all that helps.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let Ok(permit) = Arc::clone(&connections).try_acquire_owned() else {
            tracing::warn!("more than {MOST_CONNECTIONS} connections: one was closed");
            continue;
        };
        let (webhook, certificate) = (Arc::clone(&webhook), certificate.clone());
        let (tls, watcher) = (tls.clone(), graceful.watcher());
        tokio::spawn(async move {
            let _best_effort = stream.set_nodelay(true);
            match tls {
                Some(tls) => {
                    if let Some(stream) = handshake(&tls, stream).await {
                        connection(stream, webhook, certificate, Door::Reviews, watcher).await;
                    }
                }
                None => connection(stream, webhook, certificate, Door::Metrics, watcher).await,
            }
            drop(permit);
        });
    }
    let _in_time = tokio::time::timeout(LAST_TIME, graceful.shutdown()).await;
}

async fn handshake(
    tls: &TlsAcceptor,
    stream: TcpStream,
) -> Option<tokio_rustls::server::TlsStream<TcpStream>> {
    match tokio::time::timeout(HANDSHAKE_TIME, tls.accept(stream)).await {
        Ok(Ok(stream)) => Some(stream),
        // A probe that only connects is no error worth a line.
        Ok(Err(error)) => {
            tracing::debug!("a TLS handshake failed: {error}");
            None
        }
        Err(_) => None,
    }
}

async fn connection<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: S,
    webhook: Arc<Webhook>,
    certificate: ServingCertificate,
    door: Door,
    watcher: hyper_util::server::graceful::Watcher,
) {
    let service = service_fn(move |request| {
        let (webhook, certificate) = (Arc::clone(&webhook), certificate.clone());
        async move { Ok::<_, Infallible>(respond(&webhook, &certificate, door, request).await) }
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
