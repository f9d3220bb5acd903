//! Lambda's functions.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html>.

use attache_aws_protocol::ServiceError;
use serde_json::{Map, Value, json};

use super::input::{number, text};
use super::{Operation, Scene};
use crate::model::Function;
use crate::page::page;

/// AWS's: a page has fifty at the most, whatever is asked.
const MOST: usize = 50;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::list("ListFunctions", "lambda:ListFunctions", list),
    Operation {
        name: "GetFunction",
        action: "lambda:GetFunction",
        resource: Some(|account, region, input| {
            let name = text(input, "FunctionName").unwrap_or_default();
            format!("arn:aws:lambda:{region}:{account}:function:{name}")
        }),
        run: get,
    },
];

/// The operation that a method and a path mean.
pub(super) fn operation(
    method: &str,
    segments: &[&str],
    mut input: Map<String, Value>,
) -> (String, Value) {
    let name = match (method, segments) {
        ("GET", ["2015-03-31", "functions"]) => "ListFunctions".to_owned(),
        ("GET", ["2015-03-31", "functions", name]) => {
            input.insert("FunctionName".to_owned(), json!(name));
            "GetFunction".to_owned()
        }
        _ => format!("{method} /{}", segments.join("/")),
    };
    (name, Value::Object(input))
}

fn list(scene: &Scene<'_>, input: &Value) -> Result<Value, ServiceError> {
    let invalid = |m: String| ServiceError::new(400, "InvalidParameterValueException", m);
    let size = number(input, "MaxItems", 1..=10_000, MOST).map_err(|given| {
        invalid(format!(
            "1 validation error detected: Value '{}' at 'maxItems' failed to satisfy constraint: \
             Member must have value between 1 and 10000",
            given.0
        ))
    })?;
    let page = page("ListFunctions", &scene.place.functions, text(input, "Marker"), size.min(MOST))
        .map_err(|_| invalid("Invalid pagination token".to_owned()))?;
    let functions: Vec<Value> = page.items.iter().map(|f| function(scene, f)).collect();
    Ok(match page.next {
        Some(next) => json!({"Functions": functions, "NextMarker": next}),
        None => json!({"Functions": functions}),
    })
}

fn get(scene: &Scene<'_>, input: &Value) -> Result<Value, ServiceError> {
    let given = text(input, "FunctionName").unwrap_or_default();
    let name = given.rsplit(':').next().unwrap_or(given);
    let Some(found) = scene.place.functions.iter().find(|f| f.name == name) else {
        let (region, account) = (scene.region, scene.account.id);
        let message =
            format!("Function not found: arn:aws:lambda:{region}:{account}:function:{name}");
        return Err(ServiceError::new(404, "ResourceNotFoundException", message));
    };
    let tags: Map<String, Value> = found.tags.iter().map(|(k, v)| (k.clone(), json!(v))).collect();
    Ok(json!({"Configuration": function(scene, found), "Tags": tags}))
}

fn function(scene: &Scene<'_>, f: &Function) -> Value {
    let (region, account) = (scene.region, scene.account.id);
    json!({
        "FunctionName": f.name,
        "FunctionArn": format!("arn:aws:lambda:{region}:{account}:function:{}", f.name),
        "Runtime": f.runtime,
        "Role": format!("arn:aws:iam::{account}:role/{}", f.name),
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
