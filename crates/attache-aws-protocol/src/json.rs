//! awsJson: one path, the operation in a header.
//!
//! <https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html>

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::call::{Answer, Inbound};
use crate::{Protocol, ServiceError, WireError};

/// The most bytes of JSON that are read. Ours: DynamoDB's largest request has 16 MiB.
pub const MAX_JSON_BYTES: usize = 16 * 1024 * 1024;

/// The most values in a body. Ours, and that of [`crate::xml::MAX_ELEMENTS`]: `[0,0,…` becomes
/// thirty times its bytes, and a page of a thousand items of any service has a tenth of this.
pub const MAX_JSON_VALUES: usize = 500_000;

/// The operation that `X-Amz-Target` names: `DynamoDB_20120810.ListTables`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The service's prefix: `DynamoDB_20120810`.
    pub service: String,
    /// The operation: `ListTables`.
    pub operation: String,
}

/// Reads the operation's name.
///
/// # Errors
/// `UnknownOperationException`, as AWS answers, when the header is missing, doubled or not of the
/// form `prefix.operation`.
pub fn target(inbound: &Inbound) -> Result<Target, ServiceError> {
    let text = inbound.header("x-amz-target").unwrap_or_default();
    match text.rsplit_once('.') {
        Some((service, operation)) if !service.is_empty() && is_operation_name(operation) => {
            Ok(Target { service: service.to_owned(), operation: operation.to_owned() })
        }
        _ => Err(ServiceError::new(
            400,
            "UnknownOperationException",
            "The X-Amz-Target header must name one operation, as Service_Version.Operation.",
        )),
    }
}

/// Ours: EC2's longest operation has 60 letters. A token in a name's place leaves its signature behind its
/// last dot, which is longer.
const LONGEST_NAME: usize = 64;

/// Whether a text can be an operation's name:
/// <https://smithy.io/2.0/spec/model.html#shape-id-abnf>.
#[must_use]
pub fn is_operation_name(text: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    (1..=LONGEST_NAME).contains(&text.len()) && text.bytes().all(legal)
}

/// Reads a body. An empty one is an empty object, as some clients send it.
///
/// # Errors
/// When it is too large, has too many values, is not UTF-8, not JSON, nests deeper than serde_json's 128 levels, or is not
/// an object.
pub fn decode(body: &[u8]) -> Result<Value, WireError> {
    if body.len() > MAX_JSON_BYTES {
        let got = body.len();
        return Err(WireError::TooLarge { what: "the body", limit: MAX_JSON_BYTES, got });
    }
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Object(Map::new()));
    }
    // A value follows one of these. Those in strings are counted too, which only refuses sooner.
    let values = body.iter().filter(|byte| matches!(byte, b',' | b'[' | b'{')).count();
    if values > MAX_JSON_VALUES {
        return Err(WireError::TooMany { what: "the body", limit: MAX_JSON_VALUES });
    }
    match serde_json::from_slice(body) {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(_) => Err(WireError::Json { why: "the body is not an object".to_owned() }),
        Err(e) => Err(WireError::Json { why: e.to_string() }),
    }
}

/// Reads a decoded body as a typed input. Unlike a form's, its types are its own.
///
/// # Errors
/// [`WireError::Shape`] where a member is missing or has not its type.
pub fn read<T: DeserializeOwned>(value: &Value) -> Result<T, WireError> {
    T::deserialize(value).map_err(|e| WireError::Shape { path: String::new(), why: e.to_string() })
}

/// An answer with status 200.
///
/// # Errors
/// When the result does not serialize.
pub fn response(
    protocol: Protocol,
    result: &impl Serialize,
    request_id: &str,
) -> Result<Answer, WireError> {
    let body = serde_json::to_vec(result).map_err(|e| WireError::Unwritable {
        what: "the answer".to_owned(),
        protocol: "JSON",
        why: e.to_string(),
    })?;
    Ok(Answer::new(200, protocol, request_id, body))
}
