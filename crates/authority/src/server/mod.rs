//! The server: connections, and one call from its bytes to its answer.
//!
//! Knows: HTTP, its limits and its times. Start at `handle`.

mod address;
mod connection;
mod eks;
mod endpoint;
mod handle;
mod note;
mod organizations;
mod own;
mod rooms;
mod trail;

use std::sync::Arc;
use std::time::Duration;

use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::inner::Inner;

/// The connections at one time. Ours: beyond it new ones wait in the system's queue.
const MOST_CONNECTIONS: usize = 16_384;

/// How long calls that are under way may take when the server ends.
const GRACE: Duration = Duration::from_secs(5);

/// How long to wait when the system has no descriptor for another connection.
const PAUSE: Duration = Duration::from_millis(50);

/// Accepts connections until `stop`, and then lets those that are open end.
pub(crate) async fn run(authority: Arc<Inner>, listener: TcpListener, stop: CancellationToken) {
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let open = GracefulShutdown::new();
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { break };
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, source)) => {
                // Answers are small and whole: waiting to fill a packet only delays them.
                let _best_effort = stream.set_nodelay(true);
                let connection = connection::serve(Arc::clone(&authority), stream, source);
                let watched = open.watch(connection);
                tokio::spawn(async move {
                    if let Err(error) = watched.await {
                        tracing::debug!(%error, %source, "a connection ended");
                    }
                    drop(place);
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
