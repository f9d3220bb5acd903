//! Which operation a REST call is for, and its input.

use std::sync::LazyLock;

use attache_aws_protocol::call::Inbound;
use attache_aws_protocol::{Protocol, ServiceError, json as document, rest};
use serde_json::{Map, Value, json};

use crate::rest_routes::{RestCall, RestRoutes};
use crate::service::Routed;

/// All operations of EKS.
static ROUTES: LazyLock<RestRoutes> =
    LazyLock::new(|| RestRoutes::read(include_str!("operations.txt")));

/// A call to EKS. Where AWS's model calls the cluster's member `name`, it is `clusterName` here as
/// everywhere else.
///
/// # Errors
/// When it cannot be read, or its path is no operation's.
pub(super) fn route(inbound: &Inbound) -> Result<Routed, ServiceError> {
    let call = ROUTES.find(inbound).map_err(|e| e.service_error(Protocol::RestJson))?;
    let RestCall { operation, path, .. } = call.ok_or_else(|| unknown(inbound))?;
    let path: Vec<(&str, &str)> = path
        .iter()
        .map(|(name, value)| (if *name == "name" { "clusterName" } else { name }, value.as_str()))
        .collect();
    Ok(Routed { operation: operation.to_owned(), input: input(inbound, &path)? })
}

pub(crate) fn segments(inbound: &Inbound) -> Result<Vec<String>, ServiceError> {
    rest::segments(&inbound.path).map_err(|e| e.service_error(Protocol::RestJson))
}

/// The body's members, those of the query string and those of the path; where one is given twice,
/// the path wins. `tagKeys` alone is a list.
pub(crate) fn input(inbound: &Inbound, path: &[(&str, &str)]) -> Result<Value, ServiceError> {
    let body = match inbound.body.is_empty() {
        true => json!({}),
        false => document::decode(&inbound.body)
            .map_err(|error| error.service_error(Protocol::RestJson))?,
    };
    let Value::Object(mut members) = body else {
        let message = "The request body must be a JSON object.";
        return Err(ServiceError::new(400, "SerializationException", message));
    };
    let query = rest::parameters(&inbound.query);
    for (name, value) in query.map_err(|e| e.service_error(Protocol::RestJson))? {
        add(&mut members, name, value);
    }
    for (name, value) in path {
        members.insert((*name).to_owned(), json!(value));
    }
    Ok(Value::Object(members))
}

fn add(members: &mut Map<String, Value>, name: String, value: String) {
    if name != "tagKeys" {
        members.insert(name, Value::String(value));
        return;
    }
    match members.entry(name).or_insert_with(|| json!([])) {
        Value::Array(keys) => keys.push(Value::String(value)),
        other => *other = json!([value]),
    }
}

/// The code for a path that is no operation's: AWS's front cannot even say what would be permitted.
pub(crate) const UNKNOWN_PATH: &str = "AccessDeniedException";

/// As AWS's front says it of a path that is no operation's.
pub(crate) fn unknown(inbound: &Inbound) -> ServiceError {
    let path = attache_identifiers::redact(&inbound.path, &[]);
    let shown = attache_identifiers::excerpt(&path, 200);
    let message = format!("Unable to determine service/operation name to be authorized: {shown}");
    ServiceError::new(403, UNKNOWN_PATH, message)
}
