//! Service-account tokens and pods' environments, as a specification.
#![allow(missing_docs, clippy::unwrap_used, reason = "in a test a panic is the report")]

mod admission;
mod environment;
mod issuer;
mod projection;
