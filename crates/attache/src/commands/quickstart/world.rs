//! The quickstart's AWS: the embedded authority with sample resources behind it, served on loopback.

use std::path::{Path, PathBuf};

use attache_authority::{Authority, Data, LaboratorySettings, Settings};
use attache_aws_accounts::{Connections, Profiles};
use attache_identifiers::AccountId;
use aws_config::{BehaviorVersion, SdkConfig};
use miette::{Context, IntoDiagnostic};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::commands::authority::warn_of_listening;
use crate::commands::laboratory::Laboratory;

/// The same resources every time, so that screenshots stay true.
const RESOURCES_SEED: u64 = 1;

/// The embedded AWS while it runs.
pub(super) struct World {
    /// Where it is reached, as `AWS_ENDPOINT_URL` has it.
    pub(super) endpoint: String,
    /// The administrators' keys, one profile an account.
    pub(super) credentials: PathBuf,
    authority: Authority,
    serving: JoinHandle<Result<(), attache_authority::AuthorityError>>,
}

/// Opens the accounts, the first as the organization's management account, and serves them.
pub(super) async fn start(
    listener: TcpListener,
    folder: &Path,
    accounts: &[AccountId],
    issuer: (attache_identifiers::Issuer, PathBuf),
    laboratory: &Laboratory,
    stop: &CancellationToken,
) -> miette::Result<World> {
    let address = listener.local_addr().into_diagnostic()?;
    warn_of_listening(address);
    // The first is the source account, which is not scraped.
    let targets = accounts.get(1..).unwrap_or_default();
    let resources = laboratory.resources(RESOURCES_SEED, accounts, targets);
    let mut settings = Settings::new(Data::Dir(folder.to_owned()), accounts.to_vec());
    settings.issuer_files = vec![issuer];
    settings.services = resources.services();
    let authority = Authority::open(settings).await.into_diagnostic()?;
    let credentials = folder.join("credentials");
    authority.write_credentials(&credentials).into_diagnostic()?;
    let serving = tokio::spawn(serve(authority.clone(), listener, stop.clone()));
    Ok(World { endpoint: format!("http://{address}"), credentials, authority, serving })
}

async fn serve(
    authority: Authority,
    listener: TcpListener,
    stop: CancellationToken,
) -> Result<(), attache_authority::AuthorityError> {
    authority.serve(listener, stop).await
}

impl World {
    /// How the embedded AWS behaves from now on.
    pub(super) fn set_laboratory(&self, settings: LaboratorySettings) -> miette::Result<()> {
        self.authority.set_laboratory(settings).into_diagnostic()
    }

    /// The connections of each account's administrator, who is a profile in the credentials file,
    /// as a person's would be. Nothing of the user's own AWS configuration is read.
    pub(super) async fn connections(&self, accounts: &[AccountId]) -> miette::Result<Connections> {
        let base = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url(&self.endpoint)
            .build();
        let profiles = Profiles::of_files(None, &self.credentials).await.into_diagnostic()?;
        let mut connections = Connections::new(base);
        for account in accounts {
            let keys = profiles.written_keys(&account.to_string()).into_diagnostic()?;
            connections = connections.with(*account, keys);
        }
        Ok(connections)
    }

    /// Waits until the authority has ended, after `stop` was cancelled.
    pub(super) async fn ended(self) -> miette::Result<()> {
        let ended = self.serving.await.into_diagnostic()?;
        ended.into_diagnostic().wrap_err("the embedded authority ended badly")
    }
}
