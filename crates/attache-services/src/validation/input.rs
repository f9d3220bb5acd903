//! Reading members out of an input that was checked.

use attache_aws_protocol::number;
use attache_ledger::Tag;
use serde_json::Value;

/// An input that met its shape: what is required is there, and has its type.
#[derive(Debug, Clone, Copy)]
pub struct Input<'v>(pub &'v Value);

/// The members of an input that are looked through one by one. Ours: so few are found sooner so than
/// by hashing their names.
const FEW: usize = 8;

/// A member of an input, by its name.
pub(crate) fn member<'v>(input: &'v Value, name: &str) -> Option<&'v Value> {
    let members = input.as_object()?;
    if members.len() > FEW {
        return members.get(name);
    }
    members.iter().find(|(own, _)| *own == name).map(|(_, value)| value)
}

/// About how many bytes a value takes.
pub fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() + 2,
        Value::Array(items) => items.iter().map(size).sum::<usize>() + items.len(),
        Value::Object(members) => members.iter().map(|(name, v)| name.len() + size(v)).sum(),
        _ => 5,
    }
}

impl<'v> Input<'v> {
    /// A text that is required; empty where it is not there after all.
    pub(crate) fn text(self, name: &str) -> &'v str {
        self.optional(name).unwrap_or_default()
    }

    /// A text that may be there.
    pub(crate) fn optional(self, name: &str) -> Option<&'v str> {
        member(self.0, name).and_then(Value::as_str)
    }

    /// A whole number that may be there.
    pub(crate) fn whole(self, name: &str) -> Option<i64> {
        let value = member(self.0, name)?;
        value.as_i64().or_else(|| value.as_str().and_then(number::whole))
    }

    /// Whether a flag is set.
    pub(crate) fn flag(self, name: &str) -> bool {
        let value = member(self.0, name);
        value.is_some_and(|v| v == &Value::Bool(true) || v == "true" || v == "True")
    }

    /// A list's texts; none where it is not there.
    pub(crate) fn texts(self, name: &str) -> Vec<String> {
        self.items(name).filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// The texts of one member of each of a list's structures.
    pub(crate) fn texts_of(self, name: &str, member: &str) -> Vec<String> {
        let texts = self.items(name).filter_map(|item| self::member(item, member)?.as_str());
        texts.map(str::to_owned).collect()
    }

    /// A list of tags.
    pub(crate) fn tags(self, name: &str) -> Vec<Tag> {
        let text = |item: &Value, member: &str| {
            self::member(item, member).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        self.items(name)
            .map(|item| Tag { key: text(item, "Key"), value: text(item, "Value") })
            .collect()
    }

    /// Whether a member is there at all.
    pub(crate) fn has(self, name: &str) -> bool {
        member(self.0, name).is_some_and(|value| !value.is_null())
    }

    fn items(self, name: &str) -> impl Iterator<Item = &'v Value> {
        member(self.0, name).and_then(Value::as_array).into_iter().flatten()
    }
}
