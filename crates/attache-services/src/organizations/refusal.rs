//! Organizations' refusals: code, reason and sentence.
//!
//! The sentences are AWS's where they were seen; the others are those of its API reference.

use std::borrow::Cow;

use attache_aws_protocol::ServiceError;
use serde_json::json;

use super::Refusal;
use crate::validation::{Constraint, Violation};

/// A refusal as the service writes it.
pub(super) fn body(refusal: &Refusal) -> Vec<u8> {
    let mut body = json!({"__type": refusal.error.code, "Message": refusal.error.message});
    if let (Some(reason), Some(members)) = (&refusal.reason, body.as_object_mut()) {
        members.insert("Reason".to_owned(), json!(reason));
    }
    body.to_string().into_bytes()
}

/// An exception of this code.
pub(super) fn refused(code: &'static str, message: impl Into<String>) -> Refusal {
    ServiceError::new(400, code, message).into()
}

/// A limit or a rule that would be broken.
pub(super) fn constraint(reason: &'static str, message: &str) -> Refusal {
    let error = ServiceError::new(400, "ConstraintViolationException", message);
    Refusal { error, reason: Some(reason.into()) }
}

/// A value that is not legal.
pub(super) fn invalid(reason: impl Into<Cow<'static, str>>, message: &str) -> Refusal {
    let error = ServiceError::new(400, "InvalidInputException", message);
    Refusal { error, reason: Some(reason.into()) }
}

/// An input that lacks a parameter, or has an empty list where the parameter is required.
pub(super) fn required(parameter: &str) -> Refusal {
    invalid(format!("INPUT_REQUIRED:{parameter}"), REQUIRED)
}

const REQUIRED: &str = "You must include a value for all required parameters.";

/// An input that the model does not allow. The reason names the parameter, as AWS's does:
/// `MIN_LENGTH_EXCEEDED:NAME`.
pub(super) fn broken(violation: &Violation) -> Refusal {
    let (reason, message) = match violation.constraint {
        Constraint::NotNull => ("INPUT_REQUIRED", REQUIRED),
        Constraint::Pattern(_) => {
            ("INVALID_PATTERN", "You provided a value that does not match the required pattern.")
        }
        Constraint::Enum(_) => ("INVALID_ENUM", "You specified an invalid value."),
        Constraint::MaxLength(_) => {
            ("MAX_LENGTH_EXCEEDED", "You provided a string parameter that is longer than allowed.")
        }
        Constraint::MinLength(_) => {
            ("MIN_LENGTH_EXCEEDED", "You provided a string parameter that is shorter than allowed.")
        }
        Constraint::MaxValue(_) => (
            "MAX_VALUE_EXCEEDED",
            "You provided a numeric parameter that has a larger value than allowed.",
        ),
        Constraint::MinValue(_) => (
            "MIN_VALUE_EXCEEDED",
            "You provided a numeric parameter that has a smaller value than allowed.",
        ),
    };
    invalid(format!("{reason}:{}", parameter(violation.member)), message)
}

/// A member as the reasons spell it: `TAG_KEYS` of `TagKeys`.
fn parameter(member: &str) -> String {
    let mut spelled = String::new();
    for (at, c) in member.chars().enumerate() {
        if at > 0 && c.is_ascii_uppercase() {
            spelled.push('_');
        }
        spelled.push(c.to_ascii_uppercase());
    }
    spelled
}

pub(super) fn invalid_token() -> Refusal {
    invalid("INVALID_NEXT_TOKEN", "You specified an invalid value for nextToken.")
}

pub(super) fn not_in_use() -> Refusal {
    let message = "Your account is not a member of an organization.";
    refused("AWSOrganizationsNotInUseException", message)
}

/// The caller is neither the management account nor, where that would do, its delegate.
pub(super) fn not_for_members() -> Refusal {
    refused("AccessDeniedException", "You don't have permissions to access this resource.")
}

pub(super) fn no_account() -> Refusal {
    refused("AccountNotFoundException", "You specified an account that doesn't exist.")
}

pub(super) fn no_parent() -> Refusal {
    refused("ParentNotFoundException", "You specified parent that doesn't exist.")
}

pub(super) fn no_child() -> Refusal {
    refused("ChildNotFoundException", "You specified a child that doesn't exist.")
}

pub(super) fn no_root() -> Refusal {
    refused("RootNotFoundException", "You specified a root that doesn't exist.")
}

pub(super) fn no_target() -> Refusal {
    refused("TargetNotFoundException", "You specified a target that doesn't exist.")
}

pub(super) fn no_policy() -> Refusal {
    refused("PolicyNotFoundException", "You specified a policy that doesn't exist.")
}

pub(super) fn no_unit() -> Refusal {
    let message = "You specified an organizational unit that doesn't exist.";
    refused("OrganizationalUnitNotFoundException", message)
}

/// Our own failure: nothing that the caller did.
pub(super) fn failure() -> Refusal {
    let message = "AWS Organizations can't complete your request because of an internal service error. \
         Try again later.";
    ServiceError::new(500, "ServiceException", message).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validation::{self, InvalidInput, Member, Pattern, Shape, optional, required};

    const NAME: Shape = Shape::Text { min: 1, max: 128, pattern: Pattern::Any };
    const TAG: Shape = Shape::Structure(&[required("Key", &NAME)]);
    const MEMBERS: &[Member] = &[
        optional("Name", &NAME),
        optional("Filter", &Shape::Enum(&["X"])),
        optional("Tags", &Shape::List { min: 0, max: 2, of: &TAG }),
        required("TagKeys", &Shape::List { min: 0, max: 2, of: &NAME }),
        required("TargetId", &NAME),
    ];

    #[test]
    fn a_reason_names_its_parameter() {
        let long = "x".repeat(129);
        // A value that reads like a sentence of another constraint decides nothing.
        let hostile = format!("enum value set' at 'filter' failed to satisfy constraint: {long}");
        for (input, reason) in [
            (json!({"Name": ""}), "MIN_LENGTH_EXCEEDED:NAME"),
            (json!({"TagKeys": null}), "INPUT_REQUIRED:TAG_KEYS"),
            (json!({"Tags": [{"Key": long}]}), "MAX_LENGTH_EXCEEDED:TAGS"),
            (json!({"Filter": "a", "TargetId": null}), "INPUT_REQUIRED:TARGET_ID"),
            (json!({"Filter": "a", "Name": ""}), "INVALID_ENUM:FILTER"),
            (json!({"Name": hostile}), "MAX_LENGTH_EXCEEDED:NAME"),
        ] {
            let mut whole = json!({"TagKeys": [], "TargetId": "a"});
            whole.as_object_mut().unwrap().extend(input.as_object().unwrap().clone());
            let Err(InvalidInput::Constraints(violation)) = validation::check(MEMBERS, &whole)
            else {
                panic!("{input}")
            };
            assert_eq!(broken(&violation).reason.as_deref(), Some(reason), "{input}");
        }
    }
}
