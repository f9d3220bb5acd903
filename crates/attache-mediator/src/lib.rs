//! From a catalog to an inventory: assume each account's role with the projected token or the pod's own
//! credentials, list what is there, keep it, and serve it.
//!
//! Knows: sessions of STS, how a list call of the catalog is made, and its own inventory, API and
//! page. Does not know: how values and Secrets are written, which
//! [`attache_manifests`] reads, and which server answers as AWS. The embedded authority is reached as AWS is,
//! by an endpoint's URL.
//!
//! Start at [`Mediator`], which ties the parts together: its [`Settings`] say which accounts,
//! `session` how they are reached, [`attache_catalog`] what is listed, `scrape` how, `inventory` where
//! it is kept, `api` and `page` how it is seen.

mod account;
mod api;
mod chain;
mod clock;
mod confirm;
mod error;
mod inventory;
mod mediator;
mod page;
mod report;
mod scheduler;
mod scrape;
mod session;
pub mod view_model;

/// Ours: characters of another party's message that are kept. AWS's own are shorter; a canonical
/// request, or the page of a proxy, would fill the inventory with each scrape.
pub(crate) const LONGEST_MESSAGE: usize = 1_000;

pub use account::{AccountReport, Warning};
pub use clock::Clock;
pub use error::MediatorError;
pub use inventory::{Coverage, Filter, Listed, Listing, Outcome, Place as InventoryPlace};
pub use mediator::{Mediator, Settings};
pub use scrape::{Fault, Limit, Limits, SmallestCall, SmallestCalls};
pub use session::{SessionError, SessionSource, TokenFileError};
