//! What an input must look like, and AWS's sentences for one that does not.
//!
//! Knows: a service model's constraints (required, length, range, pattern, enumeration), as
//! botocore's models have them, and how AWS reports all that are violations at once.
//!
//! Does not know: any operation. Each service has its operations' members as tables.

mod input;
mod organization_id;
mod pattern;
mod typed;

use std::fmt;

use attache_aws_protocol::{ServiceError, number};
use attache_identifiers::excerpt;
use serde_json::Value;

pub(crate) use input::member;
pub use input::{Input, size};
pub(crate) use organization_id::OrganizationId;
pub(crate) use pattern::Pattern;

/// One member of an input.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Member {
    pub(crate) name: &'static str,
    pub(crate) required: bool,
    pub(crate) shape: &'static Shape,
}

/// A member that must be there.
pub(crate) const fn required(name: &'static str, shape: &'static Shape) -> Member {
    Member { name, required: true, shape }
}

/// A member that may be there.
pub(crate) const fn optional(name: &'static str, shape: &'static Shape) -> Member {
    Member { name, required: false, shape }
}

/// What a value must be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    /// Text of so many characters.
    Text { min: usize, max: usize, pattern: Pattern },
    /// Text that is not repeated in an error.
    Sensitive { min: usize, max: usize },
    /// One of these.
    Enum(&'static [&'static str]),
    /// Any number: a time in seconds.
    Number,
    /// A whole number.
    Integer { min: i64, max: i64 },
    /// `true` or `false`.
    Boolean,
    /// So many items at most.
    List { min: usize, max: usize, of: &'static Shape },
    /// Members.
    Structure(&'static [Member]),
}

/// No limit on a list's or text's length, where the model has none: the form's own limits hold.
pub(crate) const UNLIMITED: usize = usize::MAX;

/// Checks a whole input.
///
/// # Errors
/// `ValidationError`, with every constraint that is not met.
pub(crate) fn check(members: &[Member], input: &Value) -> Result<(), ServiceError> {
    let mut violations = Violations::default();
    check_members(members, input, &MemberPath::Root, &mut violations);
    if violations.count == 0 {
        return Ok(());
    }
    let (count, plural) = (violations.count, if violations.count == 1 { "" } else { "s" });
    let message =
        format!("{count} validation error{plural} detected: {}", violations.listed.join("; "));
    Err(ServiceError::new(400, "ValidationError", message))
}

/// The constraints that a refusal lists; all are counted. Ours: the caller chooses how many there are, and
/// a refusal must not be larger than the request.
const MOST_LISTED: usize = 20;

/// The most characters of a value that an error repeats. Ours, for the same reason.
const MOST_REPEATED: usize = 1024;

/// The constraints that were not met.
#[derive(Debug, Default)]
struct Violations {
    count: usize,
    listed: Vec<String>,
}

impl Violations {
    fn push(&mut self, shown: fmt::Arguments<'_>, at: &MemberPath<'_>, why: &str) {
        self.count += 1;
        if self.listed.len() < MOST_LISTED {
            self.listed.push(format!("{shown} at '{at}' failed to satisfy constraint: {why}"));
        }
    }
}

/// Where a value is, formatted only when there is something wrong with it.
#[derive(Clone, Copy)]
enum MemberPath<'a> {
    Root,
    Member { of: &'a MemberPath<'a>, name: &'a str },
    Item { of: &'a MemberPath<'a>, number: usize },
}

impl fmt::Display for MemberPath<'_> {
    /// `RoleName` is `roleName` in AWS's sentences, and a list's items are `tags.2.member`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Member { of, name } => {
                let dot = if matches!(of, Self::Root) { "" } else { "." };
                let (first, rest) = name.split_at_checked(1).unwrap_or((name, ""));
                write!(f, "{of}{dot}{}{rest}", first.to_lowercase())
            }
            Self::Item { of, number } => write!(f, "{of}.{number}.member"),
        }
    }
}

