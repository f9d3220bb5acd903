//! What can stop the mediator from running. What goes wrong with one account or one resource type
//! never does: that is coverage.

use std::path::PathBuf;

use attache_catalog::CatalogError;

/// Why the mediator could not start or could not use its inventory.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum MediatorError {
    /// The catalog cannot be read.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Catalog(#[from] CatalogError),
    /// There is no account.
    #[error("there is no account to scrape")]
    #[diagnostic(help("give values with `scrapers.aws.accounts`, switched on"))]
    NothingToScrape,
    /// An endpoint that is not a URL.
    #[error("{0}")]
    #[diagnostic(help("write it like http://127.0.0.1:4566 (--endpoint-url, AWS_ENDPOINT_URL)"))]
    Endpoint(#[from] attache_aws_accounts::BadEndpoint),
    /// A file that is not a PEM bundle.
    #[error("the CA bundle cannot be used: {0}")]
    #[diagnostic(help("it must hold certificates in PEM"))]
    CaBundle(#[from] attache_aws_accounts::BadCertificates),
    /// Another process has the inventory.
    #[error("the data folder {} is in use by another process", path.display())]
    #[diagnostic(help("stop the other mediator, or give this one another folder"))]
    Locked {
        /// The folder.
        path: PathBuf,
    },
    /// The inventory's file is not a database, or is damaged.
    #[error("the inventory {} is damaged", path.display())]
    #[diagnostic(help(
        "move the file away and start again: the next scrape fills a new inventory (what is lost \
         is since when each resource has been known)"
    ))]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the database says.
        source: sqlx::Error,
    },
    /// The inventory was written by a later version.
    #[error("the inventory {} has format {found}; this version knows {known}", path.display())]
    #[diagnostic(help("run the later version, or give this one another folder"))]
    TooNew {
        /// The file.
        path: PathBuf,
        /// The file's format.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// A file of the data folder could not be made.
    #[error("could not write {}", path.display())]
    #[diagnostic(help("check that the folder exists and that this user may write there"))]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The database failed.
    #[error("the inventory could not {attempt}")]
    #[diagnostic(help("check the disk's free space and the folder's permissions"))]
    Inventory {
        /// What was attempted: `read the resources`.
        attempt: &'static str,
        /// What the database says.
        source: sqlx::Error,
    },
    /// A cursor that this API did not give.
    #[error("the cursor {cursor:?} is not valid")]
    #[diagnostic(help("take `next_cursor` from the answer before, unchanged"))]
    Cursor {
        /// What was given.
        cursor: String,
    },
    /// The page could not be drawn.
    #[error("the page could not be drawn: {source}")]
    Page {
        /// What the template says.
        source: askama::Error,
    },
}
