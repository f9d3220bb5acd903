//! A lint of this project's own source tree: each idea stays in the one crate that may have it.
//!
//! Knows: which text gives an idea away ([`RULES`]) and which crate is its home, what in a source
//! file is not a test ([`code`]), and which paths a page names ([`paths_in`]). Does not know: what the
//! code does. Start at [`RULES`]; `tests/source.rs` runs them.

mod pages;
mod rules;
mod tree;

pub use pages::paths_in;
pub use rules::{Finder, RULES, Rule};
pub use tree::{code, files_below, root};
