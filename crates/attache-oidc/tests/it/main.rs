//! Which tokens are accepted and why the others are refused, and which keys are read: one table a
//! question.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "in a test a panic is the report"
)]

mod audience;
mod forge;
mod key_files;
mod keys;
mod never_panics;
mod shape;
mod signatures;
mod signing_keys;
mod times;
