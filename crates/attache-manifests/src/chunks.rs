//! A file's documents, cut apart before they are read.
//!
//! Each is read by itself, so that the work is in proportion to the file, and so that what tools
//! and people put together is read as they meant it: documents that each begin with a byte order
//! mark, as `Get-Content a.yaml, b.yaml` makes them, and JSON objects one behind another, as
//! `jq -c '.items[]'` does.

use std::ops::Range;

use crate::file::BYTE_ORDER_MARK;

/// The bytes of each document, in their order.
///
/// A line that begins with `---` or `...` is a marker wherever it is: YAML allows none inside a
/// scalar. Source: YAML 1.2.2, 9.1.2.
pub(crate) fn chunks(text: &str) -> Vec<Range<usize>> {
    let mut cuts = Cuts { found: Vec::new(), start: 0, has_content: false };
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        if let Some(rest) = line.strip_prefix(BYTE_ORDER_MARK) {
            cuts.cut(at, end - rest.len());
            cuts.line(rest, end - rest.len(), end);
        } else {
            cuts.line(line, at, end);
        }
        at = end;
    }
    cuts.cut(text.len(), text.len());
    cuts.found.into_iter().flat_map(|chunk| objects(text, chunk)).collect()
}

struct Cuts {
    found: Vec<Range<usize>>,
    start: usize,
    /// Whether the document that began has more than comments and directives, which belong to the
    /// document that follows them.
    has_content: bool,
}

impl Cuts {
    fn line(&mut self, line: &str, at: usize, end: usize) {
        let marks = |marker: &str| {
            let rest = line.strip_prefix(marker);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']))
        };
        if marks("...") {
            self.cut(end, end);
        } else if marks("---") {
            if self.has_content {
                self.cut(at, at);
            }
            self.has_content = true;
        } else {
            let bare = line.trim_start();
            self.has_content |=
                !(bare.is_empty() || bare.starts_with('#') || line.starts_with('%'));
        }
    }

    fn cut(&mut self, end: usize, next: usize) {
        if self.start < end {
            self.found.push(self.start..end);
        }
        (self.start, self.has_content) = (next, false);
    }
}

/// JSON objects one behind another in a chunk, each by itself; else the chunk as it is.
fn objects(text: &str, chunk: Range<usize>) -> Vec<Range<usize>> {
    let body = text.get(chunk.clone()).unwrap_or_default();
    let mut found = Vec::new();
    let mut rest = chunk.start + body.len() - body.trim_start().len();
    while rest < chunk.end {
        let after = text.get(rest..chunk.end).unwrap_or_default();
        let Some(length) = object(after) else { return vec![chunk] };
        found.push(rest..rest + length);
        let behind = after.get(length..).unwrap_or_default();
        rest = chunk.end - behind.trim_start().len();
    }
    if found.is_empty() { vec![chunk] } else { found }
}

/// The length of the JSON object that a text begins with.
fn object(text: &str) -> Option<usize> {
    if !text.starts_with('{') {
        return None;
    }
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => depth += 1,
            b'}' | b']' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return Some(at + 1);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<&str> {
        chunks(text).into_iter().map(|chunk| &text[chunk]).collect()
    }

    #[test]
    fn documents_are_cut_at_their_markers() {
        for (text, wanted) in [
            ("", &[][..]),
            ("a: 1", &["a: 1"]),
            ("a: 1\n---\nb: 2\n", &["a: 1\n", "---\nb: 2\n"]),
            ("---\r\na: 1\r\n---\r\nb: 2", &["---\r\na: 1\r\n", "---\r\nb: 2"]),
            ("--- # x\na: 1\n---", &["--- # x\na: 1\n", "---"]),
            ("# c\n%YAML 1.2\n---\na: 1\n", &["# c\n%YAML 1.2\n---\na: 1\n"]),
            ("a: 1\n...\n%YAML 1.2\n---\nb: 2\n", &["a: 1\n...\n", "%YAML 1.2\n---\nb: 2\n"]),
            ("a: |\n  ---\n  x\n----\n", &["a: |\n  ---\n  x\n----\n"]),
            ("a: 1\n\u{feff}---\nb: 2\n", &["a: 1\n", "---\nb: 2\n"]),
            ("a: 1\n---\n\u{feff}b: 2\n", &["a: 1\n", "---\n", "b: 2\n"]),
        ] {
            assert_eq!(cut(text), wanted, "{text:?}");
        }
    }

    #[test]
    fn json_objects_in_a_row_are_documents() {
        for (text, wanted) in [
            ("{\"a\": \"}{\\\"\"}\n{\"b\": [{}]}\n", &["{\"a\": \"}{\\\"\"}", "{\"b\": [{}]}"][..]),
            ("  {\"a\": 1}{}  ", &["{\"a\": 1}", "{}"]),
            // YAML that only begins like JSON.
            ("{a: '}'}\n", &["{a: '}'}\n"]),
            ("{a: 1} # x\n", &["{a: 1} # x\n"]),
            ("{a: 1\n", &["{a: 1\n"]),
        ] {
            assert_eq!(cut(text), wanted, "{text:?}");
        }
    }
}
