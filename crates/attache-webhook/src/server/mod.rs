//! Answers: with TLS to the API server, and without, where that is asked for, metrics and probes.

mod respond;

use std::sync::Arc;
use std::time::Duration;

use attache_serving::{Limits, ServingCertificate};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use crate::Webhook;
use respond::respond;

/// Ours.
const LIMITS: Limits = Limits {
    // An API server keeps a few dozen connections open, and there are three of them.
    connections: 1024,
    // The API server's default patience with a webhook.
    handshake: Duration::from_secs(10),
    // The API server itself closes a connection that is idle for 90 s.
    head: Duration::from_secs(120),
    head_bytes: 16 * 1024,
    end: Duration::from_secs(10),
};

/// Who may ask what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Everything: with TLS.
    Reviews,
    /// Metrics and probes alone: without.
    Metrics,
}

/// Serves until `stop`, then lets running requests end.
pub async fn serve(
    webhook: Arc<Webhook>,
    certificate: ServingCertificate,
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    stop: CancellationToken,
) {
    let door = if tls.is_some() { Door::Reviews } else { Door::Metrics };
    let answer = move |request| {
        let (webhook, certificate) = (Arc::clone(&webhook), certificate.clone());
        async move { respond(&webhook, &certificate, door, request).await }
    };
    attache_serving::serve(listener, tls, LIMITS, stop, answer).await;
}
