//! The flags of fetching an issuer's keys over TLS.

use std::net::SocketAddr;
use std::path::PathBuf;

use attache_oidc_discovery::FetchSettings;

use super::arguments;

/// Where AWS would not look, and which certificates are trusted.
#[derive(Debug, clap::Args)]
pub(crate) struct IssuerFetchArgs {
    /// Also fetch keys from issuers on this machine or in a private network, which AWS does not reach.
    #[arg(long)]
    allow_private_issuers: bool,
    /// A PEM file of a certificate authority to trust when keys are fetched, besides the system's;
    /// may be given several times.
    #[arg(long, value_name = "FILE")]
    issuer_ca: Vec<PathBuf>,
    /// The address of an issuer's host, instead of DNS and port 443; may be given several times.
    #[arg(long, value_name = "HOST=ADDR", value_parser = arguments::host_address)]
    issuer_address: Vec<(String, SocketAddr)>,
}

impl IssuerFetchArgs {
    pub(crate) fn settings(&self) -> FetchSettings {
        FetchSettings {
            private: self.allow_private_issuers,
            authorities: self.issuer_ca.clone(),
            addresses: self.issuer_address.clone(),
            ..FetchSettings::default()
        }
    }
}
