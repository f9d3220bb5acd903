//! Colours that only this process can write.
//!
//! A line is put together from our own words and from words of others: AWS's messages, a token's
//! claims, a policy's text. Painted text therefore carries marks with a random number in them, and
//! not the terminal's codes; the codes are put in when the line is printed, after everything else
//! was cleaned. What others write can hold neither.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};
use std::sync::LazyLock;

use anstyle::{AnsiColor, Reset, Style};

use super::Tone;

/// A noncharacter, which no text has, and a number that nobody can guess.
static MARK: LazyLock<String> =
    LazyLock::new(|| format!("\u{fdd0}{:016x}", RandomState::new().build_hasher().finish()));

const END: char = '0';

/// The text between marks of its tone.
pub(super) fn painted(tone: Tone, text: &str) -> String {
    let mark = &*MARK;
    format!("{mark}{}{text}{mark}{END}", letter(tone))
}

/// What goes to the terminal: everything between the marks by `clean`, and the terminal's codes
/// for the marks, or nothing for them where there are no colours.
pub(super) fn printed(text: &str, color: bool, clean: fn(&str) -> String) -> String {
    let mut pieces = text.split(MARK.as_str());
    let mut shown = clean(pieces.next().unwrap_or_default());
    for piece in pieces {
        let mut chars = piece.chars();
        let style = chars.next().and_then(style);
        if color && let Some(style) = style {
            let code = if style.is_plain() {
                Reset.render().to_string()
            } else {
                style.render().to_string()
            };
            shown.push_str(&code);
        }
        shown.push_str(&clean(chars.as_str()));
    }
    shown
}

fn letter(tone: Tone) -> char {
    match tone {
        Tone::Good => 'g',
        Tone::Warning => 'w',
        Tone::Bad => 'b',
        Tone::Faint => 'f',
        Tone::Strong => 's',
    }
}

/// The style that a mark's letter begins, or the plain one at its end.
fn style(letter: char) -> Option<Style> {
    Some(match letter {
        'g' => AnsiColor::Green.on_default(),
        'w' => AnsiColor::Yellow.on_default(),
        'b' => AnsiColor::Red.on_default(),
        'f' => Style::new().dimmed(),
        's' => Style::new().bold(),
        END => Style::new(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clean(text: &str) -> String {
        attache_identifiers::printable(text).into_owned()
    }

    #[test]
    fn only_our_own_colours_are_printed() {
        let others = "\u{1b}[31mred\u{fdd0}0000000000000000b\u{9b}0m";
        let line = format!("{} {others}", painted(Tone::Good, others));
        let cleaned = clean(others);
        assert_eq!(printed(&line, true, clean), format!("\u{1b}[32m{cleaned}\u{1b}[0m {cleaned}"));
        assert_eq!(printed(&line, false, clean), format!("{cleaned} {cleaned}"));
    }
}
