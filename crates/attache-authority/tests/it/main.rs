//! The authority as its clients see it: calls over HTTP, and what is kept of them.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot set itself up has failed"
)]

mod bad_input;
mod discovery;
mod enforcement;
mod identities;
mod keeping;
mod organizations;
mod sdk;
mod secrets;
mod sessions;
mod simulation;
mod support;
mod web_identity;
