//! One call, four instruments: the authority decides it over HTTP, `explain` by documents alone, IAM's
//! simulator by the documents that it takes, and `reach` over a snapshot. They must agree.
//!
//! Knows: how to make documents at random (`documents`), put them into an authority ([`Site`]), and
//! ask each instrument ([`Case`]). Does not know: what is right; the instruments judge each other, and
//! the policy engine, which all of them use, is held against another evaluator elsewhere.
//!
//! What an instrument cannot be asked is listed in `docs/differential.md`.

mod case;
mod client;
mod command;
mod documents;
mod site;
mod snapshot;

pub use case::{Answer, Caller, Case, Target};
pub use client::{Client, Keys, Reply};
pub use command::built_command;
pub use site::{Documents, Site};
