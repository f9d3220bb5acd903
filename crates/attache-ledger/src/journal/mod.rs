//! The journal: every event in order, each chained to the one before it, in SQLite.
//!
//! Knows: how events are written, replayed and read, and that an answered change survives the end of
//! the process and a loss of power (write-ahead log, synchronous writes, answered after the commit).
//!
//! Does not know: what an event means; applying is [`crate::state`]'s.
//!
//! One task owns the connection that writes. It takes all waiting events, writes them in one
//! transaction and then answers the callers that wait for it: many changes share one write to the disk.
//! After a write that failed nothing more is taken, because the state in memory is then ahead of
//! the disk. Old events are read over another connection.

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

/// The events of one read when looking back. Ours: one that sets a policy has 130 kB at most.
const LOOK_BACK_PAGE: u32 = 100;

/// An open journal. Clones write to the same one.
#[derive(Debug, Clone)]
pub struct Journal {
    path: Arc<PathBuf>,
    writer: mpsc::Sender<WriterCommand>,
    /// Notified when a caller waits.
    wake: Arc<Notify>,
    /// The reader of a journal on the disk; one in memory is read by its writer.
    reader: Option<Arc<Reader>>,
}

/// What the writer is to do.
#[derive(Debug)]
enum WriterCommand {
    /// Write an event, and notify when it is committed. The caller serializes it: its parts are in
    /// that thread's cache, and the writer would have to fetch them one by one.
    Append { body: serde_json::Result<String>, committed: Option<oneshot::Sender<()>> },
    /// Read events back.
    Read { which: Which, limit: u32, events: oneshot::Sender<Vec<(i64, Event)>> },
    /// Write a copy of the state as it is after the last event.
    Snapshot(Box<StateCopy>),
    /// Notify when all earlier events are committed.
    Flush { flushed: oneshot::Sender<()> },
    /// Commit all earlier events, close the database, and notify.
    Close { closed: oneshot::Sender<()> },
}

/// A copy of the state, and the sender to notify when it is written, or could not be.
#[derive(Debug)]
struct StateCopy {
    text: String,
    key: MasterKey,
    written: oneshot::Sender<()>,
}

impl WriterCommand {
    /// Whether no caller waits for it.
    fn can_wait(&self) -> bool {
        matches!(self, Self::Append { committed: None, .. })
    }
}

/// The permit to write one event. It is taken before the state is locked, because waiting must not
/// happen under the lock, and used under it, so that the journal has the state's order.
#[derive(Debug)]
pub struct WritePermit<'j> {
    permit: mpsc::Permit<'j, WriterCommand>,
    wake: &'j Notify,
}

/// Resolves when a change is on the disk.
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

    /// Passes the newest events, or the newest before a sequence number, to `each`, newest first, until it
    /// breaks off or `limit` were read: then the last one's number is returned, for there may be older
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
            let events = self.events(Which::Before(before), LOOK_BACK_PAGE).await?;
            for (seq, event) in &events {
                (before, looked_at) = (*seq, looked_at + 1);
                if each(*seq, event).is_break() {
                    return Ok(Some(before));
                }
            }
            if events.len() < LOOK_BACK_PAGE as usize {
                return Ok(None);
            }
        }
        Ok(Some(before))
    }

    /// Events that are on the disk, or with the writer of a journal in memory.
    async fn events(&self, which: Which, limit: u32) -> Result<Vec<(i64, Event)>, LedgerError> {
        let Some(reader) = &self.reader else {
            let (events, answer) = oneshot::channel();
            self.permit().await?.send(WriterCommand::Read { which, limit, events });
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
        self.permit().await?.send(WriterCommand::Flush { flushed });
        answer.await.map_err(|_| self.stopped())
    }

    /// Commits all that was sent, and closes the database. Nothing is taken after it.
    pub async fn close(&self) -> Result<(), LedgerError> {
        if let Some(reader) = &self.reader {
            reader.close().await;
        }
        let (closed, answer) = oneshot::channel();
        self.permit().await?.send(WriterCommand::Close { closed });
        answer.await.map_err(|_| self.stopped())
    }

    fn stopped(&self) -> LedgerError {
        LedgerError::JournalStopped(self.path.to_path_buf())
    }
}

impl WritePermit<'_> {
    /// Sends a command that a caller waits for.
    fn send(self, command: WriterCommand) {
        self.permit.send(command);
        self.wake.notify_one();
    }

    /// Writes an event; no caller waits for it.
    pub fn record(self, event: &Event) {
        self.permit
            .send(WriterCommand::Append { body: serde_json::to_string(event), committed: None });
    }

    /// Writes a copy of the state, taken after all events that were sent before.
    pub fn snapshot(self, text: String, key: MasterKey) -> CommitHandle {
        let (written, answer) = oneshot::channel();
        self.send(WriterCommand::Snapshot(Box::new(StateCopy { text, key, written })));
        CommitHandle(answer)
    }

    /// Writes a change. It is committed once [`Journal::committed`] returns.
    pub fn commit(self, event: &Event) -> CommitHandle {
        let (committed, answer) = oneshot::channel();
        let body = serde_json::to_string(event);
        self.send(WriterCommand::Append { body, committed: Some(committed) });
        CommitHandle(answer)
    }
}
