//! The server: connections, and one call from its bytes to its answer.
//!
//! Knows: HTTP, its limits and its times. Start at `handle`.

mod address;
mod admin_api;
mod connection;
mod dispatch;
mod endpoint;
mod event_builder;
mod handle;
mod long_calls;
mod lookup;
mod permit;

use std::slice;
use std::sync::Arc;
use std::time::Duration;

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
const GRACE: Duration = Duration::from_secs(5);

/// How long to wait when the system has no descriptor for another connection.
const PAUSE: Duration = Duration::from_millis(50);

/// Accepts connections until `stop`, and then lets those that are open end. They are served by the
/// worker_runtimes in turn; where there are none, by the runtime that this is called on.
pub(crate) async fn run(
    authority: Arc<Shared>,
    worker_runtimes: &[Handle],
    listener: TcpListener,
    stop: CancellationToken,
) {
    let here = Handle::current();
    let shared = (!worker_runtimes.is_empty()).then(|| here.clone());
    let worker_runtimes =
        if worker_runtimes.is_empty() { slice::from_ref(&here) } else { worker_runtimes };
    let mut worker_runtimes = worker_runtimes.iter().cycle();
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let long_calls = Arc::new(LongCalls::new());
    let open = GracefulShutdown::new();
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { break };
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        // It is its worker's to wait for, and no longer this runtime's.
        let moved = accepted.and_then(|(stream, source)| Ok((stream.into_std()?, source)));
        match moved {
            Ok((stream, source)) => {
                let gone = CancellationToken::new();
                let ends = gone.clone().drop_guard();
                let (own, long_calls) = (Arc::clone(&authority), Arc::clone(&long_calls));
                let door = ConnectionContext::new(own, source, shared.clone(), long_calls, gone);
                let watcher = open.watcher();
                worker_runtimes.next().unwrap_or(&here).spawn(async move {
                    let served = match TcpStream::from_std(stream) {
                        Ok(stream) => watcher.watch(connection::serve(door, stream)).await,
                        Err(error) => {
                            tracing::warn!(%error, %source, "could not serve a connection");
                            return;
                        }
                    };
                    if let Err(error) = served {
                        tracing::debug!(%error, %source, "a connection ended");
                    }
                    drop((place, ends));
                });
            }
            Err(error) => {
                tracing::warn!(%error, "could not accept a connection");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
    if tokio::time::timeout(GRACE, open.shutdown()).await.is_err() {
        tracing::warn!("some calls did not end in time and were cut off");
    }
}
