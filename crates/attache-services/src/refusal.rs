//! AWS's refusals that more than one operation gives, with their codes and statuses.

use attache_aws_protocol::{Protocol, ServiceError};
use attache_identifiers::excerpt;

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

/// The refusal of an operation that AWS has and that is not served here. The sentence is ours: AWS, which
/// has the operation, says nothing of the kind.
pub(crate) fn unserved(protocol: Protocol, service: &str, operation: &str) -> ServiceError {
    let status = if protocol == Protocol::RestXml { 501 } else { 400 };
    let operation = excerpt(operation, LONGEST_OPERATION);
    let message = format!("The embedded AWS does not serve {service}:{operation}. {SEE}");
    ServiceError::new(status, unserved_code(protocol), message)
}

/// The code of what a service does not have.
pub(crate) fn unserved_code(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Query | Protocol::Ec2Query => "InvalidAction",
        Protocol::Json10 | Protocol::Json11 | Protocol::RestJson | Protocol::RpcV2Cbor => {
            "UnknownOperationException"
        }
        Protocol::RestXml => "NotImplemented",
    }
}

/// What to do about it.
pub(crate) const SEE: &str = "docs/authority.md lists the operations that it serves.";

/// Ours: AWS's longest operation has some sixty characters, and what a call names can have many more.
const LONGEST_OPERATION: usize = 200;

/// Our own failure: nothing that the caller did.
pub fn failure() -> ServiceError {
    ServiceError::new(
        500,
        "ServiceFailure",
        "The request processing has failed because of an unknown error, exception or failure.",
    )
}
