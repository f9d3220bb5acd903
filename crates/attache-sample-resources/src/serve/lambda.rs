//! Lambda's functions.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html>.

use std::sync::LazyLock;

use attache_aws_protocol::{Protocol, ServiceError, json as json_protocol};
use attache_identifiers::Arn;
use attache_ledger::PARTITION;
use attache_services::rest_routes::RestRoutes;
use attache_services::validation::TypedMember;
use serde_json::{Map, Value, json};

use super::input::{number, text};
use super::{Location, OperationSpec, Scene, ServiceSpec, always, as_it_is, route_path};
use crate::model::Function;
use crate::page::{PageRequest, all};

/// AWS's: a page has at most fifty, whatever the call says.
const MOST: usize = 50;

/// AWS's: the most that a call may ask for.
const LIMIT: usize = 10_000;

pub(super) const SERVICE: ServiceSpec = ServiceSpec {
    name: "lambda",
    protocol: Protocol::RestJson,
    speaks: always,
    operations: &[
        OperationSpec::list("ListFunctions", list),
        OperationSpec {
            name: "GetFunction",
            action: "GetFunction",
            resource: Some(|at, input| {
                function_arn(at, text(input, "FunctionName").unwrap_or_default())
            }),
            run: get,
        },
    ],
    route: |inbound| route_path(&ROUTES, Protocol::RestJson, inbound),
    types: &[TypedMember::whole("MaxItems")],
    answer: |_, result, id| json_protocol::response(Protocol::RestJson, result, id),
    action: |operation| ROUTES.action(operation).unwrap_or(operation),
    unserved_resource: |at, input| text(input, "FunctionName").map(|name| function_arn(at, name)),
    unknown: |_| None,
    spelled: as_it_is,
};

/// All operations of Lambda.
static ROUTES: LazyLock<RestRoutes> =
    LazyLock::new(|| RestRoutes::read(include_str!("operations/lambda.txt")));

/// The ARN of a function that is named by its name or by its ARN.
fn function_arn(at: Location<'_>, name: &str) -> String {
    match Arn::parse(name) {
        Ok(arn) => arn.to_string(),
        Err(_) => at.arn("lambda", format!("function:{name}")),
    }
}

fn list(scene: &Scene<'_>, input: &Value) -> Result<Value, ServiceError> {
    let invalid = |m: String| ServiceError::new(400, "InvalidParameterValueException", m);
    let size = number(input, "MaxItems", 1..=LIMIT, MOST)
        .map_err(|given| invalid(given.violation("maxItems", 1..=LIMIT)))?;
    let (operation, token) = ("ListFunctions", text(input, "Marker"));
    let request = PageRequest { operation, token, size: size.min(MOST) };
    let refused = || invalid("Invalid pagination token".to_owned());
    let page = request.cut(&scene.place.functions, refused, all)?;
    let functions: Vec<Value> = page.items.iter().map(|f| function(scene, f)).collect();
    Ok(match page.next {
        Some(next) => json!({"Functions": functions, "NextMarker": next}),
        None => json!({"Functions": functions}),
    })
}

fn get(scene: &Scene<'_>, input: &Value) -> Result<Value, ServiceError> {
    let given = text(input, "FunctionName").unwrap_or_default();
    let name = given.rsplit(':').next().unwrap_or(given);
    let Some(found) = scene.place.functions.find(name, |f| f.name == name) else {
        let message = format!("Function not found: {}", function_arn(scene.location(), name));
        return Err(ServiceError::new(404, "ResourceNotFoundException", message));
    };
    let tags: Map<String, Value> = found.tags.iter().map(|(k, v)| (k.clone(), json!(v))).collect();
    Ok(json!({"Configuration": function(scene, &found), "Tags": tags}))
}

fn function(scene: &Scene<'_>, f: &Function) -> Value {
    json!({
        "FunctionName": f.name,
        "FunctionArn": function_arn(scene.location(), &f.name),
        "Runtime": f.runtime,
        "Role": Arn::role(PARTITION, scene.account.id, "/", &f.name).to_string(),
        "Handler": "app.handler",
        "CodeSize": f.size,
        "Description": "",
        "Timeout": 30,
        "MemorySize": f.memory,
        "LastModified": f.modified,
        "CodeSha256": f.sha,
        "Version": "$LATEST",
        "TracingConfig": {"Mode": "PassThrough"},
        "PackageType": "Zip",
        "Architectures": ["x86_64"],
        "EphemeralStorage": {"Size": 512},
    })
}
