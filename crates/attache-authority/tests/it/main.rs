//! The authority as its clients see it: calls over HTTP, and what is kept of them.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot set itself up has failed"
)]

mod bad_input;
mod denials;
mod discovery;
mod enforcement;
mod iam_answers;
mod iam_names;
mod iam_providers;
mod iam_sentences;
mod identities;
mod issuer_keys;
mod keeping;
mod laboratory;
mod organizations;
mod query_protocol;
mod refusals_by_protocol;
mod scoped_credentials;
mod sdk;
mod secrets;
mod service_linked;
mod session_keys;
mod sessions;
mod simulation;
mod support;
mod unserved_services;
mod web_identity;
mod web_identity_answers;
