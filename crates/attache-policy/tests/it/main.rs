//! The policy language, as a specification: what is read, refused, decided, explained and compared.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "in a test a panic is the report"
)]

mod acceptance;
mod agreement;
mod check;
mod condition_keys;
mod diff;
mod errors;
mod explain;
mod grammar;
mod grammar_cases;
mod limits;
mod listings;
mod print;
mod properties;
mod reference;
mod rules;
