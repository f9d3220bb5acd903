//! Why an input is refused, and how the two families of protocols say so.

use attache_aws_protocol::ServiceError;

use super::Constraint;
use crate::service::Refusal;

/// An input that its operation's model does not allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum InvalidInput {
    /// A value has another type than its member: the parser's refusal.
    Type {
        /// AWS's sentence, where it has one.
        message: String,
    },
    /// Constraints are not met: the validator's refusal.
    Constraints(Violation),
}

/// Constraints that are not met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    /// All of them: `1 validation error detected: ...`.
    pub(crate) message: String,
    /// The one that a service reports that reports one.
    pub(crate) constraint: Constraint,
    /// The input's member that it is in.
    pub(crate) member: &'static str,
}

impl InvalidInput {
    /// As services with forms say it.
    pub(crate) fn query(self) -> ServiceError {
        match self {
            Self::Type { message } => ServiceError::new(400, "MalformedInput", message),
            Self::Constraints(violation) => {
                ServiceError::new(400, "ValidationError", violation.message)
            }
        }
    }

    /// As a service with JSON says it, which has its own code for constraints.
    pub(crate) fn json<E: From<ServiceError>>(self, constraints: impl FnOnce(Violation) -> E) -> E {
        match self {
            Self::Type { message } => {
                ServiceError::new(400, "SerializationException", message).into()
            }
            Self::Constraints(violation) => constraints(violation),
        }
    }
}

impl From<InvalidInput> for Refusal {
    fn from(invalid: InvalidInput) -> Self {
        invalid.query().into()
    }
}
