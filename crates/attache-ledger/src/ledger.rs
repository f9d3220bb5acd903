//! The state with the journal that stores it: reading, changing, and taking a snapshot from time to
//! time.

use std::cell::RefCell;
use std::error::Error;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, Instant};

use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

use crate::aws_managed::AwsManaged;
use crate::change::AdminChange;
use crate::data_directory::{Data, DataDirectory};
use crate::eventual_consistency::DelayedState;
use crate::journal::{Journal, Opened};
use crate::master_key::MasterKey;
use crate::state::{ApplyError, State};
use crate::usage::Usage;
use crate::{AdminError, Event, LedgerError, snapshot};

/// The events between two snapshots. Ours: they are replayed in a fraction of a second.
const SNAPSHOT_INTERVAL: i64 = 20_000;

/// The events that are worth a snapshot when the ledger is closed.
const SNAPSHOT_AT_CLOSE: i64 = 1_000;

/// How often it is checked whether a snapshot is due.
const SNAPSHOT_CHECK: Duration = Duration::from_secs(2);

/// For how many times the duration of a snapshot there is no other one. Ours: a large state takes
/// seconds to serialize, and changes wait meanwhile; so they wait for a twentieth of the time at most.
const SNAPSHOT_PAUSE: u32 = 19;

/// What a ledger is opened with.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Where the journal is stored.
    pub data: Data,
    /// A directory of AWS-managed policies, whose documents take the place of the abridgements.
    pub managed_policies: Option<PathBuf>,
    /// How long a change takes to be seen by decisions.
    pub propagation_delay: Duration,
}

/// The state of all accounts and the journal that it is replayed from.
#[derive(Debug)]
pub struct Ledger {
    state: RwLock<State>,
    /// The state that decisions are made by, where changes are seen with a delay.
    delayed: Option<DelayedState>,
    usage: Mutex<Usage>,
    journal: Journal,
    key: MasterKey,
    /// How many events came since the newest snapshot.
    events: AtomicI64,
    /// Holds the lock.
    directory: Option<DataDirectory>,
}

impl Ledger {
    /// Locks the data directory, creates it if it is missing, and replays its journal.
    ///
    /// # Errors
    /// Every [`LedgerError`] but those of a journal that is written to.
    pub async fn open(options: Options) -> Result<Self, LedgerError> {
        let mut state = State::new(AwsManaged::with(options.managed_policies.as_deref())?);
        let mut usage = Usage::default();
        let mut directory = match &options.data {
            Data::Dir(path) => Some(DataDirectory::open(path)?),
            Data::Memory => None,
        };
        let (key, opened) = match &mut directory {
            None => (MasterKey::generate()?, Opened::in_memory().await?),
            Some(directory) => {
                let key = directory.master_key()?;
                directory.lock_journal()?;
                let memory = RefCell::new((&mut state, &mut usage));
                let restore = |text: &str| {
                    let (state, usage) = &mut *memory.borrow_mut();
                    snapshot::read(text, state, usage)
                };
                let mut apply = |event: &Event| {
                    let (state, usage) = &mut *memory.borrow_mut();
                    usage.record(event);
                    apply_event(state, event)
                };
                let opened =
                    Opened::replay(&directory.journal(), &key, restore, &mut apply).await?;
                (key, opened)
            }
        };
        let events = AtomicI64::new(opened.since_snapshot());
        let journal = opened.start();
        let delay = options.propagation_delay;
        let delayed =
            (!delay.is_zero()).then(|| state.copy().map(|copy| DelayedState::new(delay, copy)));
        let delayed = delayed.transpose().map_err(LedgerError::Copy)?;
        let (state, usage) = (RwLock::new(state), Mutex::new(usage));
        Ok(Self { state, delayed, usage, journal, key, events, directory })
    }

