//! The journal: every event in order, each chained to the one before it, in SQLite.
//!
//! Knows: how events are kept, replayed and read, and that an answered change survives the end of
//! the process and of the power (write-ahead log, synchronous writes, answered after the commit).
//!
//! Does not know: what an event means; applying is [`crate::state`]'s.
//!
//! One task owns the connection that writes. It takes all events that wait, writes them in one
//! transaction and then answers those who wait for it: many changes share one write to the disk.
//! After a write that failed nothing more is taken, because the state in memory is then ahead of
//! the disk. Looking at old events is another connection's.

mod chain;
mod damage;
mod open;
mod reader;
mod snapshot;
mod tail_marker;
mod writer;

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::{Notify, mpsc, oneshot};

pub use damage::Damage;
pub(crate) use open::{Opened, Whole};

use crate::master_key::MasterKey;
use crate::{Event, LedgerError};
use reader::{Reader, Which};

/// The events that may wait to be written. Ours: callers wait for a permit beyond it, so that a slow
/// disk slows callers down and does not fill the memory.
const MOST_WAITING: usize = 4096;

/// The events that are read at once when looking back. Ours: one that sets a policy has 130 kB at most.
const AT_ONCE: u32 = 100;

/// An open journal. Clones write to the same one.
#[derive(Debug, Clone)]
pub struct Journal {
    path: Arc<PathBuf>,
    writer: mpsc::Sender<WriterCommand>,
    /// Notified when a caller waits.
    wake: Arc<Notify>,
    /// Who reads a journal that is on the disk; one in memory is its writer's alone.
    reader: Option<Arc<Reader>>,
}

/// What the writer is asked to do.
#[derive(Debug)]
enum WriterCommand {
    /// Keep an event, and say when it is kept. It is written down by whoever hands it over: its
    /// parts were all made just now and there, and would have to be fetched here one by one.
    Keep { body: serde_json::Result<String>, kept: Option<oneshot::Sender<()>> },
    /// Read events back.
    Read { which: Which, limit: u32, events: oneshot::Sender<Vec<(i64, Event)>> },
    /// Keep a copy of the state as it is after the last event.
    Snapshot(Box<StateCopy>),
    /// Say when all that came before is kept.
    Flush { flushed: oneshot::Sender<()> },
    /// Keep what came before, close the database, and say so.
    Close { closed: oneshot::Sender<()> },
}

/// A copy of the state, and whom to tell when it is kept, or could not be.
#[derive(Debug)]
struct StateCopy {
    text: String,
    key: MasterKey,
    kept: oneshot::Sender<()>,
}

impl WriterCommand {
    /// Whether nobody waits for it.
    fn has_time(&self) -> bool {
        matches!(self, Self::Keep { kept: None, .. })
    }
}

/// The permit to hand one event over, among those that may wait. Taken before the state is locked, because waiting for one
/// must not happen under the lock; used under it, so that the journal has the state's order.
#[derive(Debug)]
pub struct WritePermit<'j> {
    permit: mpsc::Permit<'j, WriterCommand>,
    wake: &'j Notify,
}

/// Tells when a change is on the disk.
#[derive(Debug)]
#[must_use]
pub struct CommitHandle(oneshot::Receiver<()>);

impl Journal {
    /// Waits for a permit.
    pub async fn permit(&self) -> Result<WritePermit<'_>, LedgerError> {
        let permit = self.writer.reserve().await.map_err(|_| self.stopped())?;
        Ok(WritePermit { permit, wake: &self.wake })
    }

    /// Waits until a change is on the disk.
    pub async fn committed(&self, commit: CommitHandle) -> Result<(), LedgerError> {
        commit.0.await.map_err(|_| self.stopped())
    }

    /// The events after a sequence number, at most so many, oldest first.
    pub async fn read(&self, after: i64, limit: u32) -> Result<Vec<(i64, Event)>, LedgerError> {
        if self.reader.is_some() {
            self.flush().await?;
        }
        self.events(Which::After(after), limit).await
    }

    /// Hands the newest events, or the newest before a sequence number, to `each`, newest first, until it
    /// breaks off or so many were looked at: then the last one's number comes back, for there may be older
    /// ones. They are read a few at a time: an event can be large.
    pub async fn look_back(
        &self,
        before: Option<i64>,
        limit: usize,
        mut each: impl FnMut(i64, &Event) -> ControlFlow<()>,
    ) -> Result<Option<i64>, LedgerError> {
        let (mut before, mut looked_at) = (before.unwrap_or(i64::MAX), 0);
        if self.reader.is_some() {
            self.flush().await?;
        }
        while looked_at < limit {
            let events = self.events(Which::Before(before), AT_ONCE).await?;
            for (seq, event) in &events {
                (before, looked_at) = (*seq, looked_at + 1);
                if each(*seq, event).is_break() {
                    return Ok(Some(before));
                }
            }
            if events.len() < AT_ONCE as usize {
                return Ok(None);
            }
        }
        Ok(Some(before))
    }

    /// Events that are on the disk, or with the writer of a journal in memory.
    async fn events(&self, which: Which, limit: u32) -> Result<Vec<(i64, Event)>, LedgerError> {
        let Some(reader) = &self.reader else {
            let (events, answer) = oneshot::channel();
            self.permit().await?.ask(WriterCommand::Read { which, limit, events });
            return answer.await.map_err(|_| self.stopped());
        };
        let read = reader.events(which, limit).await;
        read.map_err(|source| open::failed(&self.path, "read", source))
    }

    /// Whether it takes events: it stops for good when one could not be written.
    pub fn is_open(&self) -> bool {
        !self.writer.is_closed()
    }

    /// Waits until everything that was written before is on the disk.
    pub async fn flush(&self) -> Result<(), LedgerError> {
        let (flushed, answer) = oneshot::channel();
        self.permit().await?.ask(WriterCommand::Flush { flushed });
        answer.await.map_err(|_| self.stopped())
    }

    /// Keeps all that was handed over, and closes the database. Nothing is taken after it.
    pub async fn close(&self) -> Result<(), LedgerError> {
        if let Some(reader) = &self.reader {
            reader.close().await;
        }
        let (closed, answer) = oneshot::channel();
        self.permit().await?.ask(WriterCommand::Close { closed });
        answer.await.map_err(|_| self.stopped())
    }

    fn stopped(&self) -> LedgerError {
        LedgerError::JournalStopped(self.path.to_path_buf())
    }
}

impl WritePermit<'_> {
    /// Hands an order over that somebody waits for.
    fn ask(self, order: WriterCommand) {
        self.permit.send(order);
        self.wake.notify_one();
    }

    /// Hands an event over; nobody waits for it.
    pub fn record(self, event: &Event) {
        self.permit.send(WriterCommand::Keep { body: serde_json::to_string(event), kept: None });
    }

    /// Hands a copy of the state over, taken after all that was handed over before.
    pub fn snapshot(self, text: String, key: MasterKey) -> CommitHandle {
        let (kept, answer) = oneshot::channel();
        self.ask(WriterCommand::Snapshot(Box::new(StateCopy { text, key, kept })));
        CommitHandle(answer)
    }

    /// Hands a change over. It counts once [`Journal::committed`] says so.
    pub fn commit(self, event: &Event) -> CommitHandle {
        let (kept, answer) = oneshot::channel();
        self.ask(WriterCommand::Keep { body: serde_json::to_string(event), kept: Some(kept) });
        CommitHandle(answer)
    }
}
