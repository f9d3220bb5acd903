//! Which operation a REST call is for, and its input.

use attache_aws_protocol::call::Inbound;
use attache_aws_protocol::{Protocol, ServiceError, json as document, rest};
use http::Method;
use serde_json::{Map, Value, json};

use crate::service::Routed;

/// A call to EKS.
///
/// # Errors
/// When it cannot be read, or its path is no operation's.
pub(super) fn route(inbound: &Inbound) -> Result<Routed, ServiceError> {
    let segments = segments(inbound)?;
    let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
    let (name, path): (_, &[(&str, &str)]) = match (&inbound.method, parts.as_slice()) {
        (&Method::GET, ["clusters"]) => ("ListClusters", &[]),
        (&Method::GET, ["clusters", name]) => ("DescribeCluster", &[("clusterName", name)]),
        (&Method::GET, ["clusters", name, "pod-identity-associations"]) => {
            ("ListPodIdentityAssociations", &[("clusterName", name)])
        }
        (&Method::POST, ["clusters", name, "pod-identity-associations"]) => {
            ("CreatePodIdentityAssociation", &[("clusterName", name)])
        }
        (method, ["clusters", name, "pod-identity-associations", id]) => {
            let named = match *method {
                Method::GET => "DescribePodIdentityAssociation",
                Method::POST => "UpdatePodIdentityAssociation",
                Method::DELETE => "DeletePodIdentityAssociation",
                _ => return Err(unknown(inbound)),
            };
            (named, &[("clusterName", name), ("associationId", id)])
        }
        (method, ["tags", arn]) => {
            let named = match *method {
                Method::GET => "ListTagsForResource",
                Method::POST => "TagResource",
                Method::DELETE => "UntagResource",
                _ => return Err(unknown(inbound)),
            };
            (named, &[("resourceArn", arn)])
        }
        _ => return Err(unknown(inbound)),
    };
    Ok(Routed { operation: name.to_owned(), input: input(inbound, path)? })
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
