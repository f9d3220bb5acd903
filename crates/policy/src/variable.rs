//! `${key}`, `${key, 'default'}`, `${*}`, `${?}`, `${$}`: policy variables, version 2012-10-17 only.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>.

use crate::Context;

/// What stands for a literal `*` or `?` inside a pattern, so that the matcher does not read it as a
/// wildcard: private-use characters, which no ARN, key or token's claim has.
const LITERAL_STAR: char = '\u{F8F0}';
const LITERAL_MARK: char = '\u{F8F1}';

/// Fills in the variables. Nothing where one has no value: then the text matches nothing.
pub(crate) fn fill(text: &str, context: &Context) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        let (inside, tail) = after.split_once('}')?;
        match inside {
            "*" => out.push(LITERAL_STAR),
            "?" => out.push(LITERAL_MARK),
            "$" => out.push('$'),
            _ => out.push_str(&protect(&value(inside, context)?)),
        }
        rest = tail;
    }
    out.push_str(rest);
    Some(out)
}

/// The same text as the request spells it, for operators without wildcards.
pub(crate) fn plain(filled: &str) -> String {
    filled.replace(LITERAL_STAR, "*").replace(LITERAL_MARK, "?")
}

/// The request's text with its own stars made comparable with literal ones of the pattern.
pub(crate) fn comparable(pattern: &str, got: &str) -> String {
    if pattern.contains([LITERAL_STAR, LITERAL_MARK]) {
        return got.replace('*', &LITERAL_STAR.to_string()).replace('?', &LITERAL_MARK.to_string());
    }
    got.to_owned()
}

/// A variable's value is text: a star in it is no wildcard.
fn protect(value: &str) -> String {
    value.replace('*', &LITERAL_STAR.to_string()).replace('?', &LITERAL_MARK.to_string())
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
