//! Policy documents inside what AWS answers around them: `aws iam get-role`, `get-policy-version`.

use attache_excerpt::advance;

use crate::Kind;
use crate::json::{self, Member, Node, Value};

/// A document inside another text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Embedded {
    /// `.Role.AssumeRolePolicyDocument`.
    pub path: String,
    /// What it is attached to, where its name says so.
    pub kind: Option<Kind>,
    /// The document.
    pub text: String,
    /// Where it begins in the answer: the line, from 1. A document that is a text in it has places of
    /// its own.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

/// The documents inside a text that is none itself, in its order.
///
/// ```
/// use attache_policy::{Kind, embedded_documents};
/// let answer = r#"{"Role": {"RoleName": "r", "AssumeRolePolicyDocument": {"Statement": []}}}"#;
/// let [inside] = &embedded_documents(answer)[..] else { panic!("it has one") };
/// assert_eq!(inside.path, ".Role.AssumeRolePolicyDocument");
/// assert_eq!((inside.kind, &*inside.text), (Some(Kind::Trust), r#"{"Statement": []}"#));
/// assert_eq!((inside.line, inside.column), (1, 56));
/// ```
#[must_use]
pub fn embedded_documents(text: &str) -> Vec<Embedded> {
    let Ok(whole) = json::read(text) else { return Vec::new() };
    let mut walk = Walk { text, at: 0, position: (1, 1), found: Vec::new() };
    if !is_document(&whole) {
        walk.go(&whole, &Position::default());
    }
    walk.found
}

/// A walk through the text, in its order: its places are counted once.
struct Walk<'t> {
    text: &'t str,
    at: usize,
    position: (usize, usize),
    found: Vec<Embedded>,
}

/// How the walk came to a node.
#[derive(Debug, Clone, Default)]
struct Position {
    path: String,
    name: String,
    /// The type of an organization's policy, which its summary says.
    of_organization: Option<Kind>,
}

fn is_document(node: &Node) -> bool {
    matches!(&node.value, Value::Object(members) if members.iter().any(|own| own.key == "Statement"))
}

impl Walk<'_> {
    fn go(&mut self, node: &Node, position: &Position) {
        match &node.value {
            Value::Object(_) if is_document(node) => {
                let between = self.text.get(self.at..node.at.start).unwrap_or_default();
                self.position = advance(self.position, between);
                self.at = node.at.start;
                let document = self.text.get(node.at.clone()).unwrap_or_default();
                self.found.push(position.document(document.to_owned(), self.position));
            }
            Value::Object(members) => {
                let of_organization = organization_kind(members).or(position.of_organization);
                for member in members {
                    let path = format!("{}.{}", position.path, member.key);
                    let inside = Position { path, name: member.key.clone(), of_organization };
                    self.go(&member.node, &inside);
                }
            }
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    let path = format!("{}[{at}]", position.path);
                    self.go(item, &Position { path, ..position.clone() });
                }
            }
            Value::String(inside) => self.found.extend(of_text(inside, position)),
            Value::Scalar(_) | Value::Null => {}
        }
    }
}

/// A document as text: IAM's API encodes it as in an URL, other services do not.
fn of_text(inside: &str, position: &Position) -> Option<Embedded> {
    let decoded =
        if inside.trim_start().starts_with('%') { decode(inside)? } else { inside.to_owned() };
    let begins = decoded.trim_start().starts_with('{');
    let document = begins.then(|| json::read(&decoded).ok()).flatten()?;
    is_document(&document).then(|| position.document(decoded, (1, 1)))
}

impl Position {
    fn document(&self, text: String, (line, column): (usize, usize)) -> Embedded {
        let kind = match self.name.as_str() {
            "AssumeRolePolicyDocument" => Some(Kind::Trust),
            "PolicyDocument" | "Document" => Some(Kind::Identity),
            "Content" => self.of_organization,
            _ => None,
        };
        Embedded { path: self.path.clone(), kind, text, line, column }
    }
}

/// Of `aws organizations describe-policy`.
fn organization_kind(members: &[Member]) -> Option<Kind> {
    let summary = members.iter().find(|own| own.key == "PolicySummary")?;
    let Value::Object(members) = &summary.node.value else { return None };
    match &members.iter().find(|own| own.key == "Type")?.node.value {
        Value::String(kind) if kind == "SERVICE_CONTROL_POLICY" => Some(Kind::ServiceControl),
        Value::String(kind) if kind == "RESOURCE_CONTROL_POLICY" => Some(Kind::ResourceControl),
        _ => None,
    }
}

/// `%7B` is a brace.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        // A number may have a sign, an encoded byte has none.
        let digits = rest.get(..2).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))?;
        bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
        rest = rest.get(2..)?;
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn an_encoded_byte_has_two_hexadecimal_digits() {
        assert_eq!(decode("%7B%7d%C3%a4+").as_deref(), Some("{}ä+"));
        for text in ["%+7", "%-0", "%7", "%", "%%7B", "%zz", "%C3"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
