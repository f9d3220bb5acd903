//! Lists that do not end: which members ask for a page, and what is put in their place.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::Value;

/// What the tokens begin with that no service gave. It is also a legal name of a table, which is what
/// DynamoDB has for a token.
const TOKEN: &str = "attache-laboratory-page-";

/// The members of one list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Paging {
    input: &'static str,
    output: &'static str,
    more: Option<&'static str>,
}

type Operations = BTreeMap<(&'static str, &'static str), Paging>;

static PAGING: LazyLock<Operations> = LazyLock::new(|| read(include_str!("paging.txt")));

fn read(text: &'static str) -> Operations {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let paging = |line: &'static str| {
        let mut words = line.split(' ');
        let operation = (words.next()?, words.next()?);
        let (input, output) = (words.next()?, words.next()?);
        Some((operation, Paging { input, output, more: words.next() }))
    };
    lines.filter_map(paging).collect()
}

impl Paging {
    /// That of an operation; none where it has no pages.
    pub(super) fn of(service: &str, operation: &str) -> Option<Self> {
        PAGING.get(&(service, operation)).copied()
    }

    /// The token of the page that a call asks for; none for the first.
    pub(super) fn token(self, input: &Value) -> Option<String> {
        let token = input.get(self.input).and_then(Value::as_str).filter(|token| !token.is_empty());
        token.map(str::to_owned)
    }

    /// Makes the call one for the first page.
    pub(super) fn ask_for_first(self, input: &mut Value) {
        if let Some(members) = input.as_object_mut() {
            members.remove(self.input);
        }
    }

    /// Whether the answer names a next page.
    pub(super) fn has_next(self, members: &Value) -> bool {
        members.get(self.output).and_then(Value::as_str).is_some_and(|token| !token.is_empty())
    }

    /// Makes the answer name that page as the next one.
    pub(super) fn set_next(self, members: &mut Value, token: String) {
        if let Some(members) = members.as_object_mut() {
            members.insert(self.output.to_owned(), Value::String(token));
            if let Some(more) = self.more {
                members.insert(more.to_owned(), Value::Bool(true));
            }
        }
    }
}

/// Whether a token is one of the laboratory's.
pub(super) fn is_ours(token: &str) -> bool {
    token.starts_with(TOKEN)
}

/// Another token than the one given, and than all before it.
pub(super) fn token_after(token: Option<&str>) -> String {
    let number = token.and_then(|token| token.strip_prefix(TOKEN)).and_then(|n| n.parse().ok());
    format!("{TOKEN}{}", number.map_or(1, |number: u64| number.saturating_add(1)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_line_of_the_file_is_read() {
        let lines = include_str!("paging.txt").lines().filter(|line| !line.starts_with('#'));
        assert_eq!(lines.count(), PAGING.len());
        let roles = Paging::of("iam", "ListRoles").unwrap();
        assert_eq!(
            (roles.input, roles.output, roles.more),
            ("Marker", "Marker", Some("IsTruncated"))
        );
        assert_eq!(Paging::of("iam", "GetRole"), None);
    }

    #[test]
    fn a_next_page_is_named_and_the_first_is_asked_for() {
        let paging = Paging::of("iam", "ListRoles").unwrap();
        let mut answer = json!({"Roles": [], "IsTruncated": false});
        assert!(!paging.has_next(&answer));
        let first = token_after(None);
        paging.set_next(&mut answer, first.clone());
        assert_eq!(answer, json!({"Roles": [], "IsTruncated": true, "Marker": first}));
        assert!(paging.has_next(&answer) && is_ours(&first));
        assert_ne!(token_after(Some(&first)), first);
        let mut input = json!({"Marker": first, "MaxItems": "2"});
        assert_eq!(paging.token(&input), Some(first));
        paging.ask_for_first(&mut input);
        assert_eq!(input, json!({"MaxItems": "2"}));
    }
}
