//! Which tokens are believed, and why the others are not: one table a question.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod audience;
mod forge;
mod keys;
mod shape;
mod signatures;
mod times;
