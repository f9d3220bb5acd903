//! The addresses that are listened on.

use std::io;
use std::net::{IpAddr, SocketAddr};

use tokio::net::TcpListener;

/// An address that cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[error("could not listen on {address}: {source}{}", remedy(*.address, .source))]
pub struct ListenError {
    /// The address.
    pub address: SocketAddr,
    /// The system's reason.
    pub source: io::Error,
}

/// What to do about the two commonest reasons.
fn remedy(address: SocketAddr, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AddrNotAvailable => {
            let (ip, length) = (address.ip(), if address.is_ipv4() { 32 } else { 128 });
            format!(
                "; give the node that address: ip link add pod-id-link0 type dummy; \
                 ip addr add {ip}/{length} dev pod-id-link0; ip link set pod-id-link0 up"
            )
        }
        io::ErrorKind::PermissionDenied => {
            "; a port below 1024 needs the capability NET_BIND_SERVICE, or choose another by --port"
                .to_owned()
        }
        io::ErrorKind::AddrInUse => "; another agent or process listens there".to_owned(),
        _ => String::new(),
    }
}

/// The sockets that are listened on.
#[derive(Debug)]
pub struct Listeners {
    pub(super) credentials: Vec<TcpListener>,
    pub(super) probes: Option<TcpListener>,
    pub(super) metrics: Option<TcpListener>,
    /// IPv6 addresses that are not listened on, and why: not every node has IPv6.
    pub without: Vec<ListenError>,
}

impl Listeners {
    /// Listens on a port of each address for pods, and on the addresses of probes and metrics where
    /// they are given.
    ///
    /// # Errors
    /// [`ListenError`]. That of an IPv6 address is none where another address is listened on.
    pub async fn bind(
        hosts: &[IpAddr],
        port: u16,
        probes: Option<SocketAddr>,
        metrics: Option<SocketAddr>,
    ) -> Result<Self, ListenError> {
        let (mut credentials, mut without) = (Vec::new(), Vec::new());
        for host in hosts {
            match bind(SocketAddr::new(*host, port)).await {
                Ok(listener) => credentials.push(listener),
                Err(error) if host.is_ipv6() => without.push(error),
                Err(error) => return Err(error),
            }
        }
        if credentials.is_empty()
            && let Some(error) = without.pop()
        {
            return Err(error);
        }
        let optional = async |address: Option<SocketAddr>| match address {
            Some(address) => bind(address).await.map(Some),
            None => Ok(None),
        };
        let (probes, metrics) = (optional(probes).await?, optional(metrics).await?);
        Ok(Self { credentials, probes, metrics, without })
    }

    /// Where pods are answered.
    #[must_use]
    pub fn credentials_addresses(&self) -> Vec<SocketAddr> {
        self.credentials.iter().filter_map(|listener| listener.local_addr().ok()).collect()
    }

    /// Where the kubelet's probes are answered.
    #[must_use]
    pub fn probes_address(&self) -> Option<SocketAddr> {
        self.probes.as_ref()?.local_addr().ok()
    }

    /// Where metrics are.
    #[must_use]
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics.as_ref()?.local_addr().ok()
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener, ListenError> {
    TcpListener::bind(address).await.map_err(|source| ListenError { address, source })
}
