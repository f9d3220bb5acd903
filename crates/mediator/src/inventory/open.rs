//! Opening the database: its file, its lock, its format.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::{Inventory, Place};
use crate::MediatorError;

/// The format that this version writes. Raise it with each change of [`SCHEMA`].
const FORMAT: i64 = 1;

/// `scope` is the region that was asked, or `global`; `region` is where the resource is.
/// Times are milliseconds since the epoch.
const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS resources (
  account TEXT NOT NULL, type TEXT NOT NULL, scope TEXT NOT NULL, id TEXT NOT NULL,
  region TEXT NOT NULL, arn TEXT NOT NULL, name TEXT NOT NULL,
  tags TEXT NOT NULL, relations TEXT NOT NULL, raw TEXT NOT NULL,
  first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL,
  PRIMARY KEY (account, type, scope, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS coverage (
  account TEXT NOT NULL, type TEXT NOT NULL, region TEXT NOT NULL,
  status TEXT NOT NULL, count INTEGER NOT NULL, message TEXT NOT NULL, remedy TEXT NOT NULL,
  at INTEGER NOT NULL, last_ok INTEGER, duration_ms INTEGER NOT NULL, calls INTEGER NOT NULL,
  PRIMARY KEY (account, type, region)
) WITHOUT ROWID;
";

/// SQLite's result codes: the low byte is the primary one. <https://www.sqlite.org/rescode.html>.
const PRIMARY: i32 = 0xff;
const CORRUPT: i32 = 11;
const NOT_A_DATABASE: i32 = 26;

/// Ours: readers at once. One page and one Prometheus need two.
const CONNECTIONS: u32 = 4;

impl Inventory {
    /// Opens the inventory, making it if it is not there.
    pub(crate) async fn open(place: &Place) -> Result<Self, MediatorError> {
        match place {
            Place::Memory => {
                let options = SqliteConnectOptions::new().in_memory(true);
                // A database in memory is its connection: there must be one, and it must stay.
                let pool = SqlitePoolOptions::new()
                    .max_connections(1)
                    .min_connections(1)
                    .idle_timeout(None)
                    .max_lifetime(None);
                let attempt = "be opened in memory";
                let pool = pool.connect_with(options).await;
                let pool = pool.map_err(|source| MediatorError::Inventory { attempt, source })?;
                prepare(&pool, Path::new(":memory:")).await?;
                Ok(Self { pool, _lock: None })
            }
            Place::Folder(folder) => {
                let lock = lock(folder)?;
                let path = folder.join("inventory.sqlite");
                let options = SqliteConnectOptions::new()
                    .filename(&path)
                    .create_if_missing(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    // With WAL a power cut can lose the last scrape, never the file.
                    .synchronous(SqliteSynchronous::Normal)
                    .busy_timeout(Duration::from_secs(10));
                let pool = SqlitePoolOptions::new().max_connections(CONNECTIONS);
                let pool = pool.connect_with(options).await.map_err(|e| broken(&path, e))?;
                prepare(&pool, &path).await?;
                Ok(Self { pool, _lock: Some(Arc::new(lock)) })
            }
        }
    }
}

/// One mediator a folder: two would delete each other's accounts.
fn lock(folder: &Path) -> Result<std::fs::File, MediatorError> {
    let write = |path: &Path| {
        let path = path.to_owned();
        move |source| MediatorError::Write { path, source }
    };
    std::fs::create_dir_all(folder).map_err(write(folder))?;
    let path = folder.join("inventory.lock");
    let file = std::fs::File::create(&path).map_err(write(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => {
            Err(MediatorError::Locked { path: folder.to_owned() })
        }
        Err(std::fs::TryLockError::Error(e)) => Err(write(&path)(e)),
    }
}

async fn prepare(pool: &SqlitePool, path: &Path) -> Result<(), MediatorError> {
    let fail = |e| broken(path, e);
    let (format,): (i64,) =
        sqlx::query_as("PRAGMA user_version").fetch_one(pool).await.map_err(fail)?;
    if format > FORMAT {
        let path = path.to_owned();
        return Err(MediatorError::TooNew { path, found: format, known: FORMAT });
    }
    sqlx::raw_sql(SCHEMA).execute(pool).await.map_err(fail)?;
    sqlx::raw_sql("PRAGMA user_version = 1").execute(pool).await.map_err(fail)?;
    let (health,): (String,) =
        sqlx::query_as("PRAGMA quick_check(1)").fetch_one(pool).await.map_err(fail)?;
    if health != "ok" {
        return Err(broken(path, sqlx::Error::Protocol(health)));
    }
    Ok(())
}

/// Only what SQLite calls damaged is: the advice for it, to move the file away, would be a wrong
/// one for a disk that is full or a file that may not be read.
fn broken(path: &Path, source: sqlx::Error) -> MediatorError {
    let path = path.to_owned();
    let refused = source.as_database_error().and_then(|error| error.code());
    let code: Option<i32> = refused.and_then(|code| code.parse().ok());
    let elsewhere = matches!(source, sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut);
    match code.map(|code| code & PRIMARY) {
        Some(CORRUPT | NOT_A_DATABASE) => MediatorError::Damaged { path, source },
        None if !elsewhere => MediatorError::Damaged { path, source },
        _ => MediatorError::Write { path, source: std::io::Error::other(source) },
    }
}
