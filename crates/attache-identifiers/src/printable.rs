//! Text of others, made fit for a terminal, a log and an error.
//!
//! An answer of AWS, a token's claim, a trust policy, a YAML key and a file name can hold anything:
//! an escape sequence that moves the cursor, a line feed that forges a line of a log, a bidirectional
//! override that shows a name backwards. What a person reads has none of them.

use std::borrow::Cow;
use std::fmt::Write as _;

/// On one line: every control character, line feeds and tabs included, is shown as `\u{1b}`.
///
/// ```
/// assert_eq!(attache_identifiers::printable("a\u{1b}[2Jb\nc"), "a\\u{1b}[2Jb\\nc");
/// ```
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    clean(text, |_| false)
}

/// As [`printable`], but line feeds and tabs stay: for text that is meant to have lines, such as a
/// report that places a policy's excerpt.
#[must_use]
pub fn printable_lines(text: &str) -> Cow<'_, str> {
    clean(text, |c| matches!(c, '\n' | '\t'))
}

/// As [`printable_lines`], of JSON that was written already: inside its strings such characters
/// become `\u009b`, which every reader takes for the same character. The value stays the same.
///
/// ```
/// assert_eq!(attache_identifiers::printable_json("[\"\u{9b}\u{e0041}\"]"), r#"["\u009b\udb40\udc41"]"#);
/// ```
#[must_use]
pub fn printable_json(json: &str) -> Cow<'_, str> {
    let bad = |c: char| changes_display(c) && !matches!(c, '\n' | '\t' | '\r');
    if !json.contains(bad) {
        return Cow::Borrowed(json);
    }
    let mut shown = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if bad(c) {
            // RFC 8259, section 7: beyond the first plane as a pair of surrogates.
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a String does not fail.
                let _ = write!(shown, "\\u{unit:04x}");
            }
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// At most `limit` characters of the text; what was longer ends in `…`.
#[must_use]
pub fn excerpt(text: &str, limit: usize) -> Cow<'_, str> {
    match text.char_indices().nth(limit) {
        Some((end, _)) => Cow::Owned(format!("{}…", text.get(..end).unwrap_or_default())),
        None => Cow::Borrowed(text),
    }
}

fn clean(text: &str, keep: fn(char) -> bool) -> Cow<'_, str> {
    let bad = |c: char| changes_display(c) && !keep(c);
    if !text.contains(bad) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            _ if !bad(c) => shown.push(c),
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            // Writing to a String does not fail.
            _ => drop(write!(shown, "\\u{{{:x}}}", u32::from(c))),
        }
    }
    Cow::Owned(shown)
}

/// Characters that a terminal or a viewer acts on, or that cannot be seen.
fn changes_display(c: char) -> bool {
    c.is_control() // C0, DEL and C1, where 0x9b alone begins an escape sequence
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}'
            | '\u{200b}'..='\u{200f}' // zero width, and left-to-right marks
            | '\u{2028}'..='\u{202e}' // line and paragraph separators, bidirectional overrides
            | '\u{2060}'..='\u{206f}' // word joiner, isolates
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}') // tags
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_acts_on_is_shown_instead() {
        for (text, shown) in [
            ("plain é 日本", "plain é 日本"),
            ("\u{1b}]0;title\u{7}", "\\u{1b}]0;title\\u{7}"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("over\rwritten", "over\\rwritten"),
            ("a\nforged line", "a\\nforged line"),
            ("\u{202e}txt.exe\u{2066}", "\\u{202e}txt.exe\\u{2066}"),
            ("a\u{200b}b\u{7f}\0", "a\\u{200b}b\\u{7f}\\u{0}"),
        ] {
            assert_eq!(printable(text), shown);
        }
        assert_eq!(printable_lines("a\n\tb\r\n\u{1b}[1m"), "a\n\tb\\r\n\\u{1b}[1m");
    }

    #[test]
    fn json_stays_the_same_value() {
        assert_eq!(printable_json("{\n  \"a\": \"é\"\n}"), "{\n  \"a\": \"é\"\n}");
        assert_eq!(printable_json("\"\u{7f}\u{202e}\""), "\"\\u007f\\u202e\"");
    }

    #[test]
    fn an_excerpt_ends_between_characters() {
        assert_eq!(excerpt("ééé", 2), "éé…");
        assert_eq!(excerpt("éé", 2), "éé");
        assert_eq!(excerpt("", 0), "");
    }
}
