//! Opening the database: its file, its lock, its format.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use attache_files::FileError;
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::{Inventory, Place};
use crate::MediatorError;

/// The database, what SQLite keeps beside it (<https://www.sqlite.org/tempfiles.html>), and the lock.
const FILE: &str = "inventory.sqlite";
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];
const LOCK: &str = "inventory.lock";

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

/// Ours: listings queue for a connection, which is no fault before it is one: sqlx gives up after as long.
const SLOW: Duration = Duration::from_secs(30);

fn pool() -> SqlitePoolOptions {
    SqlitePoolOptions::new().acquire_slow_threshold(SLOW)
}

impl Inventory {
    /// Opens the inventory, making it if it is not there.
    pub(crate) async fn open(place: &Place) -> Result<Self, MediatorError> {
        match place {
            Place::Memory => {
                let options = SqliteConnectOptions::new().in_memory(true);
                // A database in memory is its connection: there must be one, and it must stay.
                let pool = pool()
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
                let path = folder.join(FILE);
                private(folder)?;
                let options = SqliteConnectOptions::new()
                    .filename(&path)
                    .create_if_missing(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    // With WAL a power cut can lose the last scrape, never the file.
                    .synchronous(SqliteSynchronous::Normal)
                    .busy_timeout(Duration::from_secs(10));
                let pool = pool().max_connections(CONNECTIONS);
                let pool = pool.connect_with(options).await.map_err(|e| broken(&path, e))?;
                prepare(&pool, &path).await?;
                Ok(Self { pool, _lock: Some(Arc::new(lock)) })
            }
        }
    }
}

/// One mediator a folder: two would delete each other's accounts.
fn lock(folder: &Path) -> Result<std::fs::File, MediatorError> {
    own_folder(folder)?;
    let path = folder.join(LOCK);
    let file = attache_files::open_private(&path).map_err(|e| unwritable(&path, e))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => {
            Err(MediatorError::Locked { path: folder.to_owned() })
        }
        Err(std::fs::TryLockError::Error(source)) => Err(MediatorError::Write { path, source }),
    }
}

/// Makes the folder, for its owner alone. Versions before this one left theirs open to others: one
/// in which nothing but an inventory is has its mode put right. Others' folders stay as they are.
fn own_folder(folder: &Path) -> Result<(), MediatorError> {
    let inventory = |entry: std::io::Result<std::fs::DirEntry>| {
        entry.is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with("inventory."))
    };
    let ours = std::fs::read_dir(folder).is_ok_and(|mut entries| entries.all(inventory));
    if ours {
        // Where it cannot be, the folder is another user's, and what follows decides.
        let _ = std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700));
    }
    attache_files::create_data_folder(folder).map_err(|e| unwritable(folder, e))
}

/// Makes the database's files private before SQLite opens them, which follows links, and makes new
/// ones with the mode of the database.
fn private(folder: &Path) -> Result<(), MediatorError> {
    let database = folder.join(FILE);
    let beside = BESIDE.iter().map(|ending| folder.join(format!("{FILE}{ending}")));
    let there = beside.filter(|path| path.symlink_metadata().is_ok());
    for path in std::iter::once(database).chain(there) {
        attache_files::open_private(&path).map_err(|e| unwritable(&path, e))?;
    }
    Ok(())
}

fn unwritable(path: &Path, error: FileError) -> MediatorError {
    let source = match error {
        FileError::Io { source, .. } => source,
        other => std::io::Error::other(other),
    };
    MediatorError::Write { path: path.to_owned(), source }
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
