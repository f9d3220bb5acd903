//! The one task that writes.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::QueryBuilder;
use tokio::sync::{Notify, mpsc, oneshot};

use super::reader::{self, Which};
use super::snapshot::NewSnapshot;
use super::tail_marker::Tail;
use super::{Opened, StateCopy, WriterCommand, chain};
use crate::Event;
use crate::data_directory::identity;

/// The events of one transaction. Ours: enough to share a disk's flush among all who wait, and few
/// enough that none of them waits long.
const BATCH: usize = 256;

/// How long events that no caller waits for are gathered. Ours: a loss of power loses them anyway, and
/// a thousand writes a second cost more than the calls that they record.
const GATHER_TIME: Duration = Duration::from_millis(10);

/// The events that a journal in memory keeps. Ours: some megabytes.
const KEPT_IN_MEMORY: i64 = 10_000;

/// How often the journal's file is checked to be still there. Ours.
const FILE_CHECK: Duration = Duration::from_millis(500);

/// The callers that wait for a batch.
#[derive(Default)]
struct Waiting {
    committed: Vec<oneshot::Sender<()>>,
    reads: Vec<ReadRequest>,
    closed: Option<oneshot::Sender<()>>,
    snapshot: Option<(NewSnapshot, oneshot::Sender<()>)>,
}

/// Events to read.
struct ReadRequest {
    which: Which,
    limit: u32,
    events: oneshot::Sender<Vec<(i64, Event)>>,
}

/// Writes until all senders are dropped, or a write fails.
pub(super) async fn run(
    mut journal: Opened,
    mut commands: mpsc::Receiver<WriterCommand>,
    wake: Arc<Notify>,
) {
    let mut batch = Vec::with_capacity(BATCH);
    let mut closed = None;
    while closed.is_none() && commands.recv_many(&mut batch, BATCH).await > 0 {
        // Where no caller waits, more can be written in one go. Meanwhile the task sleeps: to wake up
        // for each event costs more than to write it.
        if batch.len() < BATCH && batch.iter().all(WriterCommand::can_wait) {
            let _early = tokio::time::timeout(GATHER_TIME, wake.notified()).await;
            while batch.len() < BATCH
                && let Ok(command) = commands.try_recv()
            {
                batch.push(command);
            }
        }
        match journal.write(&mut batch).await {
            Ok(close) => closed = close,
            Err(error) => {
                tracing::error!(%error, journal = %journal.path.display(), "the journal could not be written");
                // Dropping the commands drops their senders: every waiting caller gets an error.
                break;
            }
        }
    }
    // First of all: what is sent while the database closes would never be written.
    commands.close();
    journal.close().await;
    if let Some(closed) = closed {
        let _gone = closed.send(());
    }
}

impl Opened {
    /// Writes a batch and answers the callers that wait; returns the sender of [`WriterCommand::Close`]
    /// when this was the last one.
    async fn write(
        &mut self,
        batch: &mut Vec<WriterCommand>,
    ) -> Result<Option<oneshot::Sender<()>>, sqlx::Error> {
        self.require_file()?;
        let mut waiting = Waiting::default();
        let before = self.last;
        self.append(batch, &mut waiting).await?;
        if self.last != before {
            self.write_tail_marker();
        }
        for committed in waiting.committed {
            // The caller may be gone; the event is committed all the same.
            let _gone = committed.send(());
        }
        for ReadRequest { which, limit, events } in waiting.reads {
            match reader::events(&mut self.connection, which, limit).await {
                Ok(found) => drop(events.send(found)),
                // Dropping the sender gives the caller an error. What was to be written was written.
                Err(error) => tracing::error!(%error, "events could not be read"),
            }
        }
        if let Some((taken, written)) = waiting.snapshot {
            if let Err(error) = self.store_snapshot(taken).await {
                // It is a copy: all that it would hold can be replayed.
                tracing::warn!(%error, "a snapshot could not be stored; the next start takes longer");
            }
            let _gone = written.send(());
        }
        if self.in_memory {
            sqlx::query("DELETE FROM events WHERE seq <= ?")
                .bind(self.last.saturating_sub(KEPT_IN_MEMORY))
                .execute(&mut self.connection)
                .await?;
        }
        Ok(waiting.closed)
    }

    /// Refuses to write into a file that is no longer the one at the journal's path: another process could
    /// have that one, and what is written here would be gone with this process.
    fn require_file(&mut self) -> Result<(), sqlx::Error> {
        let Some((opened, checked)) = &mut self.file else { return Ok(()) };
        if checked.elapsed() < FILE_CHECK {
            return Ok(());
        }
        *checked = Instant::now();
        match identity(&self.path) {
            Ok(found) if found == *opened => Ok(()),
            Ok(_) => Err(io::Error::other("another file was put in the journal's place").into()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(io::Error::other("the journal's file was removed").into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Appends a batch's events in one statement, and sorts the waiting callers by what they wait for.
    ///
    /// A statement is a transaction by itself. One for each row would cost more than everything
    /// else in a call: each is handed to the database's own thread and back.
    async fn append(
        &mut self,
        batch: &mut Vec<WriterCommand>,
        waiting: &mut Waiting,
    ) -> Result<(), sqlx::Error> {
        let (mut last, mut link) = (self.last, self.link);
        let mut rows: Vec<(i64, String, chain::Link)> = Vec::with_capacity(batch.len());
        for command in batch.drain(..) {
            let (body, committed) = match command {
                WriterCommand::Append { body, committed } => (body, committed),
                WriterCommand::Snapshot(copy) => {
                    let StateCopy { text, key, written } = *copy;
                    waiting.snapshot = Some((NewSnapshot { seq: last, link, text, key }, written));
                    continue;
                }
                WriterCommand::Flush { flushed } => {
                    waiting.committed.push(flushed);
                    continue;
                }
                WriterCommand::Close { closed } => {
                    waiting.closed = Some(closed);
                    continue;
                }
                WriterCommand::Read { which, limit, events } => {
                    waiting.reads.push(ReadRequest { which, limit, events });
                    continue;
                }
            };
            let body = body.map_err(|e| sqlx::Error::Encode(e.into()))?;
            last = last.saturating_add(1);
            link = chain::next(&link, last, &body);
            rows.push((last, body, link));
            waiting.committed.extend(committed);
        }
        if !rows.is_empty() {
            // Batches differ in size, and their statements are not worth remembering; but where there
            // is much to write most are whole.
            let whole = rows.len() == BATCH;
            let mut insert = QueryBuilder::new("INSERT INTO events (seq, body, hash) ");
            insert.push_values(rows, |mut row, (seq, body, link)| {
                row.push_bind(seq).push_bind(body).push_bind(link.to_vec());
            });
            insert.build().persistent(whole).execute(&mut self.connection).await?;
        }
        (self.last, self.link) = (last, link);
        Ok(())
    }

    /// Records the last event beside the database.
    fn write_tail_marker(&mut self) {
        let tail = Tail { seq: self.last, link: self.link };
        if let Some(Err(error)) = self.tail.as_mut().map(|writer| writer.write(tail)) {
            tracing::warn!(%error, "the journal's tail marker could not be written, and is no longer kept up");
            self.tail = None;
        }
    }
}
