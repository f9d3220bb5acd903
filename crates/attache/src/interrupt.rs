//! Ctrl-C and SIGTERM, as a cancellation.

use miette::IntoDiagnostic;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Cancels `stop` at the first Ctrl-C or SIGTERM. A second one ends the process at once.
pub(crate) fn cancel_on_signal(stop: CancellationToken) -> miette::Result<JoinHandle<()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt()).into_diagnostic()?;
    let mut terminate = signal(SignalKind::terminate()).into_diagnostic()?;
    Ok(tokio::spawn(async move {
        for first in [true, false] {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            if first {
                stop.cancel();
            } else {
                // 128 + SIGINT, as shells have it.
                std::process::exit(130);
            }
        }
    }))
}
