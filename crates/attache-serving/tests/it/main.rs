//! A server with its limits, and the certificate that it shows, against clients that are not of this project.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test a panic is the report")]

mod certificate;
mod server;
mod site;
