//! Why a body could not be read or written.

use crate::query::PositionError;
use crate::{Protocol, ServiceError};

/// A form, a document or a value that its protocol does not allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// More bytes than we read at once.
    #[error("{what} has {got} bytes, more than the {limit} that are read; send less at once")]
    TooLarge {
        /// What was too large: `the form`.
        what: &'static str,
        /// Our limit in bytes.
        limit: usize,
        /// What was sent, in bytes.
        got: usize,
    },
    /// More parameters or elements than the limit.
    #[error("{what} has more than {limit} parts; ask for less at once")]
    TooMany {
        /// What had too many: `the form`.
        what: &'static str,
        /// Our limit.
        limit: usize,
    },
    /// Structures inside structures beyond any that AWS has.
    #[error("{what} nests deeper than {limit} levels, which no AWS shape does")]
    TooDeep {
        /// What nests: `the document`.
        what: &'static str,
        /// Our limit.
        limit: usize,
    },
    /// Bytes that are not UTF-8 once decoded.
    #[error("{what} is not UTF-8 text; AWS's protocols are UTF-8 throughout")]
    NotUtf8 {
        /// What was decoded: `the parameter Action`.
        what: String,
    },
    /// One parameter given twice.
    #[error("the parameter {name:?} is given twice; give each once")]
    Duplicate {
        /// The parameter's name.
        name: String,
    },
    /// One name that is text and structure, or list and structure, at once.
    #[error("the parameter {name:?} contradicts another that gives the same name another shape")]
    Contradiction {
        /// The later parameter's name.
        name: String,
    },
    /// A position in a list that awsQuery does not take.
    #[error(transparent)]
    Position(#[from] PositionError),
    /// A name such as `A..B`.
    #[error("the parameter name {name:?} has an empty part")]
    EmptyName {
        /// The parameter's name.
        name: String,
    },
    /// XML that is not well formed.
    #[error("malformed XML at byte {position}: {why}")]
    Xml {
        /// Where the reader stood.
        position: u64,
        /// What is wrong, in the reader's words.
        why: String,
    },
    /// A document type definition. No AWS protocol has one, and entity bombs do.
    #[error("the document has a DOCTYPE, which is refused: no AWS protocol uses one")]
    Doctype,
    /// An entity beyond XML's own five.
    #[error(
        "the document uses the entity &{name};, which is refused: only XML's own five are read"
    )]
    Entity {
        /// The entity's name.
        name: String,
    },
    /// JSON that is not JSON.
    #[error("malformed JSON: {why}")]
    Json {
        /// What is wrong and where, in the reader's words.
        why: String,
    },
    /// A member that has not the type it was read as.
    #[error("{}{why}", if path.is_empty() { String::new() } else { format!("{path}: ") })]
    Shape {
        /// The member: `Filters.0.Values`; empty for the whole input.
        path: String,
        /// The expected type.
        why: String,
    },
    /// A value that the protocol cannot carry.
    #[error("cannot write {what} as {protocol}: {why}")]
    Unwritable {
        /// What was to be written: `DescribeInstancesResponse`.
        what: String,
        /// The format.
        protocol: &'static str,
        /// Why it cannot.
        why: String,
    },
}

impl WireError {
    /// The refusal a caller gets for input that could not be read, or, for an answer that could
    /// not be written, the failure that is ours.
    #[must_use]
    pub fn service_error(&self, protocol: Protocol) -> ServiceError {
        if let Self::Unwritable { .. } = self {
            let code = if protocol.names_errors_by_shape() {
                "InternalServerError"
            } else {
                "InternalFailure"
            };
            return ServiceError::new(500, code, self.to_string());
        }
        let code = match protocol {
            Protocol::Query => "MalformedInput",
            Protocol::Ec2Query => "InvalidRequest",
            Protocol::Json10 | Protocol::Json11 | Protocol::RestJson | Protocol::RpcV2Cbor => {
                "SerializationException"
            }
            Protocol::RestXml => "MalformedXML",
        };
        ServiceError::new(400, code, self.to_string())
    }
}
