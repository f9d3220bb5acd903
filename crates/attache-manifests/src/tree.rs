//! A YAML document as a tree in which everything has its place.

use std::ops::Range;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Location, Spanned};

use crate::chunks::chunks;
use crate::yaml::{MAX_NODES, explained, options, too_much};
use crate::{At, File, Invalid, ManifestError};

/// A value and its position.
#[derive(Clone)]
pub(crate) struct Node {
    pub(crate) value: Value,
    at: Span,
}

/// What a value is.
#[derive(Clone)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Number,
    Text(String),
    List(Vec<Node>),
    Map(Vec<Member>),
}

/// A key of a mapping and its value.
#[derive(Clone)]
pub(crate) struct Member {
    pub(crate) key: String,
    key_at: Span,
    pub(crate) node: Node,
}

/// Bytes of the file. A file has less than 4 GiB.
#[derive(Debug, Clone, Copy, Default)]
struct Span {
    start: u32,
    length: u32,
}

/// Whether an error may show lines of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Excerpts {
    Shown,
    /// The file can hold secrets, and what is where is not known yet.
    Hidden,
}

/// Hands over every document of a file that is not empty, in their order.
///
/// # Errors
/// [`ManifestError::Yaml`] with the place when a document is not YAML, and those of `take`.
pub(crate) fn documents(
    file: File<'_>,
    excerpts: Excerpts,
    mut take: impl FnMut(Node) -> Result<(), ManifestError>,
) -> Result<(), ManifestError> {
    let wrong = |at: At, message: &str, help| {
        let shown = (excerpts == Excerpts::Shown).then(|| file.text());
        ManifestError::Yaml(Invalid::new(file, &at, message, help, shown))
    };
    let mut left = MAX_NODES;
    for chunk in chunks(file.text()) {
        let text = file.text().get(chunk.clone()).unwrap_or_default();
        let read = serde_saphyr::from_multiple_with_options::<Node>(text, options(left));
        let nodes = read.map_err(|error| {
            let at = At::from(error.location().unwrap_or(Location::UNKNOWN)).bytes(text);
            let at = at.map_or(At::Bytes(chunk.clone()), |bytes| {
                At::Bytes(bytes.start + chunk.start..bytes.end + chunk.start)
            });
            let (message, help) = explained(&error);
            wrong(at, &message, help)
        })?;
        for mut node in nodes {
            let count = node.settle(u32::try_from(chunk.start).unwrap_or(u32::MAX), file.text());
            left = left
                .checked_sub(count)
                .ok_or_else(|| wrong(At::Bytes(node.at()), &too_much(), None))?;
            take(node)?;
        }
    }
    Ok(())
}

impl Node {
    /// Its bytes in the file; of a mapping, where it begins.
    pub(crate) fn at(&self) -> Range<usize> {
        self.at.bytes()
    }

    /// The members of a mapping; of anything else, none.
    pub(crate) fn members(&self) -> &[Member] {
        match &self.value {
            Value::Map(members) => members,
            _ => &[],
        }
    }

    /// A member of a mapping.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.member(key).map(|member| &member.node)
    }

    /// A member of a mapping, with its key.
    pub(crate) fn member(&self, key: &str) -> Option<&Member> {
        self.members().iter().find(|member| member.key == key)
    }

    /// Its text, where it is one.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it is `null`, which in Kubernetes and Helm is as if the key were not there.
    pub(crate) fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    /// What it is, for `expected ..., found ...`.
    pub(crate) fn kind(&self) -> &'static str {
        match &self.value {
            Value::Null => "nothing",
            Value::Bool(_) => "true or false",
            Value::Number => "a number",
            Value::Text(_) => "text",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }

    /// Moves the places from the document's beginning to the file's, gives keys that YAML takes for
    /// something else than text their text back, and counts the nodes.
    fn settle(&mut self, base: u32, text: &str) -> usize {
        self.at.start = self.at.start.saturating_add(base);
        match &mut self.value {
            Value::List(items) => {
                1 + items.iter_mut().map(|item| item.settle(base, text)).sum::<usize>()
            }
            Value::Map(members) => {
                let each = members.iter_mut().map(|member| {
                    member.key_at.start = member.key_at.start.saturating_add(base);
                    if member.key.is_empty() {
                        text.get(member.key_at()).unwrap_or_default().clone_into(&mut member.key);
                    }
                    1 + member.node.settle(base, text)
                });
                1 + each.sum::<usize>()
            }
            _ => 1,
        }
    }
}

impl Member {
    /// The key's bytes in the file.
    pub(crate) fn key_at(&self) -> Range<usize> {
        self.key_at.bytes()
    }
}

impl Span {
    fn of(at: Location) -> Self {
        let part = |part: Option<u64>| part.and_then(|part| u32::try_from(part).ok());
        let span = at.span();
        Self {
            start: part(span.byte_offset()).unwrap_or_default(),
            length: part(span.byte_len()).unwrap_or_default(),
        }
    }

    fn bytes(self) -> Range<usize> {
        let part = |part: u32| usize::try_from(part).unwrap_or(usize::MAX);
        part(self.start)..part(self.start.saturating_add(self.length))
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Spanned { value, referenced, .. } = Spanned::<Value>::deserialize(deserializer)?;
        Ok(Self { value, at: Span::of(referenced) })
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Value::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Value, E> {
        Ok(Value::Number)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Value, E> {
        Ok(Value::Number)
    }

    fn visit_i128<E>(self, _: i128) -> Result<Value, E> {
        Ok(Value::Number)
    }

    fn visit_u128<E>(self, _: u128) -> Result<Value, E> {
        Ok(Value::Number)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Value, E> {
        Ok(Value::Number)
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::Text(text))
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Value, E> {
        Ok(Value::Text(String::from_utf8_lossy(bytes).into_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut members = Vec::new();
        while let Some((key, node)) = access.next_entry::<Spanned<Key>, Node>()? {
            let key_at = Span::of(key.referenced);
            members.push(Member { key: key.value.0, key_at, node });
        }
        Ok(Value::Map(members))
    }
}

/// A key that is text. Of one that YAML takes for something else, as `1`, `y` and `~`, nothing is
/// kept: it is read at its position.
struct Key(String);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(KeyVisitor)
    }
}

struct KeyVisitor;

impl<'de> Visitor<'de> for KeyVisitor {
    type Value = Key;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a key")
    }

    fn visit_unit<E>(self) -> Result<Key, E> {
        Ok(Key(String::new()))
    }

    fn visit_none<E>(self) -> Result<Key, E> {
        Ok(Key(String::new()))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Key, D::Error> {
        Key::deserialize(deserializer)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Key, E> {
        Ok(Key(String::new()))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Key, E> {
        Ok(Key(String::new()))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Key, E> {
        Ok(Key(String::new()))
    }

    fn visit_i128<E>(self, _: i128) -> Result<Key, E> {
        Ok(Key(String::new()))
    }

    fn visit_u128<E>(self, _: u128) -> Result<Key, E> {
        Ok(Key(String::new()))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Key, E> {
        Ok(Key(String::new()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Key, E> {
        Ok(Key(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Key, E> {
        Ok(Key(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<Key, A::Error> {
        Err(A::Error::custom("expected a key, found a list"))
    }

    /// What `{{ .Values.x }}` is to YAML.
    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<Key, A::Error> {
        Err(A::Error::custom(
            "expected a key, found a mapping: a template is rendered with `helm template` first",
        ))
    }
}
