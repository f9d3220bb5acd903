//! Organizations' refusals: code, reason and sentence.
//!
//! The sentences are AWS's where they were seen; the others are those of its API reference.

use attache_aws_protocol::ServiceError;
use serde_json::json;

use super::Refusal;

/// A refusal as the service writes it.
pub(super) fn body(refusal: &Refusal) -> Vec<u8> {
    let mut body = json!({"__type": refusal.error.code, "Message": refusal.error.message});
    if let (Some(reason), Some(members)) = (refusal.reason, body.as_object_mut()) {
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
    Refusal { error, reason: Some(reason) }
}

/// A value that is not legal.
pub(super) fn invalid(reason: &'static str, message: &str) -> Refusal {
    let error = ServiceError::new(400, "InvalidInputException", message);
    Refusal { error, reason: Some(reason) }
}

/// An input that the model does not allow. AWS does not say which member it is.
pub(super) fn broken(constraint: &str) -> Refusal {
    let known = [
        (
            "must not be null",
            "INPUT_REQUIRED",
            "You must include a value for all required parameters.",
        ),
        ("regular expression", "INVALID_PATTERN", PATTERN),
        ("enum value set", "INVALID_ENUM", "You specified an invalid value."),
        (
            "have length less",
            "MAX_LENGTH_EXCEEDED",
            "You provided a string parameter that is longer than allowed.",
        ),
        (
            "have length greater",
            "MIN_LENGTH_EXCEEDED",
            "You provided a string parameter that is shorter than allowed.",
        ),
        (
            "have value less",
            "MAX_VALUE_EXCEEDED",
            "You provided a numeric parameter that has a larger value than allowed.",
        ),
        (
            "have value greater",
            "MIN_VALUE_EXCEEDED",
            "You provided a numeric parameter that has a smaller value than allowed.",
        ),
    ];
    let found = known.into_iter().find(|(part, ..)| constraint.contains(part));
    let (_, reason, message) = found.unwrap_or(("", "INVALID_PATTERN", PATTERN));
    invalid(reason, message)
}

const PATTERN: &str = "You provided a value that does not match the required pattern.";

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
