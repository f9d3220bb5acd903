//! The authority as a library: open it, serve it, get an account's administrator.

use std::collections::BTreeSet;
use std::fmt;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use attache_identifiers::{AccountId, Arn, Secret};
use attache_ledger::change::{Change, ClusterChange, EksChange};
use attache_ledger::{Event, Ledger, Options, PARTITION};
use attache_services::eks;
use attache_services::ids::{KeyKind, Prefix, access_key, unique};
use attache_services::service::Service;
use time::OffsetDateTime;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use crate::decisions::Decisions;
use crate::fixed_keys::FixedKeys;
use crate::jwks_cache::JwksCache;
use crate::laboratory::Laboratory;
use crate::shared::Shared;
use crate::{
    AuthorityError, FixedKey, HOME_REGION, KnownCluster, LaboratorySettings, Settings, server,
};

/// An account's administrator: a user who may do everything in it.
#[derive(Debug, Clone)]
pub struct Administrator {
    /// The account.
    pub account: AccountId,
    /// The access key's id: `AKIA…`.
    pub access_key: String,
    /// The access key's secret.
    pub secret: Secret,
}

/// An identity plane that is open. Clones are the same one.
#[derive(Clone)]
pub struct Authority {
    shared: Arc<Shared>,
}

impl Authority {
    /// Opens the journal, replays it, opens the accounts that are new in the settings, and writes
    /// the administrators' keys to `credentials` in the data directory.
    ///
    /// # Errors
    /// Every [`AuthorityError`] but those of a server that runs.
    pub async fn open(settings: Settings) -> Result<Self, AuthorityError> {
        let mut given = BTreeSet::new();
        if let Some(twice) = settings.accounts.iter().find(|account| !given.insert(**account)) {
            return Err(AuthorityError::DuplicateAccount(*twice));
        }
        // Before anything is created.
        if settings.data.is_new() && settings.accounts.is_empty() {
            return Err(AuthorityError::NoAccounts);
        }
        let issuers = JwksCache::new(settings.issuers, settings.issuer_files, settings.discovery)?;
        let ledger = Ledger::open(Options {
            data: settings.data,
            managed_policies: settings.managed_policies,
            propagation_delay: settings.propagation_delay,
        });
        let mut shared = Shared {
            ledger: ledger.await?,
            issuers,
            quotas: settings.quotas,
            services: RwLock::new(settings.services),
            fixed_keys: FixedKeys::default(),
            laboratory: Laboratory::default(),
            decisions: settings.explain.then(Decisions::default),
            unknown: Mutex::default(),
        };
        open_accounts(&shared.ledger, &settings.accounts).await?;
        shared.fixed_keys = fixed_keys(&shared.ledger, settings.fixed_keys, &settings.accounts)?;
        let authority = Self { shared: Arc::new(shared) };
        for cluster in &settings.clusters {
            authority.add_cluster(cluster).await?;
        }
        if let Some(path) = authority.credentials_file() {
            authority.write_credentials(&path)?;
        }
        Ok(authority)
    }

    /// Serves AWS's protocols over plain HTTP until `stop`, then lets the calls that are under way
    /// end and the journal be written.
    ///
    /// # Errors
    /// [`LedgerError::JournalStopped`](crate::LedgerError::JournalStopped) when events could no longer be written.
    pub async fn serve(
        &self,
        listener: TcpListener,
        stop: CancellationToken,
    ) -> Result<(), AuthorityError> {
        self.serve_on(&[], listener, stop).await
    }

    /// As [`Authority::serve`], where connections are these runtimes' in turn.
    ///
    /// They are meant to be one thread each. A short call costs a twentieth less where its connection's
    /// timers, wake-ups and memory are one thread's alone. What may take long would hold up all who
    /// share that thread, and stays with the runtime that this is called on.
    ///
    /// # Errors
    /// As [`Authority::serve`].
    pub async fn serve_on(
        &self,
        worker_runtimes: &[Handle],
        listener: TcpListener,
        stop: CancellationToken,
    ) -> Result<(), AuthorityError> {
        let ended = stop.clone();
        let snapshots = self.shared.ledger.take_snapshots(&ended);
        tokio::join!(
            server::run(Arc::clone(&self.shared), worker_runtimes, listener, stop),
            snapshots
        );
        Ok(self.shared.ledger.journal().flush().await?)
    }

    /// Writes what is still to be written and closes the journal. Clones answer nothing after it.
    ///
    /// # Errors
    /// [`LedgerError::JournalStopped`](crate::LedgerError::JournalStopped) when the journal had stopped before.
    pub async fn close(self) -> Result<(), AuthorityError> {
        Ok(self.shared.ledger.close().await?)
    }

    /// The administrator of an account; none if the account does not exist, or has deleted
    /// that user or its first key.
    #[must_use]
    pub fn administrator(&self, account: AccountId) -> Option<Administrator> {
        let state = self.shared.ledger.read();
        let held = state.account(account)?;
        if let Some((id, secret)) = self.shared.fixed_keys.of(account) {
            return Some(Administrator {
                account,
                access_key: id.to_owned(),
                secret: secret.clone(),
            });
        }
        let access_key = held.first_key.clone();
        held.access_keys.get(&access_key)?;
        let secret = self.shared.ledger.key().secret(&access_key, "");
        Some(Administrator { account, access_key, secret })
    }

