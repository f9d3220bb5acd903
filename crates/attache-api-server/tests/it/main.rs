//! A cluster's API server, as a specification.
#![allow(missing_docs, clippy::unwrap_used, reason = "in a test a panic is the report")]

mod api_server;
