//! The server: connections, and one call from its bytes to its answer.
//!
//! Knows: HTTP, its limits and timeouts. Start at `handle`.

mod address;
mod admin_api;
mod connection;
mod dispatch;
mod endpoint;
mod event_builder;
mod handle;
mod laboratory;
mod long_calls;
mod lookup;
mod permit;
pub(crate) mod response;
pub(crate) mod stream;

use std::slice;
use std::sync::Arc;
use std::time::Duration;

pub(crate) use address::service_names;
use connection::ConnectionContext;
use hyper_util::server::graceful::GracefulShutdown;
use long_calls::LongCalls;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::shared::Shared;

/// The connections at one time. Ours: beyond it new ones wait in the system's queue.
const MOST_CONNECTIONS: usize = 16_384;

/// How long calls that are under way may take when the server ends.
const SHUTDOWN_TIME: Duration = Duration::from_secs(5);

/// How long to wait when the system has no descriptor for another connection.
const ACCEPT_RETRY: Duration = Duration::from_millis(50);

/// Accepts connections until `stop`, and then lets those that are open end. They are served by the
/// worker runtimes in turn; where there are none, by the runtime that this is called on.
pub(crate) async fn run(
    authority: Arc<Shared>,
    worker_runtimes: &[Handle],
    listener: TcpListener,
    stop: CancellationToken,
) {
    let current = Handle::current();
    let shared = (!worker_runtimes.is_empty()).then(|| current.clone());
    let worker_runtimes =
        if worker_runtimes.is_empty() { slice::from_ref(&current) } else { worker_runtimes };
    let mut worker_runtimes = worker_runtimes.iter().cycle();
    let permits = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let long_calls = Arc::new(LongCalls::new());
    let open = GracefulShutdown::new();
    loop {
        let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { break };
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        // The worker's runtime polls it from now on, and no longer this one.
        let moved = accepted.and_then(|(stream, source)| Ok((stream.into_std()?, source)));
        match moved {
            Ok((stream, source)) => {
                let gone = CancellationToken::new();
                let ends = gone.clone().drop_guard();
                let (own, long_calls) = (Arc::clone(&authority), Arc::clone(&long_calls));
                let connection_context =
                    ConnectionContext::new(own, source, shared.clone(), long_calls, gone);
                let watcher = open.watcher();
                worker_runtimes.next().unwrap_or(&current).spawn(async move {
                    let served = match TcpStream::from_std(stream) {
                        Ok(stream) => {
                            watcher.watch(connection::serve(connection_context, stream)).await
                        }
                        Err(error) => {
                            tracing::warn!(%error, %source, "could not serve a connection");
                            return;
                        }
                    };
                    if let Err(error) = served {
                        tracing::debug!(%error, %source, "a connection ended");
                    }
                    drop((permit, ends));
                });
            }
            Err(error) => {
                tracing::warn!(%error, "could not accept a connection");
                tokio::time::sleep(ACCEPT_RETRY).await;
            }
        }
    }
    if tokio::time::timeout(SHUTDOWN_TIME, open.shutdown()).await.is_err() {
        tracing::warn!("some calls did not end in time and were cut off");
    }
}
