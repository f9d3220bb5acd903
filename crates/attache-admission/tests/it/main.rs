//! The webhook's rules, against the table of pods that every injector is given.
#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod gate;
mod pods;
mod reviews;
mod table;
