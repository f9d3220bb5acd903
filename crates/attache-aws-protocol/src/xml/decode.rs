//! From a document to a value.

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};
use serde_json::{Map, Value};

use crate::WireError;

/// The most bytes of document that are read. Ours: a page of 1,000 EC2 instances has about 6 MB.
pub const MAX_XML_BYTES: usize = 32 * 1024 * 1024;

/// The most elements in a document. Ours: each costs memory far beyond its bytes, and a page of
/// 1,000 EC2 instances has about 150,000.
pub const MAX_ELEMENTS: usize = 500_000;

/// The most elements inside each other. Ours: EC2's deepest answers have about fifteen.
pub const MAX_DEPTH: usize = 64;

/// A document: its root's name and what is inside the root.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The root element's name, without a namespace prefix.
    pub root: String,
    /// The root element's namespace; empty where it has none.
    pub namespace: String,
    /// The root's content, as [`decode`] gives it.
    pub content: Value,
}

/// Reads what is inside a document's root element: children by name, repeated ones as a list, text
/// as text. Attributes and prefixes are skipped; white space between elements is no text.
///
/// ```
/// # use serde_json::json;
/// let answer = "<R><a>1</a><b><item>x</item><item>y</item></b><c/></R>";
/// assert_eq!(attache_aws_protocol::xml::decode(answer)?, json!({"a": "1", "b": {"item": ["x", "y"]}, "c": ""}));
/// # Ok::<(), attache_aws_protocol::WireError>(())
/// ```
///
/// # Errors
/// When the document exceeds a limit, is not well formed, or has a DOCTYPE or an entity beyond
/// XML's own five.
pub fn decode(text: &str) -> Result<Value, WireError> {
    parse(text).map(|document| document.content)
}

/// As [`decode`], with the root's name.
///
/// # Errors
/// As [`decode`].
pub fn parse(text: &str) -> Result<Document, WireError> {
    if text.len() > MAX_XML_BYTES {
        let got = text.len();
        return Err(WireError::TooLarge { what: "the document", limit: MAX_XML_BYTES, got });
    }
    let mut tree = Tree::default();
    let mut reader = Reader::from_str(text);
    loop {
        let event = reader.read_event().map_err(|e| malformed(reader.error_position(), &e))?;
        let position = reader.buffer_position();
        match event {
            Event::Start(start) => tree.open(&start, position)?,
            Event::Empty(start) => {
                tree.open(&start, position)?;
                tree.close(position)?;
            }
            Event::End(_) => tree.close(position)?,
            Event::Text(text) => tree.text(&text.xml10_content(), position)?,
            Event::CData(text) => tree.text(&text.xml10_content(), position)?,
            Event::GeneralRef(reference) => {
                let c = character(&reference, position)?;
                tree.text(c.encode_utf8(&mut [0; 4]), position)?;
            }
            Event::DocType(_) => return Err(WireError::Doctype),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof => return tree.finish(position),
        }
    }
}

/// An element that is still open.
struct Element {
    name: String,
    text: String,
    children: Map<String, Value>,
}

/// The document as far as it has been read.
#[derive(Default)]
struct Tree {
    open: Vec<Element>,
    elements: usize,
    namespace: String,
    root: Option<Document>,
}

impl Tree {
    fn open(&mut self, start: &BytesStart<'_>, position: u64) -> Result<(), WireError> {
        if self.open.is_empty() && self.root.is_some() {
            return Err(malformed(position, &"a second root element"));
        }
        self.elements += 1;
        if self.elements > MAX_ELEMENTS {
            return Err(WireError::TooMany { what: "the document", limit: MAX_ELEMENTS });
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(WireError::TooDeep { what: "the document", limit: MAX_DEPTH });
        }
        if self.open.is_empty() {
            self.namespace = namespace(start, position)?;
        }
        let name = start.local_name().as_ref().to_owned();
        self.open.push(Element { name, text: String::new(), children: Map::new() });
        Ok(())
    }

    fn text(&mut self, text: &str, position: u64) -> Result<(), WireError> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.trim().is_empty() => {}
            None => return Err(malformed(position, &"text outside the root element")),
        }
        Ok(())
    }

    fn close(&mut self, position: u64) -> Result<(), WireError> {
        let Some(Element { name, text, children }) = self.open.pop() else {
            return Err(malformed(position, &"an end without a start"));
        };
        let value = if children.is_empty() { Value::String(text) } else { Value::Object(children) };
        match self.open.last_mut() {
            Some(parent) => add(&mut parent.children, name, value),
            None => {
                let namespace = std::mem::take(&mut self.namespace);
                self.root = Some(Document { root: name, namespace, content: value });
            }
        }
        Ok(())
    }

    fn finish(self, position: u64) -> Result<Document, WireError> {
        if let Some(element) = self.open.last() {
            return Err(malformed(position, &format!("<{}> is never closed", element.name)));
        }
        self.root.ok_or_else(|| malformed(position, &"there is no root element"))
    }
}

/// Adds a child; a second one of its name makes a list.
fn add(children: &mut Map<String, Value>, name: String, value: Value) {
    match children.get_mut(&name) {
        None => {
            children.insert(name, value);
        }
        Some(Value::Array(items)) => items.push(value),
        Some(one) => {
            let first = one.take();
            *one = Value::Array(vec![first, value]);
        }
    }
}

/// The namespace of an element by its own declarations.
fn namespace(start: &BytesStart<'_>, position: u64) -> Result<String, WireError> {
    let name = start.name();
    let wanted = match name.prefix() {
        Some(prefix) => ["xmlns:", prefix.as_ref()].concat(),
        None => "xmlns".to_owned(),
    };
    let found = start.try_get_attribute(&wanted).map_err(|e| malformed(position, &e))?;
    Ok(found.map(|attribute| attribute.value.as_ref().to_owned()).unwrap_or_default())
}

/// The character of a reference.
fn character(reference: &BytesRef<'_>, position: u64) -> Result<char, WireError> {
    if let Some(c) = reference.resolve_char_ref().map_err(|e| malformed(position, &e))? {
        return Ok(c);
    }
    let name: &str = reference;
    match name {
        "amp" => Ok('&'),
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        _ => Err(WireError::Entity { name: name.chars().take(40).collect() }),
    }
}

fn malformed(position: u64, why: &impl ToString) -> WireError {
    WireError::Xml { position, why: why.to_string() }
}