fn check_members(
    members: &[Member],
    input: &Value,
    of: &MemberPath<'_>,
    violations: &mut Violations,
) {
    for member in members {
        let at = &MemberPath::Member { of, name: member.name };
        match self::member(input, member.name) {
            Some(value) if !value.is_null() => check_value(member.shape, value, at, violations),
            _ if member.required => {
                let why = "Member must not be null";
                violations.push(format_args!("Value null"), at, why);
            }
            _ => {}
        }
    }
}

fn check_value(shape: &Shape, value: &Value, at: &MemberPath<'_>, violations: &mut Violations) {
    match shape {
        Shape::Text { min, max, pattern } => {
            let Some(text) = value.as_str() else { return wrong_type(at, violations) };
            let length = text.chars().count();
            check_length(
                length,
                *min,
                *max,
                format_args!("Value '{}'", Excerpt(text)),
                at,
                violations,
            );
            if !pattern.matches(text) {
                let why =
                    format!("Member must satisfy regular expression pattern: {}", pattern.text());
                violations.push(format_args!("Value '{}'", Excerpt(text)), at, &why);
            }
        }
        Shape::Sensitive { min, max } => {
            let Some(text) = value.as_str() else { return wrong_type(at, violations) };
            let length = text.chars().count();
            check_length(length, *min, *max, format_args!("Value"), at, violations);
        }
        Shape::Enum(names) => {
            let Some(text) = value.as_str() else { return wrong_type(at, violations) };
            if !names.contains(&text) {
                let why = format!("Member must satisfy enum value set: [{}]", names.join(", "));
                violations.push(format_args!("Value '{}'", Excerpt(text)), at, &why);
            }
        }
        Shape::Number => {
            if !value.is_number() {
                wrong_type(at, violations);
            }
        }
        Shape::Integer { min, max } => check_whole(value, *min, *max, at, violations),
        Shape::Boolean => {
            let flag = value.is_boolean()
                || value.as_str().is_some_and(|t| matches!(t, "true" | "false" | "True" | "False"));
            if !flag {
                wrong_type(at, violations);
            }
        }
        Shape::List { min, max, of } => {
            // A form's empty list is an empty text.
            let items = match value {
                Value::Array(items) => items.as_slice(),
                Value::String(text) if text.is_empty() => &[],
                _ => return wrong_type(at, violations),
            };
            check_length(items.len(), *min, *max, format_args!("{}", Items(items)), at, violations);
            for (item, number) in items.iter().zip(1..) {
                check_value(of, item, &MemberPath::Item { of: at, number }, violations);
            }
        }
        Shape::Structure(members) => {
            if !value.is_object() {
                return wrong_type(at, violations);
            }
            check_members(members, value, at, violations);
        }
    }
}

fn check_length(
    length: usize,
    min: usize,
    max: usize,
    shown: fmt::Arguments<'_>,
    at: &MemberPath<'_>,
    violations: &mut Violations,
) {
    if length < min {
        let why = format!("Member must have length greater than or equal to {min}");
        violations.push(shown, at, &why);
    }
    if length > max {
        let why = format!("Member must have length less than or equal to {max}");
        violations.push(shown, at, &why);
    }
}

fn check_whole(
    value: &Value,
    min: i64,
    max: i64,
    at: &MemberPath<'_>,
    violations: &mut Violations,
) {
    let number = value.as_i64().or_else(|| value.as_str().and_then(number::whole));
    let Some(number) = number else { return wrong_type(at, violations) };
    let shown = format_args!("Value '{number}'");
    if number < min {
        let why = format!("Member must have value greater than or equal to {min}");
        violations.push(shown, at, &why);
    }
    if number > max {
        let why = format!("Member must have value less than or equal to {max}");
        violations.push(shown, at, &why);
    }
}

/// A value of another type than its member's. AWS's parser fails before its validator sees such a
/// value, and words it differently from service to service.
fn wrong_type(at: &MemberPath<'_>, violations: &mut Violations) {
    let why = "Member must have the type that the service's model gives it";
    violations.push(format_args!("Value"), at, why);
}

/// A value, as far as an error repeats it.
struct Excerpt<'v>(&'v str);

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&excerpt(self.0, MOST_REPEATED))
    }
}

/// A list, shown where all its items are text.
struct Items<'v>(&'v [Value]);

