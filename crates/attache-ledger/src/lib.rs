//! The ledger: what the embedded accounts hold, and how a change is applied and committed.
//!
//! Knows: accounts with their identities, organizations, clusters and policies; every change that
//! can be made of them; the journal of events that the state is replayed from, its snapshots, and the
//! data directory with its lock and its master key.
//!
//! Does not know: calls, callers and permissions, what AWS answers, HTTP. A change is trusted: it
//! was checked before it became an event.
//!
//! Start at [`Ledger`], then [`state::State::apply`], which is the only way to change the state, and
//! [`journal`], which stores the events.

mod aws_managed;
pub mod change;
mod data_directory;
mod error;
mod event;
mod eventual_consistency;
mod inspect;
pub mod journal;
mod ledger;
mod master_key;
mod snapshot;
pub mod state;
mod tags;
pub mod usage;

use attache_identifiers::Partition;

pub use aws_managed::AwsManaged;
pub use data_directory::{Data, write_credentials};
pub use error::{AdminError, LedgerError, ManagedPolicyError};
pub use event::{Event, Outcome};
pub use inspect::{Inspected, inspect};
pub use ledger::{Ledger, Options};
pub use master_key::{MasterKey, random};
pub use tags::{Tag, TagKeys, Tags, has_duplicates};

/// The partition that all embedded accounts are in.
pub const PARTITION: Partition = Partition::aws();
