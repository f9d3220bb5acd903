//! RDS's instances.
//!
//! Source: <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBInstances.html>.

use attache_aws_protocol::xml::{self, Lists};
use attache_aws_protocol::{Protocol, ServiceError};
use serde_json::{Value, json};

use super::input::{number, text, texts};
use super::{
    OperationSpec, Scene, ServiceSpec, always, any_resource, as_it_is, route_form, same_name,
    unknown_form,
};
use crate::model::Database;
use crate::page::page;

const VERSION: &str = "2014-10-31";
const XMLNS: &str = "http://rds.amazonaws.com/doc/2014-10-31/";
const LISTS: Lists = Lists {
    default: "member",
    named: &[
        ("DBInstances", "DBInstance"),
        ("Subnets", "Subnet"),
        ("TagList", "Tag"),
        ("VpcSecurityGroups", "VpcSecurityGroupMembership"),
        ("DBParameterGroups", "DBParameterGroup"),
    ],
};

pub(super) const SERVICE: ServiceSpec = ServiceSpec {
    name: "rds",
    protocol: Protocol::Query,
    speaks: always,
    operations: &[OperationSpec {
        name: "DescribeDBInstances",
        action: "DescribeDBInstances",
        resource: Some(|at, input| {
            let id = text(input, "DBInstanceIdentifier").unwrap_or("*");
            at.arn("rds", format!("db:{id}"))
        }),
        run: instances,
    }],
    route: |inbound| route_form(Protocol::Query, &["Filter", "Value"], inbound),
    answer: |name, result, id| xml::query_response(name, XMLNS, result, &LISTS, id),
    action: same_name,
    unserved_resource: any_resource,
    spelled: as_it_is,
    unknown: |name| unknown_form(name, VERSION),
};

fn instances(scene: &Scene<'_>, input: &Value) -> Result<Value, ServiceError> {
    let mut found: Vec<Database> = scene.place.databases.clone();
    if let Some(id) = text(input, "DBInstanceIdentifier") {
        found.retain(|db| db.id.eq_ignore_ascii_case(id) || db.arn == id);
        if found.is_empty() {
            let message = format!("DBInstance {id} not found.");
            return Err(ServiceError::new(404, "DBInstanceNotFound", message));
        }
    }
    for filter in input.get("Filters").and_then(Value::as_array).into_iter().flatten() {
        let (name, values) = (text(filter, "Name").unwrap_or_default(), texts(filter, "Values"));
        match name {
            "engine" => found.retain(|db| values.contains(&db.engine.0)),
            "db-instance-id" => {
                found.retain(|db| values.iter().any(|v| *v == db.id || *v == db.arn));
            }
            _ => {
                let message = format!("Unrecognized filter name: {name}");
                return Err(ServiceError::new(400, "InvalidParameterValue", message));
            }
        }
    }
    let size = number(input, "MaxRecords", 20..=100, 100).map_err(|given| {
        let message =
            format!("Invalid value {} for MaxRecords. Must be between 20 and 100", given.0);
        ServiceError::new(400, "InvalidParameterValue", message)
    })?;
    let page = page("DescribeDBInstances", &found, text(input, "Marker"), size).map_err(|_| {
        ServiceError::new(400, "InvalidParameterValue", "The parameter Marker is invalid")
    })?;
    let items: Vec<Value> = page.items.iter().map(database).collect();
    Ok(match page.next {
        Some(next) => json!({"DBInstances": items, "Marker": next}),
        None => json!({"DBInstances": items}),
    })
}

fn database(db: &Database) -> Value {
    let (engine, version, port) = db.engine;
    let subnets: Vec<Value> = db
        .subnets
        .iter()
        .map(|(id, zone)| {
            json!({
                "SubnetIdentifier": id, "SubnetAvailabilityZone": {"Name": zone},
                "SubnetStatus": "Active",
            })
        })
        .collect();
    let tags: Vec<Value> = db.tags.iter().map(|(k, v)| json!({"Key": k, "Value": v})).collect();
    json!({
        "DBInstanceIdentifier": db.id,
        "DBInstanceClass": db.class,
        "Engine": engine,
        "EngineVersion": version,
        "DBInstanceStatus": "available",
        "MasterUsername": "admin",
        "Endpoint": {"Address": db.endpoint, "Port": port},
        "AllocatedStorage": db.storage,
        "InstanceCreateTime": db.created,
        "AvailabilityZone": db.zone,
        "MultiAZ": db.multi_zone,
        "DBSubnetGroup": {
            "DBSubnetGroupName": "default", "VpcId": db.vpc,
            "SubnetGroupStatus": "Complete", "Subnets": subnets,
        },
        "PubliclyAccessible": false,
        "StorageType": "gp3",
        "StorageEncrypted": true,
        "DbiResourceId": db.resource_id,
        "DBInstanceArn": db.arn,
        "DeletionProtection": true,
        "TagList": tags,
    })
}
