//! Characters that no editor shows: an action with one in it is another action.

use super::{Found, Level, LintRule, rule};
use crate::invisible;

const INVISIBLE: LintRule =
    rule("invisible-character", Level::Warning, "A character that no editor shows is in the text");

pub(super) const RULES: &[LintRule] = &[INVISIBLE];

/// Ours: a text with more of them is shown by its first ones.
const MOST: usize = 20;

pub(super) fn check(text: &str, found: &mut Found<'_>) {
    let named = text.char_indices().filter_map(|(at, c)| Some((at, c, invisible::sentence(c)?)));
    for (at, c, message) in named.take(MOST) {
        // Where it is the reason that the document cannot be read, that is told already.
        if !found.list.iter().any(|own| own.span.start == at && own.message.contains(&message)) {
            found.add(INVISIBLE, &(at..at + c.len_utf8()), message, "delete it, or type a space");
        }
    }
}
