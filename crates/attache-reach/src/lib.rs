//! Which principal can assume which role, directly or through chains of `AssumeRole`.
//!
//! Knows: what accounts held at one time ([`Snapshot`]), every step into a role that their policies
//! allow ([`Graph`]), the shortest paths that these steps make ([`Path`]), and forbidden paths
//! ([`Rules`]). The policy engine decides each step; this finds the few that are worth a decision, and
//! says on which unknown condition keys a step depends.
//!
//! Does not know: where a snapshot comes from, any I/O.
//!
//! Start at [`Snapshot::read`], then [`Graph::new`] and [`Graph::paths`].

mod assume_check;
mod assumption;
mod caller;
mod caller_inputs;
mod candidates;
mod display;
mod document;
mod error;
mod graph;
mod line_index;
mod named_outside;
mod paths;
mod principal;
mod rules;
mod snapshot;
mod snapshot_schema;
mod stranger;
mod subject;

pub use assume_check::{SupportingStatement, Terms};
pub use caller_inputs::CallerInput;
pub use error::{RulesError, SnapshotError, SnapshotProblem};
pub use graph::Graph;
pub use paths::{Path, Query, Step};
pub use principal::GraphPrincipal;
pub use rules::{Rule, Rules, Violation};
pub use snapshot::Snapshot;
