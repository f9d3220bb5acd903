//! The HTTP server: what a pod asks for, what a kubelet and a Prometheus ask for.
//!
//! Knows: addresses, connections and their limits, statuses and headers. A connection is bounded in
//! time and size, their number in all and of one address, so that no client can take the place of
//! the others.

mod answer;
mod connections;
mod listen;
mod log_limit;
mod readiness;

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{Exchange, FairLimit, Rate};
use answer::{Client, Port};
use connections::{Connections, Place};
use log_limit::LogLimit;

pub use listen::{ListenError, Listeners};
pub use readiness::{NotServing, Readiness};

/// Ours: how long a request's head may take, which is also how long a connection may be idle.
const HEAD_TIME: Duration = Duration::from_secs(10);

/// Ours: bytes of a request's head. A token has at most 20,000, and SDKs send some headers.
const MOST_HEAD: usize = 64 * 1024;

/// Ours: SDKs send five; a hundred others are for nobody here.
const MOST_HEADERS: usize = 64;

/// Ours: how long requests that are under way may take when the server ends.
const SHUTDOWN_TIME: Duration = Duration::from_secs(5);

/// How long to wait when the system has no descriptor for another connection.
const ACCEPT_RETRY: Duration = Duration::from_millis(50);

/// How requests are limited.
#[derive(Debug, Clone, Copy, Default)]
pub struct ServerSettings {
    /// The rate of all requests; none for no limit.
    pub rate: Option<Rate>,
}

/// The server of one agent.
#[derive(Debug)]
pub struct Server {
    exchange: Exchange,
    limit: Option<Mutex<FairLimit<Client>>>,
    /// Refusals that were logged, by the client and the status and code.
    logged: Mutex<LogLimit<(IpAddr, u16, String)>>,
    readiness: Readiness,
    begun: Instant,
}

impl Server {
    /// Serves on the listeners until `stop`, and renews credentials meanwhile.
    pub async fn serve(
        exchange: Exchange,
        settings: ServerSettings,
        listeners: Listeners,
        stop: CancellationToken,
    ) {
        let server = Arc::new(Self {
            exchange: exchange.clone(),
            limit: settings.rate.map(|rate| Mutex::new(FairLimit::new(rate))),
            logged: Mutex::default(),
            readiness: Readiness::new(&exchange, &listeners),
            begun: Instant::now(),
        });
        let mut tasks = tokio::task::JoinSet::new();
        tasks.spawn({
            let stop = stop.clone();
            async move { exchange.keep_renewed(stop).await }
        });
        let Listeners { credentials, probes, metrics, .. } = listeners;
        let credentials = credentials.into_iter().map(|listener| (Port::Credentials, listener));
        let others = [(Port::Probes, probes), (Port::Metrics, metrics)];
        let others = others.into_iter().filter_map(|(port, listener)| Some((port, listener?)));
        // Both of the pods' listeners have the same places. Probes and metrics have their own: pods that take all of
        // theirs must not have the kubelet restart the agent.
        let of_pods = Connections::default();
        for (port, listener) in credentials.chain(others) {
            let connections = match port {
                Port::Credentials => of_pods.clone(),
                Port::Probes | Port::Metrics => Connections::default(),
            };
            tasks.spawn(accept(Arc::clone(&server), (port, listener), connections, stop.clone()));
        }
        while tasks.join_next().await.is_some() {}
    }
}

/// Accepts connections until `stop`, and then lets those that are open end.
async fn accept(
    server: Arc<Server>,
    (port, listener): (Port, TcpListener),
    connections: Connections,
    stop: CancellationToken,
) {
    let open = GracefulShutdown::new();
    loop {
        let Some(accepted) = stop.run_until_cancelled(listener.accept()).await else { break };
        match accepted {
            Ok((stream, source)) => {
                // Closed at once where there are too many: a client that waits would not know why.
                let Some(place) = connections.enter(source.ip()) else {
                    tracing::debug!(%source, "closed: too many connections");
                    continue;
                };
                serve(Arc::clone(&server), port, stream, source, place, &open);
            }
            Err(error) => {
                tracing::warn!(%error, "could not accept a connection");
                tokio::time::sleep(ACCEPT_RETRY).await;
            }
        }
    }
    if tokio::time::timeout(SHUTDOWN_TIME, open.shutdown()).await.is_err() {
        tracing::warn!("some requests did not end in time and were cut off");
    }
}

/// Serves one connection's requests, one after the other.
fn serve(
    server: Arc<Server>,
    port: Port,
    stream: TcpStream,
    source: SocketAddr,
    place: Place,
    open: &GracefulShutdown,
) {
    // Answers are small and whole: waiting to fill a packet only delays them.
    let _best_effort = stream.set_nodelay(true);
    let client = source.ip().to_canonical();
    let service = hyper::service::service_fn(move |request| {
        let server = Arc::clone(&server);
        async move { Ok::<_, std::convert::Infallible>(server.answer(port, request, client).await) }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(MOST_HEAD)
        .max_headers(MOST_HEADERS)
        .serve_connection(TokioIo::new(stream), service);
    let connection = open.watch(connection);
    tokio::spawn(async move {
        let _until_closed = place;
        if let Err(error) = connection.await {
            tracing::debug!(%error, %source, "a connection ended");
        }
    });
}
