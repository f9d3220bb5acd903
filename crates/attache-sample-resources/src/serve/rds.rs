//! RDS's instances.
//!
//! Source: <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBInstances.html>.

use attache_aws_protocol::xml::{self, Lists};
use attache_aws_protocol::{Protocol, ServiceError};
use attache_services::validation::TypedMember;
use serde_json::{Value, json};

use super::input::{number, text, texts};
use super::{
    OperationSpec, Scene, ServiceSpec, always, any_resource, as_it_is, route_form, same_name,
    unknown_form,
};
use crate::model::{Collection, Database};
use crate::page::PageRequest;

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
    types: &[
        TypedMember::text("DBInstanceIdentifier"),
        TypedMember::structures("Filters"),
        TypedMember::whole("MaxRecords"),
        TypedMember::text("Marker"),
    ],
    answer: |name, result, id| xml::query_response(name, XMLNS, result, &LISTS, id),
    action: same_name,
    unserved_resource: any_resource,
    spelled: as_it_is,
    unknown: |name| unknown_form(name, VERSION),
};

fn instances(scene: &Scene<'_>, input: &Value) -> Result<Value, ServiceError> {
    let all = &scene.place.databases;
    let filters = filters(input)?;
    let size = number(input, "MaxRecords", 20..=100, 100).map_err(|given| {
        let message =
            format!("Invalid value {} for MaxRecords. Must be between 20 and 100", given.0);
        ServiceError::new(400, "InvalidParameterValue", message)
    })?;
    let (operation, token) = ("DescribeDBInstances", text(input, "Marker"));
    let request = PageRequest { operation, token, size };
    let invalid =
        || ServiceError::new(400, "InvalidParameterValue", "The parameter Marker is invalid");
    let keep = |db: &Database| Ok(filters.iter().all(|filter| filter.keeps(db)));
    let named;
    let page = match text(input, "DBInstanceIdentifier") {
        Some(id) => {
            let found = all.find(id, |db| db.id.eq_ignore_ascii_case(id) || db.arn == id);
            let Some(found) = found else {
                let message = format!("DBInstance {id} not found.");
                return Err(ServiceError::new(404, "DBInstanceNotFound", message));
            };
            named = Collection::Held(vec![found.into_owned()]);
            request.cut(&named, invalid, keep)?
        }
        None => request.cut(all, invalid, keep)?,
    };
    let items: Vec<Value> = page.items.iter().map(|db| database(db)).collect();
    Ok(match page.next {
        Some(next) => json!({"DBInstances": items, "Marker": next}),
        None => json!({"DBInstances": items}),
    })
}

/// One of a call's filters.
enum Filter<'v> {
    Engine(Vec<&'v str>),
    Id(Vec<&'v str>),
}

impl Filter<'_> {
    fn keeps(&self, db: &Database) -> bool {
        match self {
            Self::Engine(values) => values.contains(&db.engine.0),
            Self::Id(values) => values.iter().any(|v| *v == db.id || *v == db.arn),
        }
    }
}

fn filters(input: &Value) -> Result<Vec<Filter<'_>>, ServiceError> {
    let list = input.get("Filters").and_then(Value::as_array).into_iter().flatten();
    list.map(|filter| {
        let (name, values) = (text(filter, "Name").unwrap_or_default(), texts(filter, "Values"));
        match name {
            "engine" => Ok(Filter::Engine(values)),
            "db-instance-id" => Ok(Filter::Id(values)),
            _ => {
                let message = format!("Unrecognized filter name: {name}");
                Err(ServiceError::new(400, "InvalidParameterValue", message))
            }
        }
    })
    .collect()
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
