//! A federation's file, as a specification: what is read and refused.
#![allow(clippy::expect_used, clippy::panic, reason = "a test says so when its input is wrong")]

mod bad_files;
mod never_panics;
