//! Starts all of it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use attache_admission::{GateAction, Settings};
use attache_serving::{FollowedFiles, ServingCertificate, acceptor};
use kube::Client;
use time::OffsetDateTime;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::Webhook;
use crate::certificates::{CertificateError, Keeper, SelfMadeSettings, expiry};
use crate::cluster::{Accounts, Fetcher, watch_accounts, watch_mapped_roles};
use crate::files::IdentityFile;
use crate::metrics::Metrics;
use crate::server::serve;
use crate::shared::Shared;

/// What the webhook is started with.
#[derive(Debug)]
pub struct Options {
    /// Its rules.
    pub settings: Settings,
    /// What the gate does.
    pub gate: GateAction,
    /// The longest time to ask for a service account that was not seen yet.
    pub fetch_limit: Duration,
    /// The namespace of the ConfigMap, if it is to be followed.
    pub mapped_roles: Option<String>,
    /// The file of pod identities.
    pub identities: Option<PathBuf>,
    /// Where the certificate comes from.
    pub certificate: Certificate,
    /// How long it goes on serving once it is to stop: API servers find out later than it does.
    pub shutdown_delay: Duration,
    /// The clock.
    pub clock: fn() -> OffsetDateTime,
}

/// Where the certificate comes from.
#[derive(Debug)]
pub enum Certificate {
    /// Files that are read again when they change.
    Files {
        /// The chain.
        certificate: PathBuf,
        /// The key.
        key: PathBuf,
    },
    /// Self-made, kept in a Secret.
    SelfMade(SelfMadeSettings),
}

/// Why it did not start or ended.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// There is no certificate to begin with.
    #[error("there is no certificate to serve with: {0}")]
    Certificate(#[from] CertificateError),
    /// The library's.
    #[error("TLS cannot be served: {0}")]
    Tls(#[from] rustls::Error),
}

/// Ours: how often the first certificate is tried: the API server can be away as the webhook starts.
const FIRST_PAUSE: Duration = Duration::from_secs(2);

/// Serves until `stop`, and `shutdown_delay` longer. `reviews` is served with TLS, `metrics` without.
///
/// # Errors
/// When the certificate's files cannot be read at the start.
pub async fn run(
    client: Client,
    options: Options,
    reviews: TcpListener,
    metrics: Option<TcpListener>,
    stop: CancellationToken,
) -> Result<(), RunError> {
    let settings = Arc::new(options.settings);
    let webhook = Arc::new(Webhook {
        settings: Arc::clone(&settings),
        gate: options.gate,
        accounts: Accounts::default(),
        fetcher: Fetcher::new(client.clone(), Arc::clone(&settings), options.fetch_limit),
        mapped: Shared::default(),
        identities: Shared::default(),
        metrics: Metrics::default(),
        clock: options.clock,
    });
    let (closed, delay) = (CancellationToken::new(), options.shutdown_delay);
    let close = async {
        stop.cancelled().await;
        tokio::time::sleep(delay).await;
        closed.cancel();
        std::future::pending::<()>().await;
    };
    let serving = ServingCertificate::default();
    let source = Source::new(options.certificate, &client, options.clock);
    // Before the first review is answered.
    let mut file = options.identities.as_deref().map(IdentityFile::new);
    if let Some(file) = &mut file {
        file.read(&webhook.identities).await;
    }
    let tls = acceptor(serving.clone())?;
    let accounts = watch_accounts(client.clone(), &webhook.accounts, &settings, &closed);
    let mapped = async {
        match &options.mapped_roles {
            Some(namespace) => {
                watch_mapped_roles(client.clone(), namespace, &webhook.mapped, &closed).await;
            }
            None => closed.cancelled().await,
        }
    };
    let identities = async {
        match file {
            Some(file) => file.watch(&webhook.identities).await,
            None => closed.cancelled().await,
        }
    };
    let plain = async {
        if let Some(listener) = metrics {
            serve(Arc::clone(&webhook), serving.clone(), listener, None, closed.clone()).await;
        }
        Ok(())
    };
    let reviews = async {
        if source.first(&serving, &stop).await? {
            let (webhook, shown) = (Arc::clone(&webhook), serving.clone());
            serve(webhook, shown, reviews, Some(tls), closed.clone()).await;
        }
        Ok::<_, RunError>(())
    };
    let follow = async {
        let expiry = expiry::watch(&serving, options.clock);
        tokio::join!(accounts, mapped, identities, source.watch(&serving), expiry);
    };
    // The servers end at `stop`, after their last requests; what is followed ends with them.
    let served = async { tokio::try_join!(reviews, plain) };
    tokio::select! {
        served = served => served.map(|_| ()),
        () = follow => Ok(()),
        () = close => Ok(()),
    }
}

enum Source {
    Files(FollowedFiles),
    SelfMade(Keeper),
}

impl Source {
    fn new(certificate: Certificate, client: &Client, clock: fn() -> OffsetDateTime) -> Self {
        match certificate {
            Certificate::Files { certificate, key } => {
                Self::Files(FollowedFiles { certificate, key })
            }
            Certificate::SelfMade(settings) => {
                Self::SelfMade(Keeper::new(client.clone(), settings, clock))
            }
        }
    }

    /// Waits for the first certificate: false where `stop` came first. Files have to be there.
    async fn first(
        &self,
        serving: &ServingCertificate,
        stop: &CancellationToken,
    ) -> Result<bool, CertificateError> {
        let keeper = match self {
            Self::Files(files) => {
                files.load(serving).await?;
                return Ok(true);
            }
            Self::SelfMade(keeper) => keeper,
        };
        while let Err(error) = keeper.keep(serving).await {
            tracing::error!("{error}");
            tokio::select! {
                () = stop.cancelled() => return Ok(false),
                () = tokio::time::sleep(FIRST_PAUSE) => {}
            }
        }
        Ok(true)
    }

    async fn watch(&self, serving: &ServingCertificate) {
        match self {
            Self::Files(files) => files.watch(serving).await,
            Self::SelfMade(keeper) => keeper.watch(serving).await,
        }
    }
}
