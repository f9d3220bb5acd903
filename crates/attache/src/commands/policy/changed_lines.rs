//! The lines that a unified diff touches, as `git diff` prints it.
//!
//! Source: <https://www.gnu.org/software/diffutils/manual/html_node/Detailed-Unified.html>.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::Path;

use miette::miette;

use crate::input;

/// The lines of the new text, by file.
#[derive(Debug, Default)]
pub(super) struct ChangedLines(BTreeMap<String, Vec<usize>>);

impl ChangedLines {
    /// Reads a diff from a file, or from standard input for `-`.
    pub(super) fn read(file: &Path) -> miette::Result<Self> {
        let text = input::text(file, input::MAX_INPUT_BYTES)?;
        Self::parse(&text).ok_or_else(|| {
            miette!(
                help = "git diff -U0 main prints one",
                "{} is not a unified diff: expected lines that begin with +++ and @@",
                file.display()
            )
        })
    }

    /// Nothing where there is text and no file in it.
    fn parse(text: &str) -> Option<Self> {
        let mut changed = Self::default();
        let mut lines = text.lines();
        let mut file = None;
        while let Some(line) = lines.next() {
            if let Some(name) = line.strip_prefix("+++ ") {
                let name = file_name(name);
                let name = name.strip_prefix("b/").unwrap_or(&name);
                // A backslash counts as in the name that a file is given by.
                file = Some(changed.0.entry(name.replace('\\', "/")).or_default());
            } else if let Some((old, new)) = hunk(line)
                && let Some(file) = &mut file
            {
                touched(&mut lines, old, new, file);
            }
        }
        (!changed.0.is_empty() || text.trim().is_empty()).then_some(changed)
    }

    /// Whether one of the lines of a file was touched. A file may be given from another folder than
    /// the diff's.
    pub(super) fn touches(&self, file: &Path, lines: RangeInclusive<usize>) -> bool {
        let name = file.to_string_lossy().replace('\\', "/");
        let name = name.trim_start_matches("./");
        let is_it = |other: &str| {
            let inside = |long: &str, short: &str| {
                long.strip_suffix(short).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
            };
            inside(name, other) || inside(other, name)
        };
        let of_file = self.0.iter().filter(|(other, _)| is_it(other));
        of_file.flat_map(|(_, changed)| changed).any(|line| lines.contains(line))
    }
}

/// A file's name, without the time that may follow it. With characters beyond ASCII, quotes or control
/// characters in it git writes it as C writes a text.
///
/// Source: <https://git-scm.com/docs/git-config#Documentation/git-config.txt-corequotePath>.
fn file_name(written: &str) -> String {
    let name = written.split('\t').next().unwrap_or_default();
    let Some(quoted) = name.strip_prefix('"') else { return name.to_owned() };
    let mut bytes = Vec::with_capacity(quoted.len());
    let mut rest = quoted.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'"' => break,
            b'\\' => bytes.extend(escaped(&mut rest)),
            _ => bytes.push(byte),
        }
    }
    // As a file's own name is shown that is not UTF-8.
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The byte that stands behind a backslash: a letter, three octal digits, or the character itself.
fn escaped(rest: &mut impl Iterator<Item = u8>) -> Option<u8> {
    let byte = match rest.next()? {
        b'a' => 0x07,
        b'b' => 0x08,
        b't' => b'\t',
        b'n' => b'\n',
        b'v' => 0x0b,
        b'f' => 0x0c,
        b'r' => b'\r',
        digit @ b'0'..=b'7' => {
            let digits = [digit, rest.next()?, rest.next()?];
            digits.iter().fold(0, |value: u8, digit| (value << 3) | (digit & 7))
        }
        own => own,
    };
    Some(byte)
}

/// `@@ -1,2 +3,4 @@`: how many lines of the old text, and where in the new text how many.
fn hunk(line: &str) -> Option<(usize, (usize, usize))> {
    let rest = line.strip_prefix("@@ -")?;
    let (old, rest) = rest.split_once(" +")?;
    let (new, _) = rest.split_once(" @@")?;
    let read = |range: &str| -> Option<(usize, usize)> {
        let (first, count) = range.split_once(',').unwrap_or((range, "1"));
        Some((first.parse().ok()?, count.parse().ok()?))
    };
    Some((read(old)?.1, read(new)?))
}

