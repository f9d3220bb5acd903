//! Calls and answers of the services that speak JSON: Organizations, CloudTrail, EKS and EKS Auth.

use attache_aws_protocol::call::{Answer, Inbound};
use attache_aws_protocol::{Protocol, ServiceError, json as wire};
use serde_json::{Value, json};

use crate::refusal::failure;
use crate::service::{Body, Routed};

/// The operation that a call's target names, and its input.
pub(crate) fn route(inbound: &Inbound) -> Result<Routed, ServiceError> {
    let target = wire::target(inbound)?;
    let input = wire::decode(&inbound.body).map_err(|e| e.service_error(Protocol::Json11))?;
    Ok(Routed { operation: target.operation, input })
}

/// An answer; one without members is an empty object.
pub(crate) fn answer(
    protocol: Protocol,
    body: &Body,
    request_id: &str,
) -> Result<Answer, ServiceError> {
    let written = match body {
        Body::Members(Value::Null) => wire::response(protocol, &json!({}), request_id),
        body => wire::response(protocol, body, request_id),
    };
    written.map_err(|_| failure())
}
