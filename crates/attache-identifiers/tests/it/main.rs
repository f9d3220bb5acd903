//! The identifiers, as a specification.
#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod identifiers;
