//! Texts with wildcards and variables, by their definition and nothing else.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>.

use super::Keys;

/// One place of a pattern.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Glyph {
    /// `*`: any characters, or none.
    Any,
    /// `?`: one character.
    One,
    /// That character, be it a star.
    Is(char),
}

/// Whether the pattern is the text.
pub fn matches(pattern: &[Glyph], text: &[char]) -> bool {
    let width = text.len() + 1;
    let of = vec![UNKNOWN; (pattern.len() + 1) * width];
    matches_from(pattern, text, &mut Known { width, of })
}

/// What is known of the rest of a pattern and the rest of a text, by their lengths.
struct Known {
    width: usize,
    of: Vec<u8>,
}

const UNKNOWN: u8 = 0;
const IS: u8 = 1;
const IS_NOT: u8 = 2;

fn matches_from(pattern: &[Glyph], text: &[char], known: &mut Known) -> bool {
    let at = pattern.len() * known.width + text.len();
    if known.of[at] != UNKNOWN {
        return known.of[at] == IS;
    }
    let is = match (pattern, text) {
        ([], text) => text.is_empty(),
        ([Glyph::Any, rest @ ..], text) => {
            matches_from(rest, text, known)
                || !text.is_empty() && matches_from(pattern, &text[1..], known)
        }
        ([Glyph::One, rest @ ..], [_, more @ ..]) => matches_from(rest, more, known),
        ([Glyph::Is(c), rest @ ..], [d, more @ ..]) => c == d && matches_from(rest, more, known),
        ([_, ..], []) => false,
    };
    known.of[at] = if is { IS } else { IS_NOT };
    is
}

/// How the characters of a text are read.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    /// `*` and `?` are wildcards.
    pub wild: bool,
    /// `${…}` are variables, with the request's keys.
    pub variables: Option<&'a Keys>,
}

/// The text as a pattern; nothing where a variable has no value.
pub fn read(text: &str, reading: Reading<'_>) -> Option<Vec<Glyph>> {
    let plain = |text: &str| -> Vec<Glyph> {
        let glyph = |c| match c {
            '*' if reading.wild => Glyph::Any,
            '?' if reading.wild => Glyph::One,
            c => Glyph::Is(c),
        };
        text.chars().map(glyph).collect()
    };
    let Some(keys) = reading.variables else { return Some(plain(text)) };
    let Some((before, (inner, after))) = first_variable(text) else { return Some(plain(text)) };
    let mut glyphs = plain(before);
    glyphs.extend(value(inner, keys)?.chars().map(Glyph::Is));
    glyphs.extend(read(after, reading)?);
    Some(glyphs)
}

/// What stands before the first variable, in its braces and after it.
fn first_variable(text: &str) -> Option<(&str, (&str, &str))> {
    let (before, rest) = text.split_once("${")?;
    Some((before, rest.split_once('}')?))
}

fn value(inner: &str, keys: &Keys) -> Option<String> {
    if ["*", "?", "$"].contains(&inner) {
        return Some(inner.to_owned());
    }
    let (key, default) = match inner.split_once(',') {
        Some((key, default)) => (key, default.trim().strip_prefix('\'')?.strip_suffix('\'')),
        None => (inner, None),
    };
    // Nor has it its default.
    if super::condition::may_have_several(key.trim()) {
        return None;
    }
    match super::find(keys, key.trim()).map(Vec::as_slice) {
        None => default.map(str::to_owned),
        Some([one]) => Some(one.clone()),
        // A multi-valued key is no variable, be it empty.
        Some(_) => None,
    }
}

/// Whether one of a text's variables is a key that may have several values, or has.
pub fn names_several(text: &str, keys: &Keys) -> bool {
    let Some((_, (inner, after))) = first_variable(text) else { return false };
    let key = inner.split_once(',').map_or(inner, |(key, _)| key).trim();
    let several = super::condition::may_have_several(key)
        || super::find(keys, key).is_some_and(|values| values.len() > 1);
    several || names_several(after, keys)
}
