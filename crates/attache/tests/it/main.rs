//! The built binary, run as a person runs it.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod authority;
mod command;
mod explain;
mod files;
mod long_errors;
mod one_reader;
mod policy_check;
mod policy_diff;
mod profiles;
mod quickstart;
mod reach;
mod snapshots;
mod terminal;
mod usage;
