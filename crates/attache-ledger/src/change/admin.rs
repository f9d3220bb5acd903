//! The changes of all accounts at once, which calls under `/_attache/` make.

use serde::{Deserialize, Serialize};

/// A change of the state as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "whole", rename_all = "kebab-case")]
pub enum AdminChange {
    /// Back to the accounts and clusters that were given, with the keys that they had.
    Reset,
    /// The state is saved under a name, in place of an earlier one of that name.
    Saved {
        /// The name.
        name: String,
    },
    /// Back to a state that was saved.
    Restored {
        /// The name that it was saved under.
        name: String,
    },
    /// A saved state is deleted.
    #[serde(rename = "forgotten")]
    SnapshotDeleted {
        /// The name that it was saved under.
        name: String,
    },
}
