//! DynamoDB's tables.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListTables.html>.

use attache_aws_protocol::{Protocol, ServiceError, json as json_protocol};
use attache_services::validation::TypedMember;
use serde_json::{Value, json};

use super::input::{number, text};
use super::{
    Location, OperationSpec, Scene, ServiceSpec, always, as_it_is, route_target, unknown_target,
};

/// AWS's: the most tables in an answer.
const MOST: usize = 100;

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
    types: &[TypedMember::whole("Limit"), TypedMember::text("TableName")],
    answer: |_, result, id| json_protocol::response(Protocol::Json10, result, id),
    // What writes in a transaction or in PartiQL has an action for each statement.
    action: |operation| match operation {
        "TransactGetItems" => "GetItem",
        _ => operation,
    },
    unserved_resource: |at, input| text(input, "TableName").map(|name| table_arn(at, name)),
    unknown: unknown_target,
    spelled: as_it_is,
};

fn table_arn(at: Location<'_>, name: &str) -> String {
    at.arn("dynamodb", format!("table/{name}"))
}

/// The token of a page is a table's name: the tables after it follow, whether it exists or not.
fn list(scene: &Scene<'_>, input: &Value) -> Result<Value, ServiceError> {
    let size = number(input, "Limit", 1..=MOST, MOST).map_err(|given| {
        ServiceError::new(400, "ValidationException", given.violation("limit", 1..=MOST))
    })?;
    let after = text(input, "ExclusiveStartTableName").unwrap_or_default();
    let tables = &scene.place.tables;
    let start = tables.partition_point(|table| table.name.as_str() <= after);
    let numbers = start..tables.len().min(start.saturating_add(size));
    let page: Vec<String> =
        numbers.filter_map(|number| tables.get(number)).map(|table| table.name.clone()).collect();
    Ok(match page.last() {
        Some(last) if tables.len() - start > size => {
            json!({"TableNames": page, "LastEvaluatedTableName": last})
        }
        _ => json!({"TableNames": page}),
    })
}

fn describe(scene: &Scene<'_>, input: &Value) -> Result<Value, ServiceError> {
    let name = text(input, "TableName").unwrap_or_default();
    let Some(table) = scene.place.tables.find(name, |t| t.name == name) else {
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
