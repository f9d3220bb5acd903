//! The cases, by what they are about.

mod errors;
mod warnings;

use attache_policy::Kind;
pub(crate) use errors::{ERRORS, IAM_SAYS};
pub(crate) use warnings::{TAKEN, WARNINGS};

/// A statement (or, after `\u{1}`, a whole document) and one finding in it.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) text: &'static str,
    /// Line and column.
    pub(crate) place: &'static str,
    /// The offending text.
    pub(crate) span: &'static str,
    /// A part of the message.
    pub(crate) message: &'static str,
    pub(crate) aws: Option<&'static str>,
}

pub(crate) const fn case(
    name: &'static str,
    kind: Kind,
    text: &'static str,
    [place, span, message]: [&'static str; 3],
    aws: Option<&'static str>,
) -> Case {
    Case { name, kind, text, place, span, message, aws }
}
