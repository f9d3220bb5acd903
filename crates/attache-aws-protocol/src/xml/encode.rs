//! From a value to a document.

use serde::Serialize;

use super::element::{Element, Place};
use crate::WireError;

/// The element names of the items of a service's lists.
///
/// ```
/// # use serde_json::json;
/// let lists = attache_aws_protocol::xml::Lists { default: "member", named: &[("DBInstances", "DBInstance")] };
/// let page = json!({"DBInstances": [{"DBInstanceIdentifier": "db-1"}]});
/// assert_eq!(
///     attache_aws_protocol::xml::encode("Page", "", &page, &lists)?,
///     "<Page><DBInstances><DBInstance><DBInstanceIdentifier>db-1</DBInstanceIdentifier>\
///      </DBInstance></DBInstances></Page>",
/// );
/// # Ok::<(), attache_aws_protocol::WireError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lists {
    /// The item name of lists that are not named: `member` in awsQuery, `item` in EC2. Empty: the
    /// list is flat, its own name is repeated for each item, as S3's `Contents`.
    pub default: &'static str,
    /// List and item name, where they differ from the default; an empty item name again means flat.
    pub named: &'static [(&'static str, &'static str)],
}

impl Lists {
    /// awsQuery's lists: `<Names><member>..`.
    pub const QUERY: Self = Self { default: "member", named: &[] };
    /// EC2's lists: `<instancesSet><item>..`.
    pub const EC2: Self = Self { default: "item", named: &[] };

    pub(super) fn item_name(&self, list: &str) -> &'static str {
        let own = self.named.iter().find(|(name, _)| *name == list);
        own.map_or(self.default, |(_, item)| item)
    }
}

/// Writes a value as the content of a root element. Null is left out, bools are `true` and `false`,
/// members keep the order in which they serialize. An empty `xmlns` is none.
///
/// Characters that XML 1.0 cannot carry at all (most control characters) become U+FFFD: an answer
/// that quotes a caller's bad input must still be readable.
///
/// # Errors
/// When the value does not serialize, or a member's name cannot be an element's.
pub fn encode(
    root: &str,
    xmlns: &str,
    value: &impl Serialize,
    lists: &Lists,
) -> Result<String, WireError> {
    let mut text = String::new();
    write(&mut text, root, xmlns, value, lists)?;
    Ok(text)
}

/// As [`encode`], appended to a text.
pub(super) fn write(
    into: &mut String,
    root: &str,
    xmlns: &str,
    value: &impl Serialize,
    lists: &Lists,
) -> Result<(), WireError> {
    value.serialize(Element { into, name: root, xmlns, place: Place::Alone, lists })
}

pub(super) fn open(into: &mut String, name: &str, xmlns: &str) {
    into.push('<');
    into.push_str(name);
    if !xmlns.is_empty() {
        into.push_str(" xmlns=\"");
        escape(into, xmlns);
        into.push('"');
    }
    into.push('>');
}

pub(super) fn close(into: &mut String, name: &str) {
    into.push_str("</");
    into.push_str(name);
    into.push('>');
}

/// Escapes text for an element's content or an attribute's value.
pub(super) fn escape(into: &mut String, text: &str) {
    // Most texts have nothing to escape, and one pass over the bytes costs least.
    let plain = |b: u8| (b' '..0x7f).contains(&b) & !matches!(b, b'&' | b'<' | b'>' | b'"');
    if text.bytes().fold(true, |all, byte| all & plain(byte)) {
        into.push_str(text);
        return;
    }
    // Text that needs no escape is copied in runs.
    let special = |c: char| {
        matches!(c, '&' | '<' | '>' | '"' | '\u{85}' | '\u{2028}' | '\u{fffe}' | '\u{ffff}')
            || (c < ' ' && c != '\n' && c != '\t')
    };
    let mut rest = text;
    while let Some(at) = rest.find(special) {
        let (run, from) = rest.split_at(at);
        into.push_str(run);
        let mut chars = from.chars();
        into.push_str(match chars.next() {
            Some('&') => "&amp;",
            Some('<') => "&lt;",
            Some('>') => "&gt;",
            Some('"') => "&quot;",
            // A reader would make line feeds of them.
            Some('\r') => "&#13;",
            Some('\u{85}') => "&#133;",
            Some('\u{2028}') => "&#8232;",
            _ => "\u{fffd}",
        });
        rest = chars.as_str();
    }
    into.push_str(rest);
}

pub(super) fn unwritable(what: &str, why: String) -> WireError {
    WireError::Unwritable { what: what.to_owned(), protocol: "XML", why }
}

/// Text as it is in an element's content.
pub(crate) fn escaped(text: &str) -> String {
    let mut into = String::with_capacity(text.len());
    escape(&mut into, text);
    into
}
