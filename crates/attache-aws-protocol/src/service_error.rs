//! A service's refusal, in each protocol's own shape, in both directions.

use http::{HeaderMap, HeaderName};
use serde_json::{Value, json};

use crate::call::Answer;
use crate::xml::{self, escaped};
use crate::{Protocol, cbor, select};

/// The header of an error's code in the JSON protocols.
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

/// The header that names the protocol of RPC v2.
const SMITHY_PROTOCOL: HeaderName = HeaderName::from_static("smithy-protocol");

/// The error response of a service.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code} (HTTP {status}): {message}")]
pub struct ServiceError {
    /// AWS's name for the cause: `AccessDenied`.
    pub code: String,
    /// The sentence for a person.
    pub message: String,
    /// The HTTP status. Below 500 the sender is at fault, otherwise the receiver.
    pub status: u16,
}

impl ServiceError {
    /// An error of this status, code and message.
    #[must_use]
    pub fn new(status: u16, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into(), status }
    }

    /// Writes the error as the protocol's clients read it.
    #[must_use]
    pub fn render(&self, protocol: Protocol, request_id: &str) -> Answer {
        let body = match protocol {
            Protocol::Query => self.query_body(request_id).into(),
            Protocol::Ec2Query => self.ec2_body(request_id).into(),
            Protocol::RestXml => self.s3_body(request_id).into(),
            Protocol::Json10 | Protocol::Json11 | Protocol::RestJson => {
                json!({"__type": self.code, "message": self.message}).to_string().into()
            }
            Protocol::RpcV2Cbor => {
                cbor::texts(&[("__type", &self.code), ("message", &self.message)])
            }
        };
        let answer = Answer::new(self.status, protocol, request_id, body);
        match protocol {
            Protocol::RestJson | Protocol::Json10 | Protocol::Json11 => {
                answer.with_header(ERROR_TYPE, &header_safe(&self.code))
            }
            Protocol::RpcV2Cbor => answer.with_header(SMITHY_PROTOCOL, "rpc-v2-cbor"),
            _ => answer,
        }
    }

    /// Who is at fault, in awsQuery's words.
    fn fault(&self) -> &'static str {
        if self.status < 500 { "Sender" } else { "Receiver" }
    }

    fn query_body(&self, request_id: &str) -> String {
        let (code, message, id) =
            (escaped(&self.code), escaped(&self.message), escaped(request_id));
        let fault = self.fault();
        format!(
            "<ErrorResponse><Error><Type>{fault}</Type><Code>{code}</Code>\
             <Message>{message}</Message></Error><RequestId>{id}</RequestId></ErrorResponse>"
        )
    }

    fn ec2_body(&self, request_id: &str) -> String {
        let (code, message, id) =
            (escaped(&self.code), escaped(&self.message), escaped(request_id));
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error>\
             <Code>{code}</Code><Message>{message}</Message></Error></Errors>\
             <RequestID>{id}</RequestID></Response>"
        )
    }

    fn s3_body(&self, request_id: &str) -> String {
        let (code, message, id) =
            (escaped(&self.code), escaped(&self.message), escaped(request_id));
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code>\
             <Message>{message}</Message><RequestId>{id}</RequestId></Error>"
        )
    }

    /// Reads an answer whose status is an error's. It never fails: a body that is none of the
    /// protocol's (a proxy's page, an empty one) gives the status as its code.
    #[must_use]
    pub fn read(protocol: Protocol, status: u16, headers: &HeaderMap, body: &[u8]) -> Self {
        let found = if protocol.is_json() {
            read_json(headers, body)
        } else {
            std::str::from_utf8(body).ok().and_then(read_xml)
        };
        let (code, message) = found.unwrap_or_default();
        let code = if code.is_empty() { format!("HTTP{status}") } else { code };
        Self { code, message, status }
    }
}

/// Code and message of a JSON error. The header wins over the body, and both may dress the code:
/// `com.amazonaws.dynamodb.v20120810#ResourceNotFoundException`, `Code:http://internal/`.
fn read_json(headers: &HeaderMap, body: &[u8]) -> Option<(String, String)> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let header = headers.get("x-amzn-errortype").and_then(|value| value.to_str().ok());
    let code = header.or_else(|| first_text(&body, &["__type", "code", "Code"]))?;
    let message = first_text(&body, &["message", "Message", "errorMessage"]);
    Some((bare(code).to_owned(), message.unwrap_or_default().to_owned()))
}

fn first_text<'v>(value: &'v Value, names: &[&str]) -> Option<&'v str> {
    names.iter().find_map(|name| some_text(value.get(name)))
}

/// A member that is text and not empty.
fn some_text(value: Option<&Value>) -> Option<&str> {
    value.and_then(Value::as_str).filter(|text| !text.is_empty())
}

fn bare(code: &str) -> &str {
    let code = code.split(':').next().unwrap_or(code);
    code.rsplit('#').next().unwrap_or(code)
}

/// Code and message of any of the three XML shapes.
fn read_xml(body: &str) -> Option<(String, String)> {
    let xml::Document { root, content, .. } = xml::parse(body).ok()?;
    let place = match root.as_str() {
        "Response" => "Errors.Error",
        "Error" => "",
        _ => "Error",
    };
    let error = *select(&content, place).first()?;
    let code = some_text(error.get("Code"))?;
    let message = some_text(error.get("Message")).unwrap_or_default();
    Some((code.to_owned(), message.to_owned()))
}

/// A code as a header's value: a control character there would end the header.
fn header_safe(code: &str) -> String {
    code.chars().filter(|c| c.is_ascii_graphic()).collect()
}
