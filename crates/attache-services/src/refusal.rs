//! AWS's refusals that more than one operation gives, with their codes and statuses.

use attache_aws_protocol::ServiceError;

pub(crate) fn no_such_entity(message: impl Into<String>) -> ServiceError {
    ServiceError::new(404, "NoSuchEntity", message)
}

pub(crate) fn already_exists(message: impl Into<String>) -> ServiceError {
    ServiceError::new(409, "EntityAlreadyExists", message)
}

pub(crate) fn delete_conflict(message: impl Into<String>) -> ServiceError {
    ServiceError::new(409, "DeleteConflict", message)
}

pub(crate) fn limit_exceeded(quota: &str, limit: usize) -> ServiceError {
    let message = format!("Cannot exceed quota for {quota}: {limit}");
    ServiceError::new(409, "LimitExceeded", message)
}

pub(crate) fn invalid_input(message: impl Into<String>) -> ServiceError {
    ServiceError::new(400, "InvalidInput", message)
}

pub(crate) fn validation(message: impl Into<String>) -> ServiceError {
    ServiceError::new(400, "ValidationError", message)
}

pub(crate) fn malformed_policy(message: impl Into<String>) -> ServiceError {
    ServiceError::new(400, "MalformedPolicyDocument", message)
}

/// Our own failure: nothing that the caller did.
pub fn failure() -> ServiceError {
    ServiceError::new(
        500,
        "ServiceFailure",
        "The request processing has failed because of an unknown error, exception or failure.",
    )
}
