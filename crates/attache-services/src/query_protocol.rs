//! Calls and answers of the services that speak awsQuery: IAM and STS.

use attache_aws_protocol::call::{Answer, Inbound};
use attache_aws_protocol::xml::{self, Lists};
use attache_aws_protocol::{Protocol, ServiceError, query};
use serde_json::Value;

use crate::refusal::failure;
use crate::service::{Body, Routed};
use crate::validation::member;

/// The lists of answers; what is `entry` is a map.
const LISTS: Lists = Lists {
    default: "member",
    named: &[("SummaryMap", "entry"), ("EvalDecisionDetails", "entry")],
};

/// The operation and the input of a form.
pub fn route(inbound: &Inbound) -> Result<Routed, ServiceError> {
    let input = query::input(inbound).map_err(|e| e.service_error(Protocol::Query))?;
    match member(&input, "Action").and_then(Value::as_str) {
        Some(action) => Ok(Routed { operation: action.to_owned(), input }),
        None => Err(ServiceError::new(
            400,
            "MissingAction",
            "The request is missing an action or a required parameter.",
        )),
    }
}

/// An answer; an operation whose result is null has no result element.
pub(crate) fn answer(
    operation: &str,
    xmlns: &str,
    body: &Body,
    request_id: &str,
) -> Result<Answer, ServiceError> {
    xml::query_response(operation, xmlns, body, &LISTS, request_id).map_err(|error| {
        tracing::error!(%error, name = operation, "an answer could not be written");
        failure()
    })
}

/// The refusal of a name that is no operation's.
pub(crate) fn unknown_action(name: &str, version: &str) -> ServiceError {
    let message = format!("Could not find operation {name} for version {version}");
    ServiceError::new(400, "InvalidAction", message)
}
