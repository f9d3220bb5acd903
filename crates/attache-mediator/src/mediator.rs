//! The mediator as a whole: its settings, its start, and its reports.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use attache_aws_accounts::{HttpSettings, ProxyConfig, check_endpoint};
use attache_catalog::Catalog;
use attache_identifiers::{AllowedHost, Hosts};
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::account::Account;
use crate::inventory::Inventory;
use crate::scrape::Client;
use crate::session::{Assumer, SessionSource};
use crate::view_model::View;
use crate::{
    AccountReport, Clock, Coverage, Filter, InventoryPlace, Limits, Listing, MediatorError, api,
    report, scheduler,
};

/// Ours: every answer here takes less, and Kubernetes kills a pod 30 s after it asked it to end.
const GRACE: Duration = Duration::from_secs(5);

/// What the mediator needs to know.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The accounts to scrape, in the order in which they are shown.
    pub accounts: Vec<attache_manifests::Account>,
    /// What the accounts' roles are assumed with.
    pub source: SessionSource,
    /// One endpoint for every service, instead of AWS's own.
    pub endpoint_url: Option<String>,
    /// What to discover.
    pub catalog: Catalog,
    /// Where to keep what is found.
    pub inventory: InventoryPlace,
    /// From the end of one scrape of an account to the start of the next.
    pub interval: Duration,
    /// How AWS is reached.
    pub connector: SharedHttpConnector,
    /// How much a listing may take.
    pub limits: Limits,
    /// What the API and the page may be addressed as, besides their own address: see [`Hosts`].
    pub allowed_hosts: Vec<AllowedHost>,
    /// What time it is.
    pub clock: Clock,
}

impl Settings {
    /// Ours: a minute between scrapes.
    pub const INTERVAL: Duration = Duration::from_secs(60);

    /// Settings with the embedded catalog, an inventory in memory, AWS's own endpoints, no proxy
    /// and the system's CAs. All fields can be changed.
    ///
    /// # Errors
    /// None that input can cause.
    pub fn new(
        accounts: Vec<attache_manifests::Account>,
        source: impl Into<SessionSource>,
        clock: Clock,
    ) -> Result<Self, MediatorError> {
        Ok(Self {
            accounts,
            source: source.into(),
            endpoint_url: None,
            catalog: Catalog::embedded()?,
            inventory: InventoryPlace::Memory,
            interval: Self::INTERVAL,
            connector: HttpSettings::new(None, ProxyConfig::disabled())?.connector(),
            limits: Limits::default(),
            allowed_hosts: Vec::new(),
            clock,
        })
    }
}

/// A mediator. Clones are the same one.
#[derive(Debug, Clone)]
pub struct Mediator {
    pub(crate) shared: Arc<Shared>,
}

/// What all clones share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) accounts: Vec<Account>,
    pub(crate) catalog: Catalog,
    pub(crate) inventory: Inventory,
    pub(crate) client: Client,
    pub(crate) assumer: Assumer,
    pub(crate) interval: Duration,
    pub(crate) allowed_hosts: Vec<AllowedHost>,
    pub(crate) clock: Clock,
    /// How many accounts have been scraped once, whether or not it went well.
    pub(crate) first_scrapes: watch::Sender<usize>,
}

impl Mediator {
    /// Opens the inventory. Nothing is scraped yet.
    ///
    /// # Errors
    /// What is wrong with the settings or the inventory. An account that cannot be reached
    /// is not an error: see [`Self::accounts`].
    pub async fn open(settings: Settings) -> Result<Self, MediatorError> {
        settings.endpoint_url.as_deref().map(check_endpoint).transpose()?;
        if settings.accounts.is_empty() {
            return Err(MediatorError::NothingToScrape);
        }
        let inventory = Inventory::open(&settings.inventory).await?;
        let (connector, clock, endpoint) =
            (settings.connector, settings.clock, settings.endpoint_url);
        let shared = Shared {
            accounts: settings.accounts.into_iter().map(Account::new).collect(),
            catalog: settings.catalog,
            inventory,
            client: Client::new(connector.clone(), endpoint.clone(), settings.limits, clock),
            assumer: Assumer::new(settings.source, endpoint, connector, clock),
            interval: settings.interval,
            allowed_hosts: settings.allowed_hosts,
            clock,
            first_scrapes: watch::Sender::new(0),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// As [`Self::open`], and scrapes every account again and again until `stop`.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn start(settings: Settings, stop: CancellationToken) -> Result<Self, MediatorError> {
        let mediator = Self::open(settings).await?;
        for index in 0..mediator.shared.accounts.len() {
            tokio::spawn(scheduler::account(Arc::clone(&mediator.shared), index, stop.clone()));
        }
        Ok(mediator)
    }

    /// Scrapes every account once, all of them at the same time.
    ///
    /// # Errors
    /// When the inventory cannot be written. What goes wrong with an account is in its coverage.
    pub async fn scrape_once(&self) -> Result<(), MediatorError> {
        scheduler::all(&self.shared).await
    }

    /// Waits until every account has been scraped once since the start, well or not.
    pub async fn first_complete(&self) {
        let all = self.shared.accounts.len();
        // The sender lives as long as we do: there is always an answer.
        let _ = self
            .shared
            .first_scrapes
            .subscribe()
            .wait_for(|first_scrapes| *first_scrapes >= all)
            .await;
    }

    /// The accounts, in the settings' order.
    ///
    /// # Errors
    /// When the inventory cannot be read.
    pub async fn accounts(&self) -> Result<Vec<AccountReport>, MediatorError> {
        report::accounts(&self.shared).await
    }

    /// How each type's last scrape went, by account, type and region.
    ///
    /// # Errors
    /// When the inventory cannot be read.
    pub async fn coverage(&self) -> Result<Vec<Coverage>, MediatorError> {
        self.shared.inventory.coverage().await
    }

    /// One page of resources.
    ///
    /// # Errors
    /// When the cursor is not valid, or the inventory cannot be read.
    pub async fn resources(&self, filter: &Filter) -> Result<Listing, MediatorError> {
        self.shared.inventory.resources(filter).await
    }

    /// What the page shows.
    ///
    /// # Errors
    /// When the inventory cannot be read.
    pub async fn view(&self) -> Result<View, MediatorError> {
        report::view(&self.shared).await
    }

    /// Serves [`Self::router`] until `stop`; answers that are under way then have some seconds to be
    /// finished.
    ///
    /// # Errors
    /// When the listener fails.
    pub async fn serve(
        &self,
        listener: tokio::net::TcpListener,
        stop: CancellationToken,
    ) -> std::io::Result<()> {
        let router = self.router(listener.local_addr()?);
        let server = axum::serve(listener, router);
        let server = server.with_graceful_shutdown(stop.clone().cancelled_owned()).into_future();
        // A client that sent half a request and fell silent would be waited for until it goes.
        let over = async {
            stop.cancelled().await;
            tokio::time::sleep(GRACE).await;
        };
        tokio::select! {
            served = server => served,
            () = over => Ok(()),
        }
    }

    /// The API, the metrics and the page, for a server that listens on `bound`. They answer to its
    /// own hosts and to those that the settings allow.
    pub fn router(&self, bound: SocketAddr) -> axum::Router {
        api::router(self.clone(), Hosts::new(bound, self.shared.allowed_hosts.clone()))
    }
}
