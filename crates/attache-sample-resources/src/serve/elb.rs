//! Elastic Load Balancing, version 2.
//!
//! Source: <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/>.

use attache_aws_protocol::xml::{self, Lists};
use attache_aws_protocol::{Protocol, ServiceError};
use serde_json::{Value, json};

use super::input::{number, text, texts};
use super::{
    OperationSpec, Scene, ServiceSpec, always, any_resource, as_it_is, route_form, same_name,
    unknown_form,
};
use crate::model::{Balancer, Tags, TargetGroup};
use crate::page::page;

const VERSION: &str = "2015-12-01";
const XMLNS: &str = "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/";

/// AWS's: at most twenty ARNs a call.
const MOST_TAGGED: usize = 20;

pub(super) const SERVICE: ServiceSpec = ServiceSpec {
    name: "elasticloadbalancing",
    protocol: Protocol::Query,
    speaks: always,
    operations: &[
        OperationSpec::list("DescribeLoadBalancers", balancers),
        OperationSpec::list("DescribeTargetGroups", target_groups),
        OperationSpec::list("DescribeTargetHealth", health),
        OperationSpec::list("DescribeListeners", listeners),
        OperationSpec::list("DescribeTags", tags),
    ],
    route: |inbound| route_form(Protocol::Query, &[], inbound),
    answer: |name, result, id| xml::query_response(name, XMLNS, result, &Lists::QUERY, id),
    action: same_name,
    unserved_resource: any_resource,
    spelled: as_it_is,
    unknown: |name| unknown_form(name, VERSION),
};

fn no_balancer() -> ServiceError {
    ServiceError::new(400, "LoadBalancerNotFound", "One or more load balancers not found")
}

fn no_group() -> ServiceError {
    ServiceError::new(400, "TargetGroupNotFound", "One or more target groups not found")
}

/// A page of what was found, in the shape that all lists of this service have.
fn paged<T>(
    operation: &str,
    name: &str,
    found: &[T],
    input: &Value,
    show: impl Fn(&T) -> Value,
) -> Result<Value, ServiceError> {
    let invalid = |message: String| ServiceError::new(400, "ValidationError", message);
    let size = number(input, "PageSize", 1..=400, 400)
        .map_err(|given| invalid(format!("Page size '{}' must be between 1 and 400", given.0)))?;
    let page = page(operation, found, text(input, "Marker"), size)
        .map_err(|_| invalid("Invalid marker".to_owned()))?;
    let items: Vec<Value> = page.items.iter().map(show).collect();
    Ok(match page.next {
        Some(next) => json!({name: items, "NextMarker": next}),
        None => json!({name: items}),
    })
}

fn balancers(scene: &Scene<'_>, input: &Value) -> Result<Value, ServiceError> {
    let (arns, names) = (texts(input, "LoadBalancerArns"), texts(input, "Names"));
    let all = &scene.place.balancers;
    let missing = arns.iter().any(|arn| !all.iter().any(|b| b.arn == *arn))
        || names.iter().any(|name| !all.iter().any(|b| b.name == *name));
    if missing {
        return Err(no_balancer());
    }
    let every = arns.is_empty() && names.is_empty();
    let wanted =
        |b: &&Balancer| every || arns.contains(&b.arn.as_str()) || names.contains(&b.name.as_str());
    let found: Vec<&Balancer> = all.iter().filter(wanted).collect();
    paged("DescribeLoadBalancers", "LoadBalancers", &found, input, |b| {
        let zones: Vec<Value> = b
            .zones
            .iter()
            .map(|(zone, subnet)| {
                json!({"ZoneName": zone, "SubnetId": subnet, "LoadBalancerAddresses": []})
            })
            .collect();
        json!({
            "LoadBalancerArn": b.arn, "DNSName": b.dns, "CanonicalHostedZoneId": "Z35SXDOTRQ7X7K",
            "CreatedTime": b.created, "LoadBalancerName": b.name, "Scheme": b.scheme,
            "VpcId": b.vpc, "State": {"Code": "active"}, "Type": b.kind,
            "AvailabilityZones": zones, "SecurityGroups": [b.group], "IpAddressType": "ipv4",
        })
    })
}

