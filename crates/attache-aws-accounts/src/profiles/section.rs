//! Where the sections of a shared file are, for places in errors and for the sections that the SDK
//! reads only by itself. What a section means the SDK decides.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What a header says that the section is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `[profile NAME]`.
    Profile,
    /// `[services NAME]`.
    Services,
    /// `[NAME]`.
    Plain,
    /// `[sso-session NAME]` and what is not known.
    Other,
}

/// A section: its header and the lines below it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Section<'t> {
    pub(super) kind: Kind,
    pub(super) name: &'t str,
    /// The header's line, from 1.
    pub(super) line: usize,
    /// Everything up to the next header.
    pub(super) body: &'t str,
}

/// The sections in the text's order.
pub(super) fn sections(text: &str) -> Vec<Section<'_>> {
    let mut found: Vec<Section<'_>> = Vec::new();
    let (mut start, mut begins) = (0, 0);
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let end = start + line.len();
        if let Some((kind, name)) = header(line) {
            close(&mut found, text, begins, start);
            found.push(Section { kind, name, line: index + 1, body: "" });
            begins = end;
        }
        start = end;
    }
    close(&mut found, text, begins, start);
    found
}

fn close<'t>(found: &mut [Section<'t>], text: &'t str, begins: usize, ends: usize) {
    if let Some(last) = found.last_mut() {
        last.body = text.get(begins..ends).unwrap_or_default();
    }
}

/// The text with every section's name written so that the SDK takes it: it passes over names with
/// spaces and other characters, which the AWS CLI allows.
pub(super) fn with_identifiers(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let header = header(line);
        match header.filter(|(_, name)| line.contains('"') || identifier(name) != *name) {
            Some((kind, name)) => {
                let kind = match kind {
                    Kind::Profile => "profile ",
                    Kind::Services => "services ",
                    Kind::Other => "sso-session ",
                    Kind::Plain => "",
                };
                written.push_str(&format!("[{kind}{}]\n", identifier(name)));
            }
            None => written.push_str(line),
        }
    }
    written
}

/// A name as [`with_identifiers`] writes it: percent-encoded where the SDK would not take it.
pub(super) fn identifier(name: &str) -> Cow<'_, str> {
    utf8_percent_encode(name, REFUSED).into()
}

/// What the SDK does not take in a name: all but letters, digits and `_-/.%@:+`.
const REFUSED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'_')
    .remove(b'-')
    .remove(b'/')
    .remove(b'.')
    .remove(b'%')
    .remove(b'@')
    .remove(b':')
    .remove(b'+');

fn header(line: &str) -> Option<(Kind, &str)> {
    let (inside, _) = line.strip_prefix('[')?.split_once(']')?;
    let inside = inside.trim();
    let (kind, name) = match inside.split_once([' ', '\t']) {
        Some(("profile", name)) => (Kind::Profile, name),
        Some(("services", name)) => (Kind::Services, name),
        Some(("sso-session", name)) => (Kind::Other, name),
        _ => (Kind::Plain, inside),
    };
    let name = name.trim();
    let bare = name.strip_prefix('"').and_then(|name| name.strip_suffix('"'));
    Some((kind, bare.unwrap_or(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_so_that_the_sdk_takes_them() {
        let text = "[profile \"two words\"] # c\na = b\n[profile \"p\"]\n[profile x:y/z@1]\n[two words]\n[default]";
        let written = "[profile two%20words]\na = b\n[profile p]\n[profile x:y/z@1]\n[two%20words]\n[default]";
        assert_eq!(with_identifiers(text), written);
        assert_eq!(identifier("é"), "%C3%A9");
    }

    #[test]
    fn sections_are_found_with_their_places() {
        let text = "# top\n[default]\na=1\n[profile  \"x y\" ] # c\n[services s]\niam =\n  endpoint_url = http://x\n";
        let found: Vec<_> =
            sections(text).into_iter().map(|s| (s.kind, s.name, s.line, s.body)).collect();
        assert_eq!(
            found,
            [
                (Kind::Plain, "default", 2, "a=1\n"),
                (Kind::Profile, "x y", 4, ""),
                (Kind::Services, "s", 5, "iam =\n  endpoint_url = http://x\n"),
            ]
        );
    }
}
