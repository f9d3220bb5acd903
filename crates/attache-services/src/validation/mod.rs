//! What an input must look like, and AWS's sentences for one that does not.
//!
//! Knows: a service model's constraints (required, length, range, pattern, enumeration), as
//! botocore's models have them, and how AWS reports all that are violations at once.
//!
//! Does not know: any operation. Each service has its operations' members as tables.

mod constraint;
mod input;
mod invalid;
mod organization_id;
mod pattern;
mod typed;
mod types;

use std::fmt;

use attache_aws_protocol::number;
use attache_identifiers::excerpt;
use serde_json::Value;

pub(crate) use constraint::Constraint;
pub(crate) use input::member;
pub use input::{Input, size};
pub(crate) use invalid::{InvalidInput, Violation};
pub(crate) use organization_id::OrganizationId;
pub(crate) use pattern::Pattern;
pub use types::{TypedMember, check_types};

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
    /// A whole number of 32 bits.
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
/// The first value of another type than its member's, which AWS's parser refuses before its validator sees
/// the input; else every constraint that is not met.
pub(crate) fn check(members: &[Member], input: &Value) -> Result<(), InvalidInput> {
    let mut violations = Violations::default();
    check_members(members, input, &MemberPath::Root, &mut violations);
    if let Some(message) = violations.wrong_type {
        return Err(InvalidInput::Type { message });
    }
    let Some((constraint, member)) = violations.reported else { return Ok(()) };
    let (count, plural) = (violations.count, if violations.count == 1 { "" } else { "s" });
    let message =
        format!("{count} validation error{plural} detected: {}", violations.listed.join("; "));
    Err(InvalidInput::Constraints(Violation { message, constraint, member }))
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
    /// The one of the lowest rank, and the input's member that it is in.
    reported: Option<(Constraint, &'static str)>,
    /// The first value of another type than its member's.
    wrong_type: Option<String>,
}

impl Violations {
    fn push(&mut self, shown: fmt::Arguments<'_>, at: &MemberPath<'_>, constraint: Constraint) {
        self.count += 1;
        if self.listed.len() < MOST_LISTED {
            self.listed
                .push(format!("{shown} at '{at}' failed to satisfy constraint: {constraint}"));
        }
        if self.reported.is_none_or(|(known, _)| constraint.rank() < known.rank()) {
            self.reported = Some((constraint, at.member()));
        }
    }
}

/// Where a value is, formatted only when there is something wrong with it.
#[derive(Clone, Copy)]
enum MemberPath<'a> {
    Root,
    Member { of: &'a MemberPath<'a>, name: &'static str },
    Item { of: &'a MemberPath<'a>, number: usize },
}

impl MemberPath<'_> {
    /// The input's own member that it is in.
    fn member(&self) -> &'static str {
        match self {
            Self::Root => "",
            Self::Member { of: Self::Root, name } => name,
            Self::Member { of, .. } | Self::Item { of, .. } => of.member(),
        }
    }
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
                violations.push(format_args!("Value null"), at, Constraint::NotNull);
            }
            _ => {}
        }
    }
}

fn check_value(shape: &Shape, value: &Value, at: &MemberPath<'_>, violations: &mut Violations) {
    match shape {
        Shape::Text { min, max, pattern } => {
            let Some(text) = value.as_str() else { return wrong_type(value, at, violations) };
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
                let constraint = Constraint::Pattern(*pattern);
                violations.push(format_args!("Value '{}'", Excerpt(text)), at, constraint);
            }
        }
        Shape::Sensitive { min, max } => {
            let Some(text) = value.as_str() else { return wrong_type(value, at, violations) };
            let length = text.chars().count();
            check_length(length, *min, *max, format_args!("Value"), at, violations);
        }
        Shape::Enum(names) => {
            let Some(text) = value.as_str() else { return wrong_type(value, at, violations) };
            if !names.contains(&text) {
                let constraint = Constraint::Enum(names);
                violations.push(format_args!("Value '{}'", Excerpt(text)), at, constraint);
            }
        }
        Shape::Number => {
            if !value.is_number() {
                wrong_type(value, at, violations);
            }
        }
        Shape::Integer { min, max } => check_whole(value, *min, *max, at, violations),
        Shape::Boolean => {
            let flag = value.is_boolean()
                || value.as_str().is_some_and(|t| matches!(t, "true" | "false" | "True" | "False"));
            if !flag {
                wrong_type(value, at, violations);
            }
        }
        Shape::List { min, max, of } => {
            // A form's empty list is an empty text.
            let items = match value {
                Value::Array(items) => items.as_slice(),
                Value::String(text) if text.is_empty() => &[],
                _ => return wrong_type(value, at, violations),
            };
            check_length(items.len(), *min, *max, format_args!("{}", Items(items)), at, violations);
            for (item, number) in items.iter().zip(1..) {
                let at = &MemberPath::Item { of: at, number };
                if item.is_null() {
                    // A gap in a form's positions.
                    violations.push(format_args!("Value null"), at, Constraint::NotNull);
                    continue;
                }
                check_value(of, item, at, violations);
            }
        }
        Shape::Structure(members) => {
            if !value.is_object() {
                return wrong_type(value, at, violations);
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
        violations.push(shown, at, Constraint::MinLength(min));
    }
    if length > max {
        violations.push(shown, at, Constraint::MaxLength(max));
    }
}

fn check_whole(
    value: &Value,
    min: i64,
    max: i64,
    at: &MemberPath<'_>,
    violations: &mut Violations,
) {
    // A form's numbers have 32 bits; of JSON's the range is checked as of any other.
    let of_form = |text| number::whole(text).filter(|number| i32::try_from(*number).is_ok());
    let number = value.as_i64().or_else(|| value.as_str().and_then(of_form));
    let Some(number) = number else { return wrong_type(value, at, violations) };
    let shown = format_args!("Value '{number}'");
    if number < min {
        violations.push(shown, at, Constraint::MinValue(min));
    }
    if number > max {
        violations.push(shown, at, Constraint::MaxValue(max));
    }
}

/// A value of another type than its member's. AWS has a sentence for a list and one for a structure where
/// there should be neither; that for text is ours.
fn wrong_type(value: &Value, at: &MemberPath<'_>, violations: &mut Violations) {
    let sentence = || match value {
        Value::Array(_) => "Start of list found where not expected".to_owned(),
        Value::Object(_) => "Start of structure or map found where not expected.".to_owned(),
        _ => other_type(at),
    };
    violations.wrong_type.get_or_insert_with(sentence);
}

fn other_type(at: &MemberPath<'_>) -> String {
    format!("Value at '{at}' does not have the type that the service's model gives it")
}

/// The refusal of a value that has another type than its member.
fn wrong_type_at(at: &MemberPath<'_>) -> InvalidInput {
    InvalidInput::Type { message: other_type(at) }
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
mod tests;