    /// All accounts, by their number.
    #[must_use]
    pub fn accounts(&self) -> Vec<AccountId> {
        self.shared.ledger.read().accounts().map(|account| account.id).collect()
    }

    /// The accounts that it was opened with, now or ever, by their number: those that hold
    /// something. What `CreateAccount` made is not among them.
    #[must_use]
    pub fn given_accounts(&self) -> Vec<AccountId> {
        let state = self.shared.ledger.read();
        state.accounts().filter(|account| account.given).map(|account| account.id).collect()
    }

    /// Adds services, for those that must know all accounts first.
    pub fn add_services(&self, services: Vec<Arc<dyn Service>>) {
        self.shared.services.write().unwrap_or_else(PoisonError::into_inner).extend(services);
    }

    /// Makes calls late, too many, or fail. It begins anew with each call; the default ends it.
    ///
    /// # Errors
    /// [`AuthorityError::Laboratory`] when a setting can have no effect.
    pub fn set_laboratory(&self, settings: LaboratorySettings) -> Result<(), AuthorityError> {
        Ok(self.shared.laboratory.set(settings, &self.shared.service_names())?)
    }

    /// Events after a sequence number (0 for the first), at most so many, oldest first.
    ///
    /// # Errors
    /// [`LedgerError::JournalStopped`](crate::LedgerError::JournalStopped).
    pub async fn events(
        &self,
        after: i64,
        limit: u32,
    ) -> Result<Vec<(i64, Event)>, AuthorityError> {
        Ok(self.shared.ledger.journal().read(after, limit).await?)
    }

    /// Where the administrators' keys were written; none for an authority in memory.
    #[must_use]
    pub fn credentials_file(&self) -> Option<PathBuf> {
        self.shared.ledger.credentials_file()
    }

    /// Writes the administrators' keys in the format of AWS's shared credentials file, one profile
    /// an account, named by its 12 digits. Only the owner may read it.
    ///
    /// # Errors
    /// [`LedgerError::UnsafeFile`](crate::LedgerError::UnsafeFile).
    pub fn write_credentials(&self, path: &Path) -> Result<(), AuthorityError> {
        let mut text = String::new();
        // Some clients read the region here and not in `AWS_REGION`: boto3 and version 1 of `aws` are two.
        for Administrator { account, access_key, secret } in
            self.accounts().into_iter().filter_map(|account| self.administrator(account))
        {
            let secret = secret.expose();
            // Writing into a string cannot fail.
            let _ok = write!(
                text,
                "[{account}]\naws_access_key_id = {access_key}\naws_secret_access_key = {secret}\n\
                 region = {HOME_REGION}\n\n"
            );
        }
        Ok(attache_ledger::write_credentials(path, text.trim_end())?)
    }

    /// Adds a cluster, or changes its issuer.
    async fn add_cluster(&self, given: &KnownCluster) -> Result<(), AuthorityError> {
        let KnownCluster { account, region, name, issuer } = given;
        let (account, region, issuer) = (*account, region.to_string(), issuer.to_string());
        let known = match self.shared.ledger.read().account(account) {
            Some(owner) => owner.cluster(&region, name).map(|cluster| cluster.issuer == issuer),
            None => return Err(AuthorityError::ClusterOfNoAccount { account, name: name.clone() }),
        };
        if known == Some(true) {
            return Ok(());
        }
        let at = OffsetDateTime::now_utc();
        let resource = eks::cluster_arn(account, &region, name);
        let what = ClusterChange::Known { issuer };
        let change = Change::Eks(EksChange { region, cluster: name.clone(), what });
        let reason = "the cluster was given when the authority was started";
        let event =
            Event::without_call(at, account, "attache:KnowCluster", resource, reason, change);
        Ok(self.shared.ledger.commit(event).await?)
    }
}

async fn open_accounts(ledger: &Ledger, accounts: &[AccountId]) -> Result<(), AuthorityError> {
    for &account in accounts {
        if ledger.read().account(account).is_none() {
            open_account(ledger, account).await?;
        }
    }
    match ledger.read().accounts().next() {
        Some(_) => Ok(()),
        None => Err(AuthorityError::NoAccounts),
    }
}

async fn open_account(ledger: &Ledger, account: AccountId) -> Result<(), AuthorityError> {
    let change = Change::AccountOpened {
        user_id: unique(Prefix::User)?,
        access_key: access_key(KeyKind::LongTerm, account)?,
    };
    let at = OffsetDateTime::now_utc();
    let resource = Arn::account_root(PARTITION, account).to_string();
    let reason = "the account was given when the authority was started";
    let event = Event::without_call(at, account, "attache:OpenAccount", resource, reason, change);
    Ok(ledger.commit(event).await?)
}

/// The keys that are known beforehand. Those that name no account are of the first that was given, or
/// the first that there is.
fn fixed_keys(
    ledger: &Ledger,
    keys: Vec<FixedKey>,
    given: &[AccountId],
) -> Result<FixedKeys, AuthorityError> {
    let state = ledger.read();
    let first =
        given.first().copied().or_else(|| state.accounts().next().map(|account| account.id));
    let first = first.ok_or(AuthorityError::NoAccounts)?;
    Ok(FixedKeys::new(keys, first, |account| state.account(account).is_some())?)
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").field("accounts", &self.accounts()).finish_non_exhaustive()
    }
}
