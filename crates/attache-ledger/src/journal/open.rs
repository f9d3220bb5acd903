//! Opening the database and replaying what it holds.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteRow, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Row, SqliteConnection};
use tokio::sync::{Notify, mpsc};

use super::chain::{self, Link};
use super::reader::Reader;
use super::snapshot::StoredSnapshot;
use super::tail_marker::{self, Found, Tail, TailWriter};
use super::{Damage, Journal, MOST_WAITING, writer};
use crate::data_directory::identity;
use crate::master_key::MasterKey;
use crate::state::{ApplyError, SnapshotError};
use crate::{Event, LedgerError};

/// The layout of the database, kept in its `user_version`.
const LAYOUT: i64 = 1;

/// The bytes of a page of a new database. Ours: the events of a busy moment fill some of the default's
/// for each one of these, and each page is a call to the system when it is written, and again when
/// it is moved from the log.
const PAGE_BYTES: u32 = 32 * 1024;

/// The pages of the log after which they are moved: eight megabytes.
const WAL_PAGES: &str = "256";

/// The events that are read at once while replaying.
const PAGE: i64 = 1000;

/// A journal that was replayed and not yet written to.
pub(crate) struct Opened {
    pub(super) path: PathBuf,
    pub(super) connection: SqliteConnection,
    pub(super) last: i64,
    pub(super) link: Link,
    /// The event of the newest snapshot; 0 without one.
    pub(super) snapshot_at: i64,
    /// Of a journal in memory only the newest events are held.
    pub(super) in_memory: bool,
    /// Where the last event is recorded, beside the database.
    pub(super) tail: Option<TailWriter>,
    /// Which file the database is, where it is one, and when that was last checked.
    pub(super) file: Option<((u64, u64), Instant)>,
}

/// A journal that was read from its first event to its last.
pub(crate) struct Whole {
    /// The number of its last event.
    pub last: i64,
    /// Whether there is a tail marker, which proves that nothing is missing at its end.
    pub has_tail_marker: bool,
}

