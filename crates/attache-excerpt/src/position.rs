//! Lines and columns, both from 1. A line ends at its line feed; a column is a character.

use std::ops::Range;

/// The line and the column of a byte. What is beyond the text's end is its end.
#[must_use]
pub fn position(text: &str, at: usize) -> (usize, usize) {
    advance((1, 1), text.get(..text.floor_char_boundary(at)).unwrap_or(text))
}

/// The position behind a text that begins at a position.
#[must_use]
pub fn advance((line, column): (usize, usize), text: &str) -> (usize, usize) {
    let lines = text.bytes().filter(|byte| *byte == b'\n').count();
    let last = if lines == 0 { text } else { text.rsplit('\n').next().unwrap_or_default() };
    let columns = last.chars().count();
    (line + lines, if lines == 0 { column + columns } else { columns + 1 })
}

/// The bytes of the word at a line and a column, as a reader of YAML or TOML counts them; nothing
/// where the text has no such place.
#[must_use]
pub fn word_at(text: &str, line: u64, column: u64) -> Option<Range<usize>> {
    let before = usize::try_from(line).ok()?.checked_sub(1)?;
    let skipped = usize::try_from(column).ok()?.checked_sub(1)?;
    let line_start: usize = text.split_inclusive('\n').take(before).map(str::len).sum();
    let line = text.get(line_start..)?.lines().next().unwrap_or_default();
    let in_line: usize = line.chars().take(skipped).map(char::len_utf8).sum();
    let rest = line.get(in_line..)?;
    let length = rest.find([' ', ',', '}', ']']).unwrap_or(rest.len());
    let word = rest.get(..length).unwrap_or_default().trim_end_matches(':');
    let start = line_start + in_line;
    Some(start..start + word.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_a_character() {
        let text = "ab\r\né日\tx\n";
        for (at, place) in
            [(0, (1, 1)), (2, (1, 3)), (4, (2, 1)), (6, (2, 2)), (9, (2, 3)), (12, (3, 1))]
        {
            assert_eq!(position(text, at), place, "{at}");
        }
        assert_eq!(position(text, 5), (2, 1), "inside a character");
        assert_eq!(position(text, usize::MAX), (3, 1));
        assert_eq!(position("", 0), (1, 1));
    }

    #[test]
    fn a_word_ends_where_yaml_goes_on() {
        let text = "a: b\nnames: [one, two]\r\n";
        for (line, column, word) in [(1, 1, "a"), (1, 4, "b"), (2, 1, "names"), (2, 9, "one")] {
            assert_eq!(word_at(text, line, column).map(|at| &text[at]), Some(word));
        }
        assert_eq!(word_at(text, 3, 1), Some(text.len()..text.len()));
        assert_eq!(word_at(text, 0, 0), None);
        assert_eq!(word_at(text, u64::MAX, u64::MAX).map(|at| at.len()), Some(0));
    }
}
