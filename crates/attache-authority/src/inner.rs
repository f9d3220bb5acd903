//! What all clones of an authority share, and what is done with it: looking, changing, and copying it
//! from time to time.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, Instant};

use attache_aws_protocol::serve::Backend;
use attache_identifiers::AccountId;
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

use crate::change::Change;
use crate::decisions::Decisions;
use crate::directory::Directory;
use crate::issuers::IssuerKeys;
use crate::journal::Journal;
use crate::keys::MasterKey;
use crate::lagging::Lagging;
use crate::state::{State, WholeChange};
use crate::usage::Usage;
use crate::{AuthorityError, Event, Outcome, Quotas, image};

/// The events between two snapshots. Ours: they are replayed in a fraction of a second.
const BETWEEN: i64 = 20_000;

/// The events that are worth a snapshot when the authority ends.
const AT_THE_END: i64 = 1_000;

/// How often it is looked whether a snapshot is due.
const LOOK: Duration = Duration::from_secs(2);

/// How many times as long as a snapshot took there is none after it. Ours: a large state takes seconds
/// to write down, and changes wait meanwhile; so they wait for a twentieth of the time at most.
const REST: u32 = 19;

/// The unknown operations that are remembered, so as to log each once. Ours: whoever calls chooses
/// the names.
const MOST_UNKNOWN: usize = 1_000;

/// Why the state as a whole is not changed, in words for whoever asked.
pub(crate) enum WholeRefusal {
    /// What is named is not there.
    Unknown(String),
    /// There is no room for more.
    Full(String),
}

/// What all clones share.
pub(crate) struct Inner {
    pub(super) state: RwLock<State>,
    /// What decides, where changes are to take their time.
    pub(super) lagging: Option<Lagging>,
    pub(super) usage: Mutex<Usage>,
    pub(crate) journal: Journal,
    pub(crate) key: MasterKey,
    pub(crate) issuers: IssuerKeys,
    pub(crate) quotas: Quotas,
    pub(super) backends: RwLock<Vec<Arc<dyn Backend>>>,
    /// The newest decisions, where they are to be explained.
    pub(crate) decisions: Option<Decisions>,
    /// The operations that nobody answers, once they were logged.
    pub(super) unknown: Mutex<BTreeSet<String>>,
    /// How many events came since the newest snapshot.
    pub(super) events: AtomicI64,
    /// Keeps the lock.
    pub(super) directory: Option<Directory>,
}

impl Inner {
    /// Makes a change of our own and keeps its event.
    pub(crate) async fn keep(&self, event: Event) -> Result<(), AuthorityError> {
        let place = self.journal.place().await?;
        let kept = {
            let mut state = self.write();
            // Checked before: it fits, and nothing else changes anything yet.
            let applied = fold(&mut state, &event);
            debug_assert!(applied.is_ok(), "{applied:?}");
            if let Some(lagging) = &self.lagging {
                lagging.renew(&state);
            }
            place.keep(&event)
        };
        self.journal.kept(kept).await
    }

    /// Makes a change of all accounts, if it can be made, and waits until it is kept.
    ///
    /// # Errors
    /// Why it cannot be made, in words for whoever asked; the outer ones are the journal's.
    pub(crate) async fn change_whole(
        &self,
        change: WholeChange,
    ) -> Result<Result<(), WholeRefusal>, AuthorityError> {
        let place = self.journal.place().await?;
        let kept = {
            let mut state = self.write();
            if let WholeChange::Saved { name } = &change {
                match state.no_room_for(name) {
                    Ok(None) => {}
                    Ok(Some(why)) => return Ok(Err(WholeRefusal::Full(why))),
                    Err(why) => return Ok(Err(WholeRefusal::Unknown(why))),
                }
            }
            let Some(first) = state.first() else {
                return Ok(Err(WholeRefusal::Unknown("no account".to_owned())));
            };
            let event = event_of_whole(first, change);
            if let Err(why) = fold(&mut state, &event) {
                return Ok(Err(WholeRefusal::Unknown(why)));
            }
            if let Some(lagging) = &self.lagging {
                lagging.renew(&state);
            }
            place.keep(&event)
        };
        self.journal.kept(kept).await?;
        Ok(Ok(()))
    }

