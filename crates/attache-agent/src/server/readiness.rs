//! Whether pods are served.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;

use super::Listeners;
use crate::Exchange;

/// Ours: a connection on the same machine takes microseconds.
const PROBE_TIME: Duration = Duration::from_secs(2);

/// Why pods are not served.
#[derive(Debug, thiserror::Error)]
pub enum NotServing {
    /// No token could be traded yet.
    #[error("the issuer's keys or the service accounts are not known yet")]
    NotReady,
    /// An address does not lead here.
    #[error("{address} cannot be reached: {source}")]
    Unreachable {
        /// The address.
        address: SocketAddr,
        /// The system's reason.
        source: io::Error,
    },
    /// An address is not answered.
    #[error("{0} does not answer in time")]
    Slow(SocketAddr),
}

/// What pods need: the addresses that lead to this agent, and what their tokens are traded by.
#[derive(Debug, Clone)]
pub struct Readiness {
    exchange: Exchange,
    addresses: Vec<SocketAddr>,
}

impl Readiness {
    /// That of a server on these listeners.
    #[must_use]
    pub fn new(exchange: &Exchange, listeners: &Listeners) -> Self {
        Self { exchange: exchange.clone(), addresses: listeners.credentials_addresses() }
    }

    /// Where pods are answered.
    pub(super) fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Whether each address leads here, and tokens can be traded.
    ///
    /// # Errors
    /// [`NotServing`].
    pub async fn check(&self) -> Result<(), NotServing> {
        if !self.exchange.is_ready() {
            return Err(NotServing::NotReady);
        }
        self.reached().await
    }

    /// Whether the addresses lead here: one that was taken from the node's interface no longer does,
    /// though it is still listened on.
    pub(super) async fn reached(&self) -> Result<(), NotServing> {
        for address in &self.addresses {
            match tokio::time::timeout(PROBE_TIME, TcpStream::connect(address)).await {
                Ok(Ok(_)) => {}
                Ok(Err(source)) => {
                    tracing::warn!(%address, error = %source, "the address does not lead to this agent");
                    return Err(NotServing::Unreachable { address: *address, source });
                }
                Err(_) => return Err(NotServing::Slow(*address)),
            }
        }
        Ok(())
    }
}