/// Goes through a hunk. Where lines were only taken away, their neighbours count as touched.
fn touched<'l>(
    lines: &mut impl Iterator<Item = &'l str>,
    mut old: usize,
    (first, mut new): (usize, usize),
    touched: &mut Vec<usize>,
) {
    // A hunk without new lines gives the line before it.
    let mut at = if new == 0 { first.saturating_add(1) } else { first };
    while old > 0 || new > 0 {
        let Some(line) = lines.next() else { return };
        match line.as_bytes().first() {
            Some(b'+') => {
                touched.push(at);
                (at, new) = (at.saturating_add(1), new.saturating_sub(1));
            }
            Some(b'-') => {
                touched.extend([at.saturating_sub(1), at]);
                old = old.saturating_sub(1);
            }
            Some(b'\\') => {}
            _ => {
                (old, new) = (old.saturating_sub(1), new.saturating_sub(1));
                at = at.saturating_add(1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIFF: &str = "\
diff --git a/policies/a.json b/policies/a.json
--- a/policies/a.json
+++ b/policies/a.json
@@ -3,3 +3,4 @@
   one
-  two
+  zwei
+  drei
   four
@@ -20,2 +21,0 @@ gone
-  x
-  y
--- a/b.json
+++ b/b.json
@@ -1 +1 @@
---- not a name
++++ nor this
";

    #[test]
    fn the_lines_of_each_hunk_are_touched() {
        let changed = ChangedLines::parse(DIFF).unwrap();
        let touched = |file: &str, line: usize| changed.touches(Path::new(file), line..=line);
        let lines: Vec<usize> = (1..30).filter(|line| touched("policies/a.json", *line)).collect();
        assert_eq!(lines, [3, 4, 5, 21, 22]);
        assert!(touched("b.json", 1) && !touched("b.json", 2));
        assert!(touched("./policies/a.json", 4) && touched("a.json", 4));
        assert!(touched("/checkout/policies/a.json", 4));
        assert!(!touched("other-a.json", 4) && !touched("c.json", 1));
    }

    #[test]
    fn a_files_name_in_quotes_is_the_files() {
        for (written, name) in [
            (r#""b/policies/\303\244.json""#, "policies/ä.json"),
            (r#""b/\"a\"\t\n\001.json""#, "\"a\"\t\n\u{1}.json"),
            (r#""b/a\\b.json""#, r"a\b.json"),
            ("\"b/a \\303\\244.json\"\t", "a ä.json"),
            ("b/a b.json\t", "a b.json"),
            ("b/ä.json\t2026-01-01 00:00:00", "ä.json"),
            (r#""b/policies/\344.json""#, "policies/\u{fffd}.json"),
        ] {
            let diff = format!("--- /dev/null\n+++ {written}\n@@ -0,0 +1 @@\n+a\n");
            let changed = ChangedLines::parse(&diff).unwrap();
            assert!(changed.touches(Path::new(name), 1..=1), "{written}: {changed:?}");
        }
    }

    #[test]
    fn the_largest_numbers_are_read() {
        let most = usize::MAX;
        let hunks = [
            format!("@@ -1,{most} +1,1 @@\n+a\n"),
            format!("@@ -{most},{most} +{most},{most} @@\n+a\n b\n-c\n"),
            format!("@@ -1,1 +{most},0 @@\n-a\n"),
        ];
        for (hunk, line) in hunks.iter().zip([1, most, most]) {
            let changed = ChangedLines::parse(&format!("+++ b/a.json\n{hunk}")).unwrap();
            assert!(changed.touches(Path::new("a.json"), line..=line), "{hunk}");
        }
    }

    #[test]
    fn a_text_that_is_no_diff_is_refused() {
        assert!(ChangedLines::parse("{\"Version\": \"2012-10-17\"}").is_none());
        assert!(ChangedLines::parse("").is_some());
    }
}
