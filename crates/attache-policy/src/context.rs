//! A request's condition keys.

use std::fmt;
use std::slice;

/// Condition keys with their values. Keys compare without case, values with it.
///
/// All text is in one place, concatenated: a context is made for every request, and an
/// allocation for each name and each value would cost more than the decision.
#[derive(Clone, Default)]
pub struct Context {
    text: String,
    /// In the order in which they were set: a request has some dozen, and names of other lengths need
    /// no second look.
    keys: Vec<Key>,
}

#[derive(Debug, Clone)]
struct Key {
    /// In lower case.
    name: Span,
    values: Spans,
}

/// A range of the text.
#[derive(Debug, Clone, Copy)]
struct Span {
    from: usize,
    to: usize,
}

/// Most keys have one value, which needs no list.
#[derive(Debug, Clone)]
enum Spans {
    One(Span),
    Many(Vec<Span>),
}

/// A key's values.
#[derive(Clone, Copy)]
pub struct Values<'c> {
    text: &'c str,
    spans: &'c [Span],
}

/// Ours: the keys of a call and of its caller.
const USUAL: usize = 32;

/// Ours: the bytes of those keys and of their values.
const USUAL_TEXT: usize = 2048;

impl Context {
    /// No keys.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same, for where there are never any.
    pub(crate) const fn none() -> Self {
        Self { text: String::new(), keys: Vec::new() }
    }

    /// BoundPolicies a key to one value.
    pub fn set(&mut self, key: &str, value: impl AsRef<str>) {
        self.set_at(&[key], value);
    }

    /// BoundPolicies the key whose name is the concatenation of these parts to one value.
    pub fn set_at(&mut self, key: &[&str], value: impl AsRef<str>) {
        let name = self.name(key);
        let value = self.value(value.as_ref());
        self.put(name, Spans::One(value));
    }

    /// BoundPolicies a multi-valued key.
    pub fn set_many(&mut self, key: &str, values: impl IntoIterator<Item: AsRef<str>>) {
        self.set_many_at(&[key], values);
    }

    /// The same for the key whose name has these parts.
    pub fn set_many_at(&mut self, key: &[&str], values: impl IntoIterator<Item: AsRef<str>>) {
        let name = self.name(key);
        let values = values.into_iter().map(|value| self.value(value.as_ref())).collect();
        self.put(name, Spans::Many(values));
    }

    /// Writes a name down, in lower case.
    fn name(&mut self, parts: &[&str]) -> Span {
        if self.keys.is_empty() {
            self.keys.reserve(USUAL);
            self.text.reserve(USUAL_TEXT);
        }
        let from = self.text.len();
        for part in parts {
            self.text.push_str(part);
        }
        // Nearly all names are ASCII, which has a short way.
        match self.text.get_mut(from..) {
            Some(name) if name.is_ascii() => name.make_ascii_lowercase(),
            name => {
                let lower = name.map(|name| name.to_lowercase()).unwrap_or_default();
                self.text.truncate(from);
                self.text.push_str(&lower);
            }
        }
        Span { from, to: self.text.len() }
    }

    fn value(&mut self, value: &str) -> Span {
        let from = self.text.len();
        self.text.push_str(value);
        Span { from, to: self.text.len() }
    }

    /// A later key hides an earlier one of its name; the earlier ones are looked for only where there
    /// are so many keys that some may have been set again and again.
    fn put(&mut self, name: Span, values: Spans) {
        if self.keys.len() >= USUAL {
            let own = name.of(&self.text).to_owned();
            self.remove_lower(&own);
        }
        self.keys.push(Key { name, values });
    }

    /// The key that counts of those with that name.
    fn find(&self, name: &str) -> Option<&Key> {
        self.keys.iter().rev().find(|key| key.name.is(name, &self.text))
    }

    /// Takes a key out.
    pub fn remove(&mut self, key: &str) {
        self.remove_lower(&key.to_lowercase());
    }

    fn remove_lower(&mut self, name: &str) {
        let text = &self.text;
        self.keys.retain(|key| !key.name.is(name, text));
    }

