//! `${key}`, `${key, 'default'}`, `${*}`, `${?}`, `${$}`: policy variables, version 2012-10-17 only.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>.

use crate::Context;
use crate::wildcard::{Pattern, Piece};

/// Reads a policy's text. Nothing where a variable has no value: then it matches nothing.
///
/// What comes from a variable, or from `${*}`, is text: no star in it is a wildcard.
pub(crate) fn read(text: &str, variables: bool, context: &Context) -> Option<Pattern> {
    if !variables {
        return Some(Pattern::read(text));
    }
    let mut pieces = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        pieces.extend(before.chars().map(Piece::read));
        let (inside, tail) = after.split_once('}')?;
        match inside {
            "*" | "?" | "$" => pieces.extend(inside.chars().map(Piece::Char)),
            _ => pieces.extend(value(inside, context)?.chars().map(Piece::Char)),
        }
        rest = tail;
    }
    pieces.extend(rest.chars().map(Piece::read));
    Some(Pattern(pieces))
}

fn value(inside: &str, context: &Context) -> Option<String> {
    let (key, default) = match inside.split_once(',') {
        Some((key, default)) => {
            let quoted = default.trim();
            (key.trim(), quoted.strip_prefix('\'').and_then(|d| d.strip_suffix('\'')))
        }
        None => (inside.trim(), None),
    };
    match context.get(key) {
        Some([one]) => Some(one.clone()),
        // Multi-valued keys can't be variables.
        Some(_) => None,
        None => default.map(str::to_owned),
    }
}
