//! Messages of bounded length.

use std::borrow::Cow;

/// Ours: no error is longer, whatever it is about. That is a screen of text.
pub const MAX_ERROR_BYTES: usize = 4096;

/// Ours: the longest message of one finding, and the longest help.
pub const MAX_MESSAGE_BYTES: usize = 480;

/// Ours: the longest name of a file that is shown. Linux's own limit of one name is 255.
pub const MAX_NAME_BYTES: usize = 255;

/// A text of others on one line, as it may be shown: without anything that a terminal acts on, and
/// of at most `limit` bytes. Of what is longer the middle is left out, since a message often says
/// behind what it quotes what is wrong with it.
///
/// ```
/// assert_eq!(attache_excerpt::clip("a\tb", 100), "a\\tb");
/// assert_eq!(attache_excerpt::clip(&"a".repeat(99), 12), "aaaaaa…aaa");
/// ```
#[must_use]
pub fn clip(text: &str, limit: usize) -> String {
    cut(text, limit, attache_identifiers::printable)
}

/// As [`clip`], of text that may have lines.
pub(crate) fn clip_lines(text: &str, limit: usize) -> String {
    cut(text, limit, attache_identifiers::printable_lines)
}

/// As many of the messages as have room in `limit` bytes, and how many more there are.
#[must_use]
pub fn join<'m>(
    messages: impl IntoIterator<Item = impl Into<Cow<'m, str>>>,
    between: &str,
    limit: usize,
) -> String {
    // "and 4294967295 more" with room to spare.
    const REST: usize = 32;
    let messages: Vec<Cow<'m, str>> = messages.into_iter().map(Into::into).collect();
    let mut joined = String::new();
    for (at, message) in messages.iter().enumerate() {
        let room = limit.saturating_sub(joined.len() + 2 * between.len() + REST);
        let message = clip_lines(message, MAX_MESSAGE_BYTES.min(limit));
        if at > 0 && message.len() > room {
            let more = messages.len() - at;
            return joined + between + "and " + &more.to_string() + " more";
        }
        if at > 0 {
            joined.push_str(between);
        }
        joined.push_str(&message);
    }
    joined
}

fn cut(text: &str, limit: usize, clean: impl Fn(&str) -> Cow<'_, str>) -> String {
    // Before it is cleaned, so that a text of megabytes is not copied.
    let shown = clean(&without_middle(text, limit)).into_owned();
    without_middle(&shown, limit).into_owned()
}

fn without_middle(text: &str, limit: usize) -> Cow<'_, str> {
    const LEFT_OUT: &str = "…";
    if text.len() <= limit {
        return Cow::Borrowed(text);
    }
    let room = limit.saturating_sub(LEFT_OUT.len());
    let tail = room / 3;
    let head = text.get(..text.floor_char_boundary(room - tail)).unwrap_or_default();
    let tail = text.get(text.ceil_char_boundary(text.len() - tail)..).unwrap_or_default();
    Cow::Owned([head, LEFT_OUT, tail].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_behind_a_long_quotation_stays() {
        let said = clip(&format!("{:?} is no action", "é".repeat(4_000_000)), 100);
        assert!(said.starts_with("\"ééé") && said.ends_with("is no action"), "{said}");
        assert!(said.len() <= 100);
    }

    #[test]
    fn cleaning_makes_nothing_too_long() {
        for limit in [0, 1, 3, 4, 50, 100] {
            let said = clip(&"\u{1b}[2J\n".repeat(100_000), limit);
            assert!(said.len() <= limit.max(3), "{limit}: {said}");
            assert!(!said.contains(char::is_control));
        }
    }

    #[test]
    fn what_has_no_room_is_counted() {
        assert_eq!(join(["a", "b"], "; ", 100), "a; b");
        let many: Vec<_> = (0..100).map(|nth| format!("message {nth}")).collect();
        let joined = join(many.iter().map(String::as_str), "; ", 120);
        assert!(joined.starts_with("message 0; ") && joined.ends_with(" more"), "{joined}");
        assert!(joined.len() <= 120);
        assert_eq!(join(Vec::<String>::new(), "; ", 9), "");
    }
}