impl fmt::Display for Items<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts: Option<Vec<&str>> = self.0.iter().map(Value::as_str).collect();
        match texts {
            Some(texts) => write!(f, "Value '[{}]'", Excerpt(&texts.join(", "))),
            None => f.write_str("Value"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NAME: Shape = Shape::Text { min: 2, max: 5, pattern: Pattern::Name };
    const KEY: Shape = Shape::Text { min: 1, max: 3, pattern: Pattern::Any };
    const TAG: Shape = Shape::Structure(&[required("Key", &KEY)]);
    const TAGS: Shape = Shape::List { min: 0, max: 2, of: &TAG };
    const SECRET: Shape = Shape::Sensitive { min: 4, max: 8 };
    const MEMBERS: &[Member] = &[
        required("RoleName", &NAME),
        optional("Tags", &TAGS),
        optional("Token", &SECRET),
        optional("Seconds", &Shape::Integer { min: 900, max: 43200 }),
        optional("Scope", &Shape::Enum(&["All", "AWS"])),
    ];

    fn message_of(input: &Value) -> String {
        check(MEMBERS, input).err().map(|e| e.message).unwrap_or_default()
    }

    #[test]
    fn a_broken_constraint_is_told_in_awss_words() {
        let one = "1 validation error detected: ";
        for (name, input, message) in [
            (
                "missing",
                json!({}),
                "Value null at 'roleName' failed to satisfy constraint: Member must not be null",
            ),
            (
                "long",
                json!({"RoleName": "abcdef"}),
                "Value 'abcdef' at 'roleName' failed to satisfy constraint: Member must have length less than or equal to 5",
            ),
            (
                "bad character",
                json!({"RoleName": "a:2"}),
                "Value 'a:2' at 'roleName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]+",
            ),
            (
                "in a list",
                json!({"RoleName": "abc", "Tags": [{"Key": "a"}, {"Key": "long"}]}),
                "Value 'long' at 'tags.2.member.key' failed to satisfy constraint: Member must have length less than or equal to 3",
            ),
            (
                "a secret",
                json!({"RoleName": "abc", "Token": "123456789"}),
                "Value at 'token' failed to satisfy constraint: Member must have length less than or equal to 8",
            ),
            (
                "a number",
                json!({"RoleName": "abc", "Seconds": "899"}),
                "Value '899' at 'seconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
            ),
            (
                "an enumeration",
                json!({"RoleName": "abc", "Scope": "Ours"}),
                "Value 'Ours' at 'scope' failed to satisfy constraint: Member must satisfy enum value set: [All, AWS]",
            ),
        ] {
            assert_eq!(message_of(&input), format!("{one}{message}"), "{name}");
        }
    }

    #[test]
    fn all_that_is_broken_is_told_at_once() {
        let message = message_of(&json!({"RoleName": "a", "Seconds": 1}));
        assert!(message.starts_with("2 validation errors detected: Value 'a' at"), "{message}");
        assert!(message.contains("; Value '1' at 'seconds'"), "{message}");
    }

    #[test]
    fn no_refusal_is_larger_than_what_it_refuses() {
        let long = "x".repeat(1_000_000);
        let listed = message_of(&json!({"RoleName": long}));
        assert!(listed.len() < 2000 && listed.contains("x…' at 'roleName'"), "{}", listed.len());
        let many: Vec<Value> = (0..5000).map(|_| json!({"Key": "much too long"})).collect();
        let listed = message_of(&json!({"RoleName": "abc", "Tags": many}));
        assert!(listed.starts_with("5001 validation errors detected: ") && listed.len() < 8000);
    }

    #[test]
    fn a_number_is_digits_and_nothing_else() {
        for bad in ["+900", " 900", "900 ", "9e2", "900.0", "0x384", "٩٠٠", ""] {
            assert!(
                message_of(&json!({"RoleName": "abc", "Seconds": bad})).contains("'seconds'"),
                "{bad:?}"
            );
        }
    }

    #[test]
    fn what_is_right_passes() {
        assert_eq!(message_of(&json!({"RoleName": "abc", "Tags": "", "Seconds": "900"})), "");
    }
}
