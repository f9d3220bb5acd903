//! The types of an input's members, for operations that check their values in their own words.

use attache_aws_protocol::{Protocol, ServiceError};
use serde_json::Value;

use super::{Member, MemberPath, Pattern, Shape, UNLIMITED, check, optional, wrong_type_at};

const TEXT: Shape = Shape::Text { min: 0, max: UNLIMITED, pattern: Pattern::Any };

/// A member with its type.
#[derive(Debug, Clone, Copy)]
pub struct TypedMember(Member);

impl TypedMember {
    /// Text.
    pub const fn text(name: &'static str) -> Self {
        Self(optional(name, &TEXT))
    }

    /// A whole number of 32 bits.
    pub const fn whole(name: &'static str) -> Self {
        Self(optional(name, &Shape::Integer { min: i64::MIN, max: i64::MAX }))
    }

    /// A list of texts.
    pub const fn texts(name: &'static str) -> Self {
        Self(optional(name, &Shape::List { min: 0, max: UNLIMITED, of: &TEXT }))
    }

    /// A list of structures, whose members are not looked at.
    pub const fn structures(name: &'static str) -> Self {
        let list = &Shape::List { min: 0, max: UNLIMITED, of: &Shape::Structure(&[]) };
        Self(optional(name, list))
    }

    /// Whether it is a number that a JSON body has as text.
    fn is_quoted(&self, input: &Value) -> bool {
        let value = super::member(input, self.0.name);
        matches!(self.0.shape, Shape::Integer { .. }) && value.is_some_and(Value::is_string)
    }
}

/// Refuses a value of another type than its member's, as AWS's parser does before an operation sees it:
/// `MalformedInput` in a form, `SerializationException` in JSON. Members that are not named are not looked
/// at.
///
/// # Errors
/// The first such value.
pub fn check_types(
    protocol: Protocol,
    members: &[TypedMember],
    input: &Value,
) -> Result<(), ServiceError> {
    let untyped: Vec<Member> = members.iter().map(|typed| typed.0).collect();
    let mut checked = check(&untyped, input);
    // The body of a call with a target has numbers as they are; a query string and a form have text alone.
    let is_json = matches!(protocol, Protocol::Json10 | Protocol::Json11);
    if let Some(quoted) = members.iter().find(|typed| is_json && typed.is_quoted(input)) {
        let at = MemberPath::Member { of: &MemberPath::Root, name: quoted.0.name };
        checked = Err(wrong_type_at(&at));
    }
    checked.map_err(|invalid| match protocol.is_json() {
        true => invalid
            .json(|violation| ServiceError::new(400, "ValidationException", violation.message)),
        false => invalid.query(),
    })
}