    /// A key's values, or nothing where the key is missing from the request.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Values<'_>> {
        self.get_lower(&key.to_lowercase())
    }

    /// The same by a key that is in lower case already.
    pub(crate) fn get_lower(&self, key: &str) -> Option<Values<'_>> {
        self.find(key).map(|key| self.values(key))
    }

    fn values<'c>(&'c self, key: &'c Key) -> Values<'c> {
        let spans = match &key.values {
            Spans::One(value) => slice::from_ref(value),
            Spans::Many(values) => values,
        };
        Values { text: &self.text, spans }
    }

    /// All keys in lower case, in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        let mut names: Vec<&str> = self.keys.iter().map(|key| key.name.of(&self.text)).collect();
        names.sort_unstable();
        names.dedup();
        names.into_iter()
    }
}

impl Span {
    fn of(self, text: &str) -> &str {
        text.get(self.from..self.to).unwrap_or_default()
    }

    fn is(self, name: &str, text: &str) -> bool {
        self.to - self.from == name.len()
            && text.as_bytes().get(self.from..self.to) == Some(name.as_bytes())
    }
}

impl<'c> Values<'c> {
    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = &'c str> {
        self.spans.iter().map(move |span| span.of(self.text))
    }

    /// How many there are.
    #[must_use]
    pub fn len(self) -> usize {
        self.spans.len()
    }

    /// Whether the key is there without any.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.spans.is_empty()
    }

    /// The only one; nothing where there are more, or none.
    #[must_use]
    pub fn only(self) -> Option<&'c str> {
        match self.spans {
            [only] => Some(only.of(self.text)),
            _ => None,
        }
    }

    /// The same as text of its own.
    #[must_use]
    pub fn to_vec(self) -> Vec<String> {
        self.iter().map(str::to_owned).collect()
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = self.keys().filter_map(|key| Some((key, self.get_lower(key)?)));
        f.debug_map().entries(keys).finish()
    }
}

impl fmt::Debug for Values<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl PartialEq for Context {
    fn eq(&self, other: &Self) -> bool {
        let values = |of: &Self, key: &str| of.get_lower(key).map(Values::to_vec);
        self.keys().eq(other.keys())
            && self.keys().all(|key| values(self, key) == values(other, key))
    }
}

impl Eq for Context {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_value_hides_an_earlier_one_among_few_keys_and_many() {
        for count in [0, 1, USUAL - 1, USUAL, 3 * USUAL] {
            let mut context = Context::new();
            context.set("A:Key", "first");
            for n in 0..count {
                context.set_at(&["other:", &n.to_string()], "x");
            }
            let mut once = context.clone();
            context.set_many("a:KEY", ["second", "third"]);
            context.set("a:key", "last");
            assert_eq!(context.get("A:key").and_then(Values::only), Some("last"), "{count}");
            assert_eq!(context.keys().filter(|key| *key == "a:key").count(), 1, "{count}");
            assert_eq!(context.keys().count(), count + 1, "{count}");
            assert_ne!(context, once, "{count}");
            once.set("A:KEY", "last");
            assert_eq!(context, once, "{count}");
            context.remove("A:Key");
            assert!(context.get("a:key").is_none(), "{count}");
            assert_eq!(context.keys().count(), count, "{count}");
        }
    }

    #[test]
    fn names_compare_without_case_beyond_ascii_too() {
        let mut context = Context::new();
        context.set_at(&["aws:RequestTag/", "GRÖSSE"], "L");
        assert_eq!(context.get("AWS:requesttag/größe").map(Values::to_vec), None);
        assert_eq!(context.get("AWS:requesttag/grösse").and_then(Values::only), Some("L"));
    }

    #[test]
    fn a_key_may_have_no_values() {
        let mut context = Context::new();
        context.set_many("aws:TagKeys", [""; 0]);
        let values = context.get("aws:TagKeys").unwrap();
        assert!(values.is_empty() && values.only().is_none());
        assert_eq!(format!("{context:?}"), "{\"aws:tagkeys\": []}");
    }
}
