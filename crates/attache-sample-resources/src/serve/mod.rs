//! From a call to its answer: which service, which operation, what it needs, what it says.
//!
//! A service's module is a table of operations and a function for each, from its input to its
//! result as data; this module knows the protocols around them.

mod account;
mod dynamodb;
mod ec2;
mod elb;
mod filter;
mod input;
mod lambda;
mod rds;
mod s3;
mod sqs;

use attache_aws_protocol::call::{Answer, Inbound};
use attache_aws_protocol::serve::{Permission, Routed};
use attache_aws_protocol::xml::Lists;
use attache_aws_protocol::{
    Protocol, ServiceError, WireError, json as json_protocol, query, rest, xml,
};
use attache_identifiers::{AccountId, Region};
use serde_json::{Map, Value, json};

use crate::model::{Account, Region as Place};

/// What an operation is answered from.
pub(crate) struct Scene<'a> {
    pub(crate) account: &'a Account,
    pub(crate) place: &'a Place,
    pub(crate) region: &'a str,
}

/// An operation: its IAM action and, where AWS checks one, its resource.
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    pub(crate) action: &'static str,
    /// The ARN from the account, the region and the input; none is `*`.
    pub(crate) resource: Option<fn(AccountId, &str, &Value) -> String>,
    pub(crate) run: fn(&Scene<'_>, &Value) -> Result<Value, ServiceError>,
}

impl Operation {
    pub(crate) const fn list(
        name: &'static str,
        action: &'static str,
        run: fn(&Scene<'_>, &Value) -> Result<Value, ServiceError>,
    ) -> Self {
        Self { name, action, resource: None, run }
    }
}

fn operations(service: &str) -> &'static [Operation] {
    match service {
        "ec2" => ec2::OPERATIONS,
        "rds" => rds::OPERATIONS,
        "elasticloadbalancing" => elb::OPERATIONS,
        "sqs" => sqs::OPERATIONS,
        "lambda" => lambda::OPERATIONS,
        "dynamodb" => dynamodb::OPERATIONS,
        "s3" => s3::OPERATIONS,
        "account" => account::OPERATIONS,
        _ => &[],
    }
}

/// The protocol that a call is in. SQS alone speaks two: older clients still send forms.
pub(crate) fn protocol(service: &str, inbound: &Inbound) -> Protocol {
    match service {
        "ec2" => Protocol::Ec2Query,
        "lambda" | "account" => Protocol::RestJson,
        "s3" => Protocol::RestXml,
        "dynamodb" => Protocol::Json10,
        "sqs" if inbound.header("x-amz-target").is_some() => Protocol::Json10,
        _ => Protocol::Query,
    }
}

/// Reads a call.
pub(crate) fn route(
    account: AccountId,
    region: &Region,
    service: &str,
    inbound: &Inbound,
) -> Result<Routed, ServiceError> {
    let protocol = protocol(service, inbound);
    let (name, input) = read(service, protocol, inbound)?;
    let operation = operations(service).iter().find(|known| known.name == name);
    let Some(operation) = operation else { return Err(unknown(service, protocol, &name)) };
    let resource = operation.resource.map(|arn| arn(account, region.as_str(), &input));
    let permission = Permission {
        action: operation.action.to_owned(),
        resource: resource.unwrap_or_else(|| "*".to_owned()),
    };
    Ok(Routed {
        protocol,
        service: service.to_owned(),
        operation: name,
        input,
        permissions: vec![permission],
    })
}

/// The operation's name and its input, with members as the service names them.
fn read(
    service: &str,
    protocol: Protocol,
    inbound: &Inbound,
) -> Result<(String, Value), ServiceError> {
    let wrong = |error: WireError| error.service_error(protocol);
    match protocol {
        Protocol::Query | Protocol::Ec2Query => {
            let names: &[&str] = if service == "rds" { &["Filter", "Value"] } else { &[] };
            let input = query::input_with(inbound, names).map_err(wrong)?;
            let action = input.get("Action").and_then(Value::as_str).unwrap_or_default();
            Ok((action.to_owned(), input))
        }
        Protocol::Json10 | Protocol::Json11 => {
            let target = json_protocol::target(inbound)?;
            Ok((target.operation, json_protocol::decode(&inbound.body).map_err(wrong)?))
        }
        Protocol::RestJson | Protocol::RestXml => {
            let segments = rest::segments(&inbound.path).map_err(wrong)?;
            let parameters = rest::parameters(&inbound.query).map_err(wrong)?;
            let input: Map<String, Value> =
                parameters.into_iter().map(|(name, value)| (name, json!(value))).collect();
            let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
            let method = inbound.method.as_str();
            Ok(match service {
                "s3" => s3::operation(method, &segments, input),
                "account" => {
                    let body = json_protocol::decode(&inbound.body).map_err(wrong)?;
                    (account::operation(method, &segments), body)
                }
                _ => lambda::operation(method, &segments, input),
            })
        }
    }
}

/// The service's own words for an operation that it does not have.
fn unknown(service: &str, protocol: Protocol, name: &str) -> ServiceError {
    tracing::debug!(
        service,
        operation = name,
        "an operation that the sample resources do not answer"
    );
    match protocol {
        Protocol::RestXml => ServiceError::new(
            501,
            "NotImplemented",
            "A header you provided implies functionality that is not implemented",
        ),
        Protocol::Json10 | Protocol::Json11 | Protocol::RestJson => {
            ServiceError::new(400, "UnknownOperationException", "")
        }
        Protocol::Ec2Query => ServiceError::new(
            400,
            "InvalidAction",
            format!("The action {name} is not valid for this web service."),
        ),
        Protocol::Query => ServiceError::new(
            400,
            "InvalidAction",
            format!("Could not find operation {name} for version {}", version(service)),
        ),
    }
}

fn version(service: &str) -> &'static str {
    match service {
        "rds" => rds::VERSION,
        "sqs" => sqs::VERSION,
        _ => elb::VERSION,
    }
}

/// Answers a call that has been allowed.
pub(crate) fn answer(
    account: &Account,
    region: &str,
    routed: &Routed,
    request_id: &str,
) -> Result<Answer, ServiceError> {
    let nothing = Place::default();
    let place = account.regions.get(region).unwrap_or(&nothing);
    let scene = Scene { account, place, region };
    let (service, name) = (routed.service.as_str(), routed.operation.as_str());
    let operation = operations(service).iter().find(|known| known.name == name);
    let Some(operation) = operation else { return Err(unknown(service, routed.protocol, name)) };
    let result = (operation.run)(&scene, &routed.input)
        .map_err(|error| sqs::spelled(service, routed.protocol, error))?;
    write(service, name, routed.protocol, result, request_id)
        .map_err(|error| error.service_error(routed.protocol))
}

fn write(
    service: &str,
    name: &str,
    protocol: Protocol,
    result: Value,
    request_id: &str,
) -> Result<Answer, WireError> {
    let query = |xmlns: &str, lists: &Lists, result: &Value| {
        xml::query_response(name, xmlns, result, lists, request_id)
    };
    match protocol {
        Protocol::Ec2Query => xml::ec2_response(name, &result, request_id),
        Protocol::Query => match service {
            "rds" => query(rds::XMLNS, &rds::LISTS, &result),
            "sqs" => query(sqs::XMLNS, &sqs::LISTS, &sqs::for_query(result)),
            _ => query(elb::XMLNS, &Lists::QUERY, &result),
        },
        Protocol::RestXml => {
            xml::rest_response(s3::root(name), s3::XMLNS, &result, &s3::LISTS, request_id)
        }
        _ => json_protocol::response(protocol, &result, request_id),
    }
}
