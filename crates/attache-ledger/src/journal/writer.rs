//! The one task that writes.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::QueryBuilder;
use tokio::sync::{Notify, mpsc, oneshot};

use super::reader::{self, Which};
use super::snapshot::NewSnapshot;
use super::tail_marker::Head;
use super::{Opened, StateCopy, WriterCommand, chain};
use crate::Event;
use crate::data_directory::identity;

/// The events of one transaction. Ours: enough to share a disk's flush among all who wait, and few
/// enough that none of them waits long.
const BATCH: usize = 256;

/// How long events that nobody waits for may be gathered. Ours: they would be lost with the power
/// anyway, and a write a thousand times a second costs more than all that it writes about.
const GATHERED: Duration = Duration::from_millis(10);

/// The events that a journal in memory keeps. Ours: some megabytes.
const KEPT_IN_MEMORY: i64 = 10_000;

/// How often it is looked whether the journal's file is still there. Ours.
const LOOK: Duration = Duration::from_millis(500);

/// Those who wait for a batch.
#[derive(Default)]
struct Waiting {
    kept: Vec<oneshot::Sender<()>>,
    reads: Vec<Wanted>,
    closed: Option<oneshot::Sender<()>>,
    snapshot: Option<(NewSnapshot, oneshot::Sender<()>)>,
}

/// Events that somebody wants to read.
struct Wanted {
    which: Which,
    limit: u32,
    events: oneshot::Sender<Vec<(i64, Event)>>,
}

/// Writes until all who could write are gone, or a write fails.
pub(super) async fn run(
    mut journal: Opened,
    mut orders: mpsc::Receiver<WriterCommand>,
    wake: Arc<Notify>,
) {
    let mut batch = Vec::with_capacity(BATCH);
    let mut closed = None;
    while closed.is_none() && orders.recv_many(&mut batch, BATCH).await > 0 {
        // Where nobody waits, more can be written in one go. Meanwhile nothing is looked at: to be
        // woken for each event costs more than to write it.
        if batch.len() < BATCH && batch.iter().all(WriterCommand::has_time) {
            let _early = tokio::time::timeout(GATHERED, wake.notified()).await;
            while batch.len() < BATCH
                && let Ok(order) = orders.try_recv()
            {
                batch.push(order);
            }
        }
        match journal.write(&mut batch).await {
            Ok(close) => closed = close,
            Err(error) => {
                tracing::error!(%error, journal = %journal.path.display(), "the journal could not be written");
                // Dropping the orders tells everyone who waits.
                break;
            }
        }
    }
    // First of all: what is handed over while the database closes would never be written.
    orders.close();
    journal.close().await;
    if let Some(closed) = closed {
        let _gone = closed.send(());
    }
}

impl Opened {
    /// Writes a batch and answers those who wait; with whom to tell when this was the last one.
    async fn write(
        &mut self,
        batch: &mut Vec<WriterCommand>,
    ) -> Result<Option<oneshot::Sender<()>>, sqlx::Error> {
        self.require_file()?;
        let mut waiting = Waiting::default();
        let before = self.last;
        self.append(batch, &mut waiting).await?;
        if self.last != before {
            self.tell_head();
        }
        for kept in waiting.kept {
            // Whoever asked may be gone; the event is kept all the same.
            let _gone = kept.send(());
        }
        for Wanted { which, limit, events } in waiting.reads {
            match reader::events(&mut self.connection, which, limit).await {
                Ok(found) => drop(events.send(found)),
                // Dropping the order tells who waits. What was to be written was written.
                Err(error) => tracing::error!(%error, "events could not be read"),
            }
        }
        if let Some((taken, kept)) = waiting.snapshot {
            if let Err(error) = self.keep_snapshot(taken).await {
                // It is a copy: all that it would hold can be replayed.
                tracing::warn!(%error, "a snapshot could not be kept; the next start takes longer");
            }
            let _gone = kept.send(());
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
        let Some((own, looked)) = &mut self.file else { return Ok(()) };
        if looked.elapsed() < LOOK {
            return Ok(());
        }
        *looked = Instant::now();
        match identity(&self.path) {
            Ok(there) if there == *own => Ok(()),
            Ok(_) => Err(io::Error::other("another file was put in the journal's place").into()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(io::Error::other("the journal's file was removed").into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Appends a batch's events in one statement, and sorts out who waits for what.
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
        for order in batch.drain(..) {
            let (body, kept) = match order {
                WriterCommand::Keep { body, kept } => (body, kept),
                WriterCommand::Snapshot(copy) => {
                    let StateCopy { text, key, kept } = *copy;
                    waiting.snapshot = Some((NewSnapshot { seq: last, link, text, key }, kept));
                    continue;
                }
                WriterCommand::Flush { flushed } => {
                    waiting.kept.push(flushed);
                    continue;
                }
                WriterCommand::Close { closed } => {
                    waiting.closed = Some(closed);
                    continue;
                }
                WriterCommand::Read { which, limit, events } => {
                    waiting.reads.push(Wanted { which, limit, events });
                    continue;
                }
            };
            let body = body.map_err(|e| sqlx::Error::Encode(e.into()))?;
            last = last.saturating_add(1);
            link = chain::next(&link, last, &body);
            rows.push((last, body, link));
            waiting.kept.extend(kept);
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

    /// Says beside the database what its last event is.
    fn tell_head(&mut self) {
        let head = Head { seq: self.last, link: self.link };
        if let Some(Err(error)) = self.head.as_mut().map(|pen| pen.write(head)) {
            tracing::warn!(%error, "the journal's head could not be written, and is no longer kept up");
            self.head = None;
        }
    }
}