    /// Counts an event towards the next snapshot.
    pub(crate) fn count(&self) {
        self.events.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes a snapshot whenever enough has happened, until `stop`.
    pub(crate) async fn keep_snapshots(&self, stop: &CancellationToken) {
        loop {
            let begun = Instant::now();
            if self.snapshot_if(BETWEEN).await.is_err() {
                return;
            }
            let pause = begun.elapsed().saturating_mul(REST).max(LOOK);
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Takes a last snapshot, if it is worth one.
    pub(crate) async fn snapshot_at_the_end(&self) -> Result<(), AuthorityError> {
        self.snapshot_if(AT_THE_END).await
    }

    /// Takes a snapshot if so many events came since the newest one, and waits until it is kept.
    async fn snapshot_if(&self, events: i64) -> Result<(), AuthorityError> {
        if self.directory.is_none() || self.events.load(Ordering::Relaxed) < events {
            return Ok(());
        }
        let place = self.journal.place().await?;
        let kept = {
            // Under the lock nothing changes: all that made the state was handed over before.
            let state = self.read();
            match image::write(&state, &self.usage()) {
                Ok(text) => Some(place.snapshot(text, self.key.clone())),
                Err(why) => {
                    tracing::error!(why, "no snapshot was taken");
                    None
                }
            }
        };
        self.events.store(0, Ordering::Relaxed);
        match kept {
            Some(kept) => self.journal.kept(kept).await,
            None => Ok(()),
        }
    }

    /// The state, to look at. A lock that is poisoned is used all the same: [`State::apply`] is
    /// given checked changes, and a change is one step.
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Logs an operation that nobody answers, the first time that it is asked for.
    pub(crate) fn log_unknown(&self, operation: &str) {
        let mut known = self.unknown.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() < MOST_UNKNOWN && known.insert(operation.to_owned()) {
            tracing::warn!(operation, "an operation that is not answered here");
        }
    }

    /// What was used when.
    pub(crate) fn usage(&self) -> MutexGuard<'_, Usage> {
        self.usage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state that decisions are made by.
    pub(crate) fn deciding(&self) -> RwLockReadGuard<'_, State> {
        match &self.lagging {
            Some(lagging) => lagging.read(),
            None => self.read(),
        }
    }

    /// Notes a change that was made, for the state that follows.
    pub(crate) fn follow(&self, event: &Event) {
        if let Some(lagging) = &self.lagging {
            lagging.follow(event);
        }
    }

    /// The first backend that answers for a service.
    pub(crate) fn backend(&self, service: &str) -> Option<Arc<dyn Backend>> {
        let backends = self.backends.read().unwrap_or_else(PoisonError::into_inner);
        backends.iter().find(|backend| backend.services().contains(&service)).cloned()
    }

    /// The state, to change.
    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The event of a change that nobody asked for by a call.
pub(crate) fn own_event(
    account: AccountId,
    action: &str,
    resource: String,
    reason: &str,
    change: Change,
) -> Event {
    Event {
        at: OffsetDateTime::now_utc(),
        account: Some(account),
        principal: "attache".to_owned(),
        action: action.to_owned(),
        resource,
        region: String::new(),
        source: String::new(),
        outcome: Outcome::Allowed,
        reason: reason.to_owned(),
        access_key: None,
        principal_id: String::new(),
        operation: String::new(),
        parameters: None,
        user_agent: String::new(),
        request_id: uuid::Uuid::new_v4().to_string(),
        change: Some(change),
    }
}

fn event_of_whole(first: AccountId, change: WholeChange) -> Event {
    let action = match &change {
        WholeChange::Reset => "attache:Reset",
        WholeChange::Saved { .. } => "attache:SaveState",
        WholeChange::Restored { .. } => "attache:RestoreState",
        WholeChange::Forgotten { .. } => "attache:ForgetState",
    };
    let resource = format!("arn:aws:iam::{first}:root");
    own_event(first, action, resource, "it was asked for under /_attache/", Change::Whole(change))
}

/// Makes an event's change, if it has one.
pub(crate) fn fold(state: &mut State, event: &Event) -> Result<(), String> {
    match (&event.change, event.account) {
        (None, _) => Ok(()),
        (Some(change), Some(account)) => state.apply(account, event.at, change),
        (Some(_), None) => Err("the next event changes something of no account".to_owned()),
    }
}
