//! What an error shows of a text.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test says so when its input is wrong"
)]

mod printed;