    /// The state, to read. A lock that is poisoned is used all the same: [`State::apply`] is
    /// given checked changes, and a change is one step.
    pub fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state, to change.
    pub fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state that decisions are made by.
    pub fn deciding(&self) -> RwLockReadGuard<'_, State> {
        self.delayed().unwrap_or_else(|| self.read())
    }

    /// The state that decisions are made by, where that is another than the one that is changed.
    pub fn delayed(&self) -> Option<RwLockReadGuard<'_, State>> {
        self.delayed.as_ref().map(DelayedState::read)
    }

    /// What was used when.
    pub fn usage(&self) -> MutexGuard<'_, Usage> {
        self.usage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The journal, to write events to and to read them back from.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// The key that all secrets of the data directory derive from.
    pub fn key(&self) -> &MasterKey {
        &self.key
    }

    /// Where the administrators' keys are written; none for a ledger in memory.
    pub fn credentials_file(&self) -> Option<PathBuf> {
        self.directory.as_ref().map(DataDirectory::credentials)
    }

    /// Records an event that is about to be written to the journal: who used what, and that it counts
    /// towards the next snapshot.
    pub fn observe(&self, event: &Event) {
        if Usage::has_use(event) {
            self.usage().record(event);
        }
        self.events.fetch_add(1, Ordering::Relaxed);
    }

    /// Records a change that was made, for the delayed state.
    pub fn follow(&self, event: &Event) {
        if let Some(delayed) = &self.delayed {
            delayed.follow(event);
        }
    }

    /// Makes a change that no call made, and waits until its event is committed.
    ///
    /// # Errors
    /// [`LedgerError::JournalStopped`].
    pub async fn commit(&self, event: Event) -> Result<(), LedgerError> {
        let permit = self.journal.permit().await?;
        let commit = {
            let mut state = self.write();
            // Checked before: it can be applied, and nothing else changes the state yet.
            let applied = apply_event(&mut state, &event);
            debug_assert!(applied.is_ok(), "{applied:?}");
            if let Some(delayed) = &self.delayed {
                delayed.copy_from(&state);
            }
            permit.commit(&event)
        };
        self.journal.committed(commit).await
    }

    /// Makes a change of all accounts, if it can be made, and waits until its event is committed.
    ///
    /// # Errors
    /// Why it cannot be made, or [`AdminError::Journal`].
    pub async fn change_all(
        &self,
        at: OffsetDateTime,
        change: AdminChange,
    ) -> Result<(), AdminError> {
        let permit = self.journal.permit().await?;
        let commit = {
            let mut state = self.write();
            if let AdminChange::Saved { name } = &change {
                state.check_room_for(name)?;
            }
            let first = state.first().ok_or(AdminError::NoAccounts)?;
            let event = Event::of_admin_change(at, first, change);
            apply_event(&mut state, &event)?;
            if let Some(delayed) = &self.delayed {
                delayed.copy_from(&state);
            }
            permit.commit(&event)
        };
        Ok(self.journal.committed(commit).await?)
    }

    /// Takes a snapshot whenever enough has happened, until `stop`.
    pub async fn take_snapshots(&self, stop: &CancellationToken) {
        loop {
            let begun = Instant::now();
            if self.snapshot_if(SNAPSHOT_INTERVAL).await.is_err() {
                return;
            }
            let pause = begun.elapsed().saturating_mul(SNAPSHOT_PAUSE).max(SNAPSHOT_CHECK);
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Takes a last snapshot, if it is worth one, writes what is still to be written and closes the
    /// journal. Nothing is taken after it.
    ///
    /// # Errors
    /// [`LedgerError::JournalStopped`] when the journal had stopped before.
    pub async fn close(&self) -> Result<(), LedgerError> {
        self.snapshot_if(SNAPSHOT_AT_CLOSE).await?;
        self.journal.close().await
    }

    /// Takes a snapshot if so many events came since the newest one, and waits until it is stored.
    async fn snapshot_if(&self, events: i64) -> Result<(), LedgerError> {
        if self.directory.is_none() || self.events.load(Ordering::Relaxed) < events {
            return Ok(());
        }
        let permit = self.journal.permit().await?;
        let commit = {
            // Under the lock nothing changes: all events of the state were sent before.
            let state = self.read();
            match snapshot::write(&state, &self.usage()) {
                Ok(text) => Some(permit.snapshot(text, self.key.clone())),
                Err(error) => {
                    tracing::error!(error = &error as &dyn Error, "no snapshot was taken");
                    None
                }
            }
        };
        self.events.store(0, Ordering::Relaxed);
        match commit {
            Some(commit) => self.journal.committed(commit).await,
            None => Ok(()),
        }
    }
}

/// Makes an event's change, if it has one.
pub(crate) fn apply_event(state: &mut State, event: &Event) -> Result<(), ApplyError> {
    match (&event.change, event.account) {
        (None, _) => Ok(()),
        (Some(change), Some(account)) => state.apply(account, event.at, change),
        (Some(_), None) => Err(ApplyError::NoAccountNamed),
    }
}
