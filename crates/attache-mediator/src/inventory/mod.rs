//! What was found: resources, and how complete the knowledge of them is.
//!
//! Knows SQLite and one rule: what is known of a type in an account and region changes only by a
//! complete listing, in one transaction. A listing that failed deletes nothing. Does not know how a
//! resource was found.

mod coverage;
mod open;
mod read;
mod write;

use std::path::PathBuf;

use attache_identifiers::AccountId;
use sqlx::SqlitePool;

pub use coverage::{Coverage, Outcome};
pub(crate) use read::ResourceCount;
pub use read::{Filter, Listed, Listing};
pub(crate) use write::{IncompleteScrape, Scrape};

/// Where the inventory is kept.
#[derive(Debug, Clone)]
pub enum Place {
    /// `inventory.sqlite` in a folder, which is made if need be and locked while in use.
    Folder(PathBuf),
    /// In memory: it is gone when the process ends.
    Memory,
}

/// The resources and the coverage.
#[derive(Debug, Clone)]
pub(crate) struct Inventory {
    pool: SqlitePool,
    /// Held for as long as the inventory is: the lock ends with the file.
    _lock: Option<std::sync::Arc<std::fs::File>>,
}

/// The region word of types that are asked for once an account.
pub(crate) const GLOBAL: &str = "global";

/// What a scrape was of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scope {
    pub(crate) account: AccountId,
    /// The region's name, or [`GLOBAL`].
    pub(crate) region: String,
    pub(crate) kind: String,
}