impl Opened {
    /// Opens the database, creates it if there is none, and starts at the newest snapshot that
    /// `restore` can read, or at the first event; passes every event from there on to `apply` in order.
    ///
    /// What is before a snapshot is not read: the snapshot proves itself, and
    /// [`Opened::check_all`] reads everything.
    pub(crate) async fn replay(
        path: &Path,
        key: &MasterKey,
        restore: impl FnOnce(&str) -> Result<(), SnapshotError>,
        apply: &mut impl FnMut(&Event) -> Result<(), ApplyError>,
    ) -> Result<Self, LedgerError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .page_size(PAGE_BYTES)
            .journal_mode(SqliteJournalMode::Wal)
            .pragma("wal_autocheckpoint", WAL_PAGES)
            .synchronous(SqliteSynchronous::Full);
        let marker_path = tail_marker::sidecar_path(path);
        let recorded = tail_marker::read(&marker_path, Some(key))?;
        let mut opened = Self::connect(path, options, false).await?;
        match opened.snapshot(key).await? {
            Some(snapshot) => match restore(&snapshot.text) {
                Ok(()) => {
                    let StoredSnapshot { seq, link, .. } = snapshot;
                    (opened.last, opened.link, opened.snapshot_at) = (seq, link, seq);
                }
                Err(error) => tracing::warn!(
                    error = &error as &dyn Error,
                    "a snapshot is not used; all events are replayed"
                ),
            },
            None => opened.check().await?,
        }
        while opened.replay_page(apply).await? {}
        if !opened.prove_end(&recorded).await? && opened.last > 0 {
            let marker = marker_path.display();
            tracing::warn!(
                %marker,
                "the journal has no tail marker: whether events are missing at its end is unknown"
            );
        }
        let (seq, link) = (opened.last, opened.link);
        opened.tail = Some(TailWriter::create(&marker_path, key, Tail { seq, link })?);
        Ok(opened)
    }

    /// Reads a journal from its first event to its last without changing it, also while an
    /// authority writes to it, and passes each to `each`.
    ///
    /// # Errors
    /// [`LedgerError::Corrupt`] at the first event that is not as it was written, or is missing.
    pub(crate) async fn check_all(
        path: &Path,
        key: Option<&MasterKey>,
        each: &mut impl FnMut(i64, &Event) -> Result<(), ApplyError>,
    ) -> Result<Whole, LedgerError> {
        // Before the events: an authority that writes meanwhile only adds to them.
        let recorded = tail_marker::read(&tail_marker::sidecar_path(path), key)?;
        let options = SqliteConnectOptions::new().filename(path).read_only(true);
        let connected = options.disable_statement_logging().connect().await;
        let connection = connected.map_err(|source| failed(path, "open", source))?;
        let path = path.to_path_buf();
        let (link, in_memory) = (chain::FIRST, false);
        let (last, snapshot_at, tail) = (0, 0, None);
        let file = None;
        let mut opened = Self { path, connection, last, link, snapshot_at, in_memory, tail, file };
        opened.check().await?;
        opened.has_events().await?;
        let mut seq = 0;
        let mut apply = |event: &Event| {
            seq += 1;
            each(seq, event)
        };
        while opened.replay_page(&mut apply).await? {}
        let (last, has_tail_marker) = (opened.last, opened.prove_end(&recorded).await?);
        opened.close().await;
        Ok(Whole { last, has_tail_marker })
    }

    /// How many events came since the newest snapshot.
    pub(crate) fn since_snapshot(&self) -> i64 {
        self.last.saturating_sub(self.snapshot_at)
    }

    /// A journal that ends with the process and holds only its newest events.
    pub(crate) async fn in_memory() -> Result<Self, LedgerError> {
        let options = SqliteConnectOptions::new().in_memory(true);
        Self::connect(Path::new(":memory:"), options, true).await
    }

    /// Starts the task that writes.
    pub(crate) fn start(self) -> Journal {
        let (sender, commands) = mpsc::channel(MOST_WAITING);
        let path = Arc::new(self.path.clone());
        let reader = (!self.in_memory).then(|| Arc::new(Reader::new(&path)));
        let wake = Arc::new(Notify::new());
        tokio::spawn(writer::run(self, commands, Arc::clone(&wake)));
        Journal { path, writer: sender, wake, reader }
    }

    async fn connect(
        path: &Path,
        options: SqliteConnectOptions,
        in_memory: bool,
    ) -> Result<Self, LedgerError> {
        let path = path.to_path_buf();
        let connected = options.disable_statement_logging().connect().await;
        let mut connection = connected.map_err(|source| failed(&path, "open", source))?;
        let layout: i64 = sqlx::query_scalar("PRAGMA user_version")
            .fetch_one(&mut connection)
            .await
            .map_err(|source| failed(&path, "open", source))?;
        if layout > LAYOUT {
            return Err(LedgerError::NewerLayout { path, layout, known: LAYOUT });
        }
        sqlx::raw_sql(
            "BEGIN IMMEDIATE;
             CREATE TABLE IF NOT EXISTS events (
                 seq INTEGER PRIMARY KEY, body TEXT NOT NULL, hash BLOB NOT NULL) STRICT;
             CREATE TABLE IF NOT EXISTS snapshots (
                 seq INTEGER PRIMARY KEY, form TEXT NOT NULL, text TEXT NOT NULL,
                 tag BLOB NOT NULL) STRICT;
             PRAGMA user_version = 1;
             COMMIT;",
        )
        .execute(&mut connection)
        .await
        .map_err(|source| failed(&path, "prepare", source))?;
        let (last, link, snapshot_at, tail) = (0, chain::FIRST, 0, None);
        let file = identity(&path).ok().filter(|_| !in_memory).map(|own| (own, Instant::now()));
        Ok(Self { path, connection, last, link, snapshot_at, in_memory, tail, file })
    }

    /// Proves that the last event is not before the one that the tail marker records, and that this one
    /// is the one that was written; false where there is no marker.
    async fn prove_end(&mut self, recorded: &Found) -> Result<bool, LedgerError> {
        let tail = match recorded {
            Found::Nothing => return Ok(false),
            Found::Tail(tail) => *tail,
            Found::Foreign => {
                let marker = tail_marker::sidecar_path(&self.path);
                return Err(self.corrupt(Damage::TailMarker(marker)));
            }
        };
        if tail.seq > self.last {
            let marker = tail_marker::sidecar_path(&self.path);
            return Err(self.corrupt(Damage::Truncated { recorded: tail.seq, marker }));
        }
        let hash: Option<Vec<u8>> = sqlx::query_scalar("SELECT hash FROM events WHERE seq = ?")
            .bind(tail.seq)
            .fetch_optional(&mut self.connection)
            .await
            .map_err(|source| failed(&self.path, "read", source))?;
        if tail.seq > 0 && hash.as_deref() != Some(tail.link.as_slice()) {
            // The chain holds, so all of it may have been written anew.
            self.last = 0;
            return Err(self.corrupt(Damage::Rewritten(tail.seq)));
        }
        Ok(true)
    }

    /// Whether the table exists, where it is not created.
    async fn has_events(&mut self) -> Result<(), LedgerError> {
        let table: Option<i64> =
            sqlx::query_scalar("SELECT 1 FROM sqlite_schema WHERE name = 'events'")
                .fetch_optional(&mut self.connection)
                .await
                .map_err(|source| failed(&self.path, "read", source))?;
        match table {
            Some(_) => Ok(()),
            None => Err(self.corrupt(Damage::NoEvents)),
        }
    }

    /// SQLite's own check of its pages.
    async fn check(&mut self) -> Result<(), LedgerError> {
        let findings: Vec<String> = sqlx::query_scalar("PRAGMA quick_check(1)")
            .fetch_all(&mut self.connection)
            .await
            .map_err(|source| failed(&self.path, "check", source))?;
        match findings.as_slice() {
            [only] if only == "ok" => Ok(()),
            other => Err(self.corrupt(Damage::Pages(other.join("; ")))),
        }
    }

    /// Applies the next page of events; false once there are no more.
    async fn replay_page(
        &mut self,
        apply: &mut impl FnMut(&Event) -> Result<(), ApplyError>,
    ) -> Result<bool, LedgerError> {
        let rows =
            sqlx::query("SELECT seq, body, hash FROM events WHERE seq > ? ORDER BY seq LIMIT ?")
                .bind(self.last)
                .bind(PAGE)
                .fetch_all(&mut self.connection)
                .await
                .map_err(|source| failed(&self.path, "read", source))?;
        for row in &rows {
            let (seq, body, hash) = read_row(row).map_err(|e| self.corrupt(Damage::Row(e)))?;
            let expected = self.last.saturating_add(1);
            if seq != expected {
                return Err(self.corrupt(Damage::Gap { expected, found: seq }));
            }
            let link = chain::next(&self.link, seq, &body);
            if link.as_slice() != hash {
                return Err(self.corrupt(Damage::Hash(seq)));
            }
            let event: Event = serde_json::from_str(&body)
                .map_err(|source| self.corrupt(Damage::Text { seq, source }))?;
            apply(&event).map_err(|e| self.corrupt(Damage::of_event(seq, &event, e)))?;
            (self.last, self.link) = (seq, link);
        }
        Ok(!rows.is_empty())
    }

    fn corrupt(&self, source: Damage) -> LedgerError {
        LedgerError::Corrupt {
            path: self.path.clone(),
            last_good: self.last,
            source: Box::new(source),
        }
    }

    /// Closes the database without writing.
    pub(super) async fn close(self) {
        if let Err(error) = self.connection.close().await {
            tracing::warn!(%error, "the journal did not close cleanly");
        }
    }
}

fn read_row(row: &SqliteRow) -> Result<(i64, String, Vec<u8>), sqlx::Error> {
    Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?))
}

/// SQLite's errors for damage become [`Damage`]: the remedy is another than for a full disk.
pub(super) fn failed(path: &Path, attempt: &'static str, source: sqlx::Error) -> LedgerError {
    /// SQLITE_CORRUPT and SQLITE_NOTADB, <https://sqlite.org/rescode.html>.
    const DAMAGE: [&str; 2] = ["11", "26"];
    let path = path.to_path_buf();
    let code = source.as_database_error().and_then(|e| e.code().map(std::borrow::Cow::into_owned));
    // Extended codes carry the primary one in their lowest byte.
    let primary =
        code.and_then(|code| code.parse::<u32>().ok()).map(|code| (code & 0xff).to_string());
    if primary.is_some_and(|code| DAMAGE.contains(&code.as_str())) {
        return LedgerError::Corrupt {
            path,
            last_good: 0,
            source: Box::new(Damage::Database(source)),
        };
    }
    LedgerError::Journal { attempt, path, source }
}
