//! A federation's file, as a specification: what is read, refused and rendered.
#![allow(clippy::expect_used, clippy::panic, reason = "a test says so when its input is wrong")]

mod bad_files;
mod never_panics;
mod render_reads_back;
mod rendered;
