//! Organizations' refusals: code, reason and sentence.
//!
//! The sentences are AWS's where they were seen; the others are those of its API reference.

use attache_aws_protocol::ServiceError;
use serde_json::json;

/// A refusal, with the reason that the exceptions for broken limits and inputs carry.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) error: ServiceError,
    reason: Option<&'static str>,
}

impl From<ServiceError> for Refused {
    fn from(error: ServiceError) -> Self {
        Self { error, reason: None }
    }
}

impl Refused {
    /// As the service writes it.
    pub(crate) fn body(&self) -> Vec<u8> {
        let mut body = json!({"__type": self.error.code, "Message": self.error.message});
        if let (Some(reason), Some(members)) = (self.reason, body.as_object_mut()) {
            members.insert("Reason".to_owned(), json!(reason));
        }
        body.to_string().into_bytes()
    }
}

/// An exception of this code.
pub(super) fn refused(code: &'static str, message: impl Into<String>) -> Refused {
    ServiceError::new(400, code, message).into()
}

/// A limit or a rule that would be broken.
pub(super) fn constraint(reason: &'static str, message: &str) -> Refused {
    let error = ServiceError::new(400, "ConstraintViolationException", message);
    Refused { error, reason: Some(reason) }
}

/// A value that is not legal.
pub(super) fn invalid(reason: &'static str, message: &str) -> Refused {
    let error = ServiceError::new(400, "InvalidInputException", message);
    Refused { error, reason: Some(reason) }
}

/// An input that the model does not allow. AWS does not say which member it is.
pub(super) fn broken(constraint: &str) -> Refused {
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

pub(super) fn invalid_token() -> Refused {
    invalid("INVALID_NEXT_TOKEN", "You specified an invalid value for nextToken.")
}

pub(super) fn not_in_use() -> Refused {
    let message = "Your account is not a member of an organization.";
    refused("AWSOrganizationsNotInUseException", message)
}

/// The caller is neither the management account nor, where that would do, its delegate.
pub(super) fn not_for_members() -> Refused {
    refused("AccessDeniedException", "You don't have permissions to access this resource.")
}

pub(super) fn no_account() -> Refused {
    refused("AccountNotFoundException", "You specified an account that doesn't exist.")
}

pub(super) fn no_parent() -> Refused {
    refused("ParentNotFoundException", "You specified parent that doesn't exist.")
}

pub(super) fn no_child() -> Refused {
    refused("ChildNotFoundException", "You specified a child that doesn't exist.")
}

pub(super) fn no_root() -> Refused {
    refused("RootNotFoundException", "You specified a root that doesn't exist.")
}

pub(super) fn no_target() -> Refused {
    refused("TargetNotFoundException", "You specified a target that doesn't exist.")
}

pub(super) fn no_policy() -> Refused {
    refused("PolicyNotFoundException", "You specified a policy that doesn't exist.")
}

pub(super) fn no_unit() -> Refused {
    let message = "You specified an organizational unit that doesn't exist.";
    refused("OrganizationalUnitNotFoundException", message)
}

/// Our own failure: nothing that the caller did.
pub(super) fn failure() -> Refused {
    let message = "AWS Organizations can't complete your request because of an internal service error. \
         Try again later.";
    ServiceError::new(500, "ServiceException", message).into()
}
