//! The AWS protocols and signatures, as a specification: each way against what other programs wrote.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot set itself up has failed"
)]

mod documents;
mod errors;
mod forms;
mod rest_and_json;
mod sigv4_refused;
mod sigv4_signed;
mod sigv4_vectors;