fn target_groups(scene: &Scene<'_>, input: &Value) -> Result<Value, ServiceError> {
    let all = &scene.place.target_groups;
    let (arns, names) = (texts(input, "TargetGroupArns"), texts(input, "Names"));
    let missing = arns.iter().any(|arn| !all.iter().any(|g| g.arn == *arn))
        || names.iter().any(|name| !all.iter().any(|g| g.name == *name));
    if missing {
        return Err(no_group());
    }
    let balancer = text(input, "LoadBalancerArn");
    if balancer.is_some_and(|arn| !scene.place.balancers.iter().any(|b| b.arn == arn)) {
        return Err(no_balancer());
    }
    let every = arns.is_empty() && names.is_empty();
    let wanted = |g: &&TargetGroup| {
        balancer.is_none_or(|arn| g.balancer == arn)
            && (every || arns.contains(&g.arn.as_str()) || names.contains(&g.name.as_str()))
    };
    let found: Vec<&TargetGroup> = all.iter().filter(wanted).collect();
    paged("DescribeTargetGroups", "TargetGroups", &found, input, |g| {
        json!({
            "TargetGroupArn": g.arn, "TargetGroupName": g.name, "Protocol": g.protocol,
            "Port": g.port, "VpcId": g.vpc, "HealthCheckProtocol": g.protocol,
            "HealthCheckPort": "traffic-port", "HealthCheckEnabled": true,
            "HealthCheckIntervalSeconds": 30, "HealthCheckTimeoutSeconds": 5,
            "HealthyThresholdCount": 5, "UnhealthyThresholdCount": 2, "HealthCheckPath": "/healthz",
            "Matcher": {"HttpCode": "200"}, "LoadBalancerArns": [g.balancer],
            "TargetType": "instance", "ProtocolVersion": "HTTP1", "IpAddressType": "ipv4",
        })
    })
}

fn health(scene: &Scene<'_>, input: &Value) -> Result<Value, ServiceError> {
    let arn = text(input, "TargetGroupArn").unwrap_or_default();
    let group = scene.place.target_groups.iter().find(|g| g.arn == arn).ok_or_else(no_group)?;
    let targets = group.targets.iter().map(|id| {
        let instance = scene.place.instances.iter().find(|i| i.id == *id);
        let running = instance.is_some_and(|i| i.state.1 == "running");
        let state = if running {
            json!({"State": "healthy"})
        } else {
            json!({"State": "unused", "Reason": "Target.InvalidState",
                   "Description": "Target is in the stopped state"})
        };
        json!({
            "Target": {"Id": id, "Port": group.port}, "HealthCheckPort": group.port.to_string(),
            "TargetHealth": state,
        })
    });
    Ok(json!({"TargetHealthDescriptions": targets.collect::<Vec<_>>()}))
}

fn listeners(scene: &Scene<'_>, input: &Value) -> Result<Value, ServiceError> {
    let arn = text(input, "LoadBalancerArn").unwrap_or_default();
    let balancer = scene.place.balancers.iter().find(|b| b.arn == arn).ok_or_else(no_balancer)?;
    let groups = scene.place.target_groups.iter().filter(|g| g.balancer == balancer.arn);
    let actions: Vec<Value> =
        groups.map(|g| json!({"Type": "forward", "TargetGroupArn": g.arn})).collect();
    Ok(json!({"Listeners": [{
        "ListenerArn": balancer.listener, "LoadBalancerArn": balancer.arn, "Port": 80,
        "Protocol": "HTTP", "DefaultActions": actions,
    }]}))
}

fn tags(scene: &Scene<'_>, input: &Value) -> Result<Value, ServiceError> {
    let arns = texts(input, "ResourceArns");
    if arns.is_empty() || arns.len() > MOST_TAGGED {
        let message = "Up to 20 resource ARNs may be described at once, and at least one";
        return Err(ServiceError::new(400, "ValidationError", message));
    }
    let mut described = Vec::new();
    for arn in arns {
        let balancer = scene.place.balancers.iter().find(|b| b.arn == arn).map(|b| &b.tags);
        let group = scene.place.target_groups.iter().find(|g| g.arn == arn).map(|g| &g.tags);
        let tags: &Tags = match balancer.or(group) {
            Some(tags) => tags,
            None if arn.contains(":targetgroup/") => return Err(no_group()),
            None => return Err(no_balancer()),
        };
        let tags: Vec<Value> = tags.iter().map(|(k, v)| json!({"Key": k, "Value": v})).collect();
        described.push(json!({"ResourceArn": arn, "Tags": tags}));
    }
    Ok(json!({"TagDescriptions": described}))
}
