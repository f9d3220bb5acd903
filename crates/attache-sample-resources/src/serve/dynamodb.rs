//! DynamoDB's tables.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListTables.html>.

use attache_aws_protocol::{Protocol, ServiceError, json as json_protocol};
use serde_json::{Value, json};

use super::input::{number, text};
use super::{
    Location, OperationSpec, Scene, ServiceSpec, always, as_it_is, route_target, same_name,
    unknown_target,
};

pub(super) const SERVICE: ServiceSpec = ServiceSpec {
    name: "dynamodb",
    protocol: Protocol::Json10,
    speaks: always,
    operations: &[
        OperationSpec {
            name: "ListTables",
            action: "ListTables",
            resource: Some(|at, _| at.arn("dynamodb", "table/*")),
            run: list,
        },
        OperationSpec {
            name: "DescribeTable",
            action: "DescribeTable",
            resource: Some(|at, input| table_arn(at, text(input, "TableName").unwrap_or_default())),
            run: describe,
        },
    ],
    route: route_target,
    answer: |_, result, id| json_protocol::response(Protocol::Json10, result, id),
    action: same_name,
    unserved_resource: |at, input| text(input, "TableName").map(|name| table_arn(at, name)),
    unknown: unknown_target,
    spelled: as_it_is,
};

fn table_arn(at: Location<'_>, name: &str) -> String {
    at.arn("dynamodb", format!("table/{name}"))
}

/// The token of a page is a table's name: the tables after it follow, whether it exists or not.
fn list(scene: &Scene<'_>, input: &Value) -> Result<Value, ServiceError> {
    let size = number(input, "Limit", 1..=100, 100).map_err(|given| {
        let message = format!(
            "1 validation error detected: Value '{}' at 'limit' failed to satisfy constraint: \
             Member must have value less than or equal to 100",
            given.0
        );
        ServiceError::new(400, "ValidationException", message)
    })?;
    let after = text(input, "ExclusiveStartTableName").unwrap_or_default();
    let names: Vec<&str> =
        scene.place.tables.iter().map(|t| t.name.as_str()).filter(|n| *n > after).collect();
    let page: Vec<&str> = names.iter().copied().take(size).collect();
    Ok(match page.last() {
        Some(last) if names.len() > size => {
            json!({"TableNames": page, "LastEvaluatedTableName": last})
        }
        _ => json!({"TableNames": page}),
    })
}

fn describe(scene: &Scene<'_>, input: &Value) -> Result<Value, ServiceError> {
    let name = text(input, "TableName").unwrap_or_default();
    let Some(table) = scene.place.tables.iter().find(|t| t.name == name) else {
        let message = format!("Requested resource not found: Table: {name} not found");
        return Err(ServiceError::new(400, "ResourceNotFoundException", message));
    };
    Ok(json!({"Table": {
        "TableName": table.name,
        "TableArn": table_arn(scene.location(), name),
        "TableId": table.id,
        "TableStatus": "ACTIVE",
        "CreationDateTime": table.created,
        "ItemCount": table.items,
        "TableSizeBytes": table.bytes,
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"},
    }}))
}
