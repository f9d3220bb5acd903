//! From a structure to a form.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// How a service writes its lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListStyle<'a> {
    /// `Names.member.1=x`: awsQuery.
    Member,
    /// `Name.1=x`: ec2Query, and what awsQuery calls flattened.
    Flat,
    /// Pairs of a list and its item name: `("Filters", "Filter")` writes `Filters.Filter.1=x`. A
    /// list that is not among them has `member`.
    Named(&'a [(&'a str, &'a str)]),
}

/// All but RFC 3986's unreserved characters, which AWS's clients escape in forms too.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Writes a call as a form, the inverse of [`super::decode()`]. Members that are null are left out;
/// an empty list is an empty text, as AWS's clients write it.
///
/// ```
/// # use serde_json::json;
/// # use attache_aws_protocol::query::{ListStyle, encode};
/// let input = json!({"Filter": [{"Name": "vpc-id", "Value": ["vpc-1"]}], "MaxResults": 5});
/// assert_eq!(
///     encode("DescribeSubnets", "2016-11-15", &input, ListStyle::Flat),
///     "Action=DescribeSubnets&Version=2016-11-15\
///      &Filter.1.Name=vpc-id&Filter.1.Value.1=vpc-1&MaxResults=5",
/// );
/// ```
#[must_use]
pub fn encode(action: &str, version: &str, input: &Value, style: ListStyle<'_>) -> String {
    let mut form = Form { text: String::new(), style };
    form.pair("Action", action);
    form.pair("Version", version);
    if let Value::Object(members) = input {
        for (name, value) in members {
            form.value(name, name, value);
        }
    }
    form.text
}

struct Form<'a> {
    text: String,
    style: ListStyle<'a>,
}

impl Form<'_> {
    fn pair(&mut self, path: &str, value: &str) {
        if !self.text.is_empty() {
            self.text.push('&');
        }
        self.text.extend(utf8_percent_encode(path, RESERVED));
        self.text.push('=');
        self.text.extend(utf8_percent_encode(value, RESERVED));
    }

    /// Writes a value at `path`; `name` is the last member's own name, which lists go by.
    fn value(&mut self, path: &str, name: &str, value: &Value) {
        match value {
            Value::Null => {}
            Value::String(text) => self.pair(path, text),
            Value::Bool(flag) => self.pair(path, if *flag { "true" } else { "false" }),
            Value::Number(number) => self.pair(path, &number.to_string()),
            Value::Array(items) if items.is_empty() => self.pair(path, ""),
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    let path = self.item_path(path, name, at + 1);
                    self.value(&path, name, item);
                }
            }
            Value::Object(members) => {
                for (name, value) in members {
                    self.value(&format!("{path}.{name}"), name, value);
                }
            }
        }
    }

    fn item_path(&self, path: &str, name: &str, place: usize) -> String {
        let item_name = match self.style {
            ListStyle::Flat => return format!("{path}.{place}"),
            ListStyle::Member => "member",
            ListStyle::Named(names) => {
                names.iter().find(|(list, _)| *list == name).map_or("member", |(_, item)| item)
            }
        };
        format!("{path}.{item_name}.{place}")
    }
}
