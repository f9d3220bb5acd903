//! The lines of a file that an error may show: a Secret's values are masked, byte for byte, so that
//! every place stays where it is.

use std::ops::Range;

use crate::tree::{Node, Value};

/// Keys whose values are no secret: what says which object it is.
const SHOWN: [&str; 6] = ["apiVersion", "kind", "metadata", "name", "namespace", "type"];

/// The text of a file of Secrets, in which one of them is the subject: its keys, its kind and its
/// name are left, and what is `also` shown.
pub(crate) fn only_keys(text: &str, secret: &Node, also: &[Range<usize>]) -> String {
    let mut shown = also.to_vec();
    keys(secret, text, true, &mut shown);
    shown.sort_by_key(|range| range.start);
    let mut masked = String::with_capacity(text.len());
    let mut at = 0;
    for range in shown {
        let start = range.start.max(at);
        cover(text.get(at..start).unwrap_or_default(), &mut masked);
        masked.push_str(text.get(start..range.end).unwrap_or_default());
        at = range.end.max(start);
    }
    cover(text.get(at..).unwrap_or_default(), &mut masked);
    masked
}

/// The text of values, in which every text and number is masked but those of the nodes that are
/// `shown` of a document: a chart's values hold other programs' passwords, too.
pub(crate) fn only_nodes<const N: usize>(
    text: &str,
    roots: &[Node],
    shown: impl Fn(&Node) -> [Option<&Node>; N],
) -> String {
    let mut hidden = Vec::new();
    roots.iter().for_each(|root| scalars(root, &shown(root), &mut hidden));
    hidden.sort_by_key(|range| range.start);
    let mut masked = String::with_capacity(text.len());
    let mut at = 0;
    for range in hidden {
        let start = range.start.max(at);
        masked.push_str(text.get(at..start).unwrap_or_default());
        cover(text.get(start..range.end).unwrap_or_default(), &mut masked);
        at = range.end.max(start);
    }
    masked.push_str(text.get(at..).unwrap_or_default());
    masked
}

/// The bytes of a node's keys, with the colon behind each, and of the values that say what it is.
fn keys(node: &Node, text: &str, top: bool, into: &mut Vec<Range<usize>>) {
    match &node.value {
        Value::Map(members) => {
            for member in members {
                let Range { start, end } = member.key_at();
                let colon = text.get(end..).is_some_and(|rest| rest.starts_with(':'));
                into.push(start..end + usize::from(colon));
                let known = SHOWN.contains(&member.key.as_str());
                match &member.node.value {
                    Value::Text(_) if top && known => into.push(member.node.at()),
                    _ => keys(&member.node, text, top && member.key == "metadata", into),
                }
            }
        }
        Value::List(items) => items.iter().for_each(|item| keys(item, text, false, into)),
        _ => {}
    }
}

fn scalars(node: &Node, shown: &[Option<&Node>], into: &mut Vec<Range<usize>>) {
    if shown.iter().flatten().any(|shown| std::ptr::eq(*shown, node)) {
        return;
    }
    match &node.value {
        Value::Map(members) => members.iter().for_each(|m| scalars(&m.node, shown, into)),
        Value::List(items) => items.iter().for_each(|item| scalars(item, shown, into)),
        Value::Text(_) | Value::Number => into.push(node.at()),
        Value::Null | Value::Bool(_) => {}
    }
}

/// Adds the text with every character but white space replaced by one of as many bytes.
fn cover(text: &str, into: &mut String) {
    into.extend(text.chars().map(|c| match c.len_utf8() {
        1 if c.is_ascii_whitespace() => c,
        1 => '*',
        2 => '·',
        3 => '•',
        _ => '\u{10101}',
    }));
}
