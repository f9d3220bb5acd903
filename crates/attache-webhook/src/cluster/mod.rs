//! What the API server knows: service accounts, the ConfigMap, and the reading of one account at once.

mod accounts;
mod compact;
mod fetch;
mod mapped;
mod watch;

pub use accounts::{Accounts, Cached};
pub use fetch::{FetchError, Fetched, Fetcher};
pub(crate) use mapped::watch_mapped_roles;
pub(crate) use watch::watch_accounts;
