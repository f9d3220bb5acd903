//! What is rendered of a federation, as a specification.
#![allow(clippy::expect_used, clippy::panic, reason = "a test says so when its input is wrong")]

mod render_reads_back;
mod rendered;
mod tools;
