//! Terraform's language, as far as it is written here: blocks of attributes, formatted as `terraform fmt` does.
//!
//! Source: <https://developer.hashicorp.com/terraform/language/syntax/configuration> and
//! <https://developer.hashicorp.com/terraform/language/expressions/strings>.

use std::collections::BTreeMap;
use std::fmt::Write;

use attache_identifiers::printable;

use attache_federation::policy_text;

/// What follows `NAME =`.
#[derive(Debug, Clone)]
pub(crate) enum Expression {
    /// A string, which is this text whatever is in it.
    Text(String),
    /// An expression as it is written.
    Bare(String),
    /// A list of strings.
    List(Vec<String>),
    /// A map of strings.
    Map(BTreeMap<String, String>),
    /// A string with a JSON document, readable.
    Json(serde_json::Value),
}

/// A block: its header without the brace, and its content.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    header: String,
    attributes: Vec<(String, Expression)>,
    blocks: Vec<Block>,
}

impl Block {
    pub(crate) fn new(header: impl Into<String>) -> Self {
        Self { header: header.into(), attributes: Vec::new(), blocks: Vec::new() }
    }

    /// `resource "KIND" "LABEL"`.
    pub(crate) fn resource(kind: &str, label: &str) -> Self {
        Self::new(format!("resource \"{kind}\" \"{label}\""))
    }

    pub(crate) fn with(mut self, name: &str, value: Expression) -> Self {
        self.attributes.push((name.to_owned(), value));
        self
    }

    pub(crate) fn maybe(self, name: &str, value: Option<Expression>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    pub(crate) fn block(mut self, block: Self) -> Self {
        self.blocks.push(block);
        self
    }

    /// `lifecycle` with what Terraform leaves alone once the resource is there; nothing where that is nothing.
    pub(crate) fn ignoring(self, names: &[&str]) -> Self {
        if names.is_empty() {
            return self;
        }
        let list = Expression::Bare(format!("[{}]", names.join(", ")));
        self.block(Self::new("lifecycle").with("ignore_changes", list))
    }

    /// The block, with its closing line.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        self.write(&mut text, "");
        text
    }

    /// What fits on a line first, aligned; then one paragraph for each attribute and block of several lines.
    fn write(&self, text: &mut String, indent: &str) {
        let inner = format!("{indent}  ");
        // Writing to a String does not fail.
        let _ = writeln!(text, "{indent}{} {{", self.header);
        let (short, long): (Vec<_>, Vec<_>) =
            self.attributes.iter().partition(|(_, value)| !value.has_lines());
        let width = short.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        for (name, value) in &short {
            let _ = writeln!(text, "{inner}{name:width$} = {}", value.text(&inner));
        }
        let mut is_first = short.is_empty();
        for (name, value) in long {
            text.push_str(if is_first { "" } else { "\n" });
            is_first = false;
            let _ = writeln!(text, "{inner}{name} = {}", value.text(&inner));
        }
        for block in &self.blocks {
            text.push_str(if is_first { "" } else { "\n" });
            is_first = false;
            block.write(text, &inner);
        }
        let _ = writeln!(text, "{indent}}}");
    }
}

impl Expression {
    /// A string.
    pub(crate) fn text_of(text: &(impl ToString + ?Sized)) -> Self {
        Self::Text(text.to_string())
    }

    fn has_lines(&self) -> bool {
        match self {
            Self::Map(map) => !map.is_empty(),
            Self::Json(_) => true,
            Self::Text(_) | Self::Bare(_) | Self::List(_) => false,
        }
    }

    fn text(&self, indent: &str) -> String {
        match self {
            Self::Text(text) => quoted(text),
            Self::Bare(text) => text.clone(),
            Self::List(list) => {
                let list: Vec<String> = list.iter().map(|text| quoted(text)).collect();
                format!("[{}]", list.join(", "))
            }
            Self::Map(map) => {
                let pairs: Vec<_> = map.iter().map(|(k, v)| (quoted(k), quoted(v))).collect();
                let width = pairs.iter().map(|(k, _)| k.chars().count()).max().unwrap_or(0);
                let line = |(k, v): &(String, String)| format!("{indent}  {k:width$} = {v}\n");
                format!("{{\n{}{indent}}}", pairs.iter().map(line).collect::<String>())
            }
            Self::Json(document) => {
                let lines = without_templates(&policy_text::lines(document));
                let lines = lines.lines().map(|line| format!("{indent}  {line}\n"));
                format!("<<-JSON\n{}{indent}JSON", lines.collect::<String>())
            }
        }
    }
}

/// A string literal.
pub(crate) fn quoted(text: &str) -> String {
    let mut literal = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => literal.extend(['\\', c]),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            _ if printable(&c.to_string()) == c.to_string() => literal.push(c),
            // Writing to a String does not fail.
            _ => drop(write!(literal, "\\U{:08x}", u32::from(c))),
        }
    }
    without_templates(&literal) + "\""
}

/// A comment's line, which ends where it should.
pub(crate) fn comment(text: &str) -> String {
    format!("# {}\n", printable(text))
}

/// Without the beginning of a template: `$${` stands for `${`. After another `$` that would be ambiguous: there it is
/// the escape that Terraform's strings and JSON have in common.
fn without_templates(text: &str) -> String {
    let mut literal = String::with_capacity(text.len());
    let mut before = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let begins = matches!(c, '$' | '%') && chars.peek() == Some(&'{');
        match (begins, before == Some(c)) {
            (false, _) => literal.push(c),
            (true, false) => literal.extend([c, c]),
            // Writing to a String does not fail.
            (true, true) => drop(write!(literal, "\\u{:04x}", u32::from(c))),
        }
        before = Some(c);
    }
    literal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_is_its_text_whatever_is_in_it() {
        for (text, literal) in [
            ("plain", r#""plain""#),
            ("a\"b\\c\nd", r#""a\"b\\c\nd""#),
            ("${aws:username}", r#""$${aws:username}""#),
            ("%{ if x }", r#""%%{ if x }""#),
            ("$${x}", r#""$\u0024{x}""#),
            ("$(id) 5% $", r#""$(id) 5% $""#),
            ("\u{9b}", r#""\U0000009b""#),
        ] {
            assert_eq!(quoted(text), literal, "{text:?}");
        }
    }

    #[test]
    fn a_document_is_ascii_and_no_template() {
        let document = serde_json::json!({ "e\u{301}": "${aws:username} \u{e0041}" });
        assert_eq!(
            without_templates(&policy_text::lines(&document)),
            "{\n  \"e\\u0301\": \"$${aws:username} \\udb40\\udc41\"\n}"
        );
    }
}
