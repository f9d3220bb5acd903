//! Reading events back over a connection of its own, so that reading old events delays no change.

use std::path::{Path, PathBuf};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, Row, SqliteConnection};
use tokio::sync::Mutex;

use crate::Event;

/// The events of one query. Ours: a page takes some milliseconds, and other tasks run in between.
const PAGE: u32 = 500;

/// Which events.
#[derive(Debug, Clone, Copy)]
pub(super) enum Which {
    /// After a number, the oldest first.
    After(i64),
    /// Before a number, the newest first.
    Before(i64),
}

/// Reads events, at most so many.
pub(super) async fn events(
    connection: &mut SqliteConnection,
    which: Which,
    limit: u32,
) -> Result<Vec<(i64, Event)>, sqlx::Error> {
    const AFTER: &str = "SELECT seq, body FROM events WHERE seq > ? ORDER BY seq LIMIT ?";
    const BEFORE: &str = "SELECT seq, body FROM events WHERE seq < ? ORDER BY seq DESC LIMIT ?";
    let (sql, mut number) = match which {
        Which::After(number) => (AFTER, number),
        Which::Before(number) => (BEFORE, number),
    };
    let (mut found, mut left) = (Vec::new(), limit);
    while left > 0 {
        let most = left.min(PAGE);
        let rows = sqlx::query(sql).bind(number).bind(most).fetch_all(&mut *connection).await?;
        for row in &rows {
            let body: &str = row.try_get(1)?;
            let event = serde_json::from_str(body).map_err(|e| sqlx::Error::Decode(e.into()))?;
            number = row.try_get(0)?;
            found.push((number, event));
        }
        if rows.len() < most as usize {
            break;
        }
        left -= most;
        tokio::task::yield_now().await;
    }
    Ok(found)
}

/// A second connection to a journal, opened when it is first needed.
#[derive(Debug)]
pub(super) struct Reader {
    path: PathBuf,
    connection: Mutex<Option<SqliteConnection>>,
}

impl Reader {
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_path_buf(), connection: Mutex::default() }
    }

    /// Reads events that are on the disk.
    pub(super) async fn events(
        &self,
        which: Which,
        limit: u32,
    ) -> Result<Vec<(i64, Event)>, sqlx::Error> {
        let mut open = self.connection.lock().await;
        let connection = match &mut *open {
            Some(connection) => connection,
            none => {
                let options = SqliteConnectOptions::new().filename(&self.path).read_only(true);
                none.insert(options.disable_statement_logging().connect().await?)
            }
        };
        events(connection, which, limit).await
    }

    /// Closes the database: the last connection that closes removes the write-ahead log.
    pub(super) async fn close(&self) {
        if let Some(connection) = self.connection.lock().await.take()
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "the journal's reader did not close cleanly");
        }
    }
}
