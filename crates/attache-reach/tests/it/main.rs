//! Which principal reaches which role, on small snapshots.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod incomplete;
mod paths;
