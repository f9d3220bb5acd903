//! Who can become which role, directly or through chains of `AssumeRole`.
//!
//! Knows: what accounts held at one time ([`Snapshot`]), every step into a role that their policies
//! allow ([`Graph`]), the shortest ways that these make ([`Path`]), and ways that there must not be
//! ([`Rules`]). Each step is decided by the policy engine; this finds the few that are worth a
//! decision, and says on what a step depends that is not known here.
//!
//! Does not know: where a snapshot comes from, any I/O.
//!
//! Start at [`Snapshot::read`], then [`Graph::new`] and [`Graph::paths`].

mod caller;
mod candidates;
mod choose;
mod document;
mod error;
mod graph;
mod judge;
mod lines;
mod paths;
mod rules;
mod shape;
mod show;
mod snapshot;
mod subject;
mod variant;
mod who;

pub use choose::Choice;
pub use error::{RulesError, SnapshotError, SnapshotProblem};
pub use graph::Graph;
pub use judge::{Terms, Used};
pub use paths::{Path, Query, Step};
pub use rules::{Broken, Rule, Rules};
pub use snapshot::Snapshot;
pub use who::Who;
