//! Elastic Load Balancing, version 2.
//!
//! Source: <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/>.

use std::borrow::Cow;
use std::collections::BTreeMap;

use attache_aws_protocol::xml::{self, Lists};
use attache_aws_protocol::{Protocol, ServiceError, query};
use attache_services::validation::TypedMember;
use serde_json::{Value, json};

use super::input::{number, text, texts};
use super::{
    OperationSpec, Scene, ServiceSpec, any_resource, as_it_is, route_form, same_name, unknown_form,
};
use crate::model::{Balancer, Collection, Tags, TargetGroup};
use crate::page::PageRequest;

const VERSION: &str = "2015-12-01";
/// That of classic load balancers, which are not served.
const CLASSIC: &str = "2012-06-01";
const XMLNS: &str = "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/";

/// AWS's: at most twenty ARNs a call.
const MOST_TAGGED: usize = 20;

pub(super) const SERVICE: ServiceSpec = ServiceSpec {
    name: "elasticloadbalancing",
    protocol: Protocol::Query,
    // Classic load balancers have operations of the same names.
    speaks: |inbound| {
        let version = |form| query::parameter(form, "Version");
        let version = version(inbound.query.as_bytes()).or_else(|| version(&inbound.body));
        version.is_none_or(|version| version != CLASSIC)
    },
    operations: &[
        OperationSpec::list("DescribeLoadBalancers", balancers),
        OperationSpec::list("DescribeTargetGroups", target_groups),
        OperationSpec::list("DescribeTargetHealth", health),
        OperationSpec::list("DescribeListeners", listeners),
        OperationSpec::list("DescribeTags", tags),
    ],
    route: |inbound| route_form(Protocol::Query, &[], inbound),
    types: &[
        TypedMember::texts("LoadBalancerArns"),
        TypedMember::texts("TargetGroupArns"),
        TypedMember::texts("Names"),
        TypedMember::texts("ResourceArns"),
        TypedMember::text("LoadBalancerArn"),
        TypedMember::text("TargetGroupArn"),
        TypedMember::whole("PageSize"),
        TypedMember::text("Marker"),
    ],
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

/// A page of what `keep` keeps, in the shape that all lists of this service have.
fn paged<T: Clone>(
    (operation, name): (&'static str, &str),
    all: &Collection<T>,
    input: &Value,
    keep: impl Fn(&T) -> bool,
    show: impl Fn(&T) -> Value,
) -> Result<Value, ServiceError> {
    let invalid = |message: String| ServiceError::new(400, "ValidationError", message);
    let size = number(input, "PageSize", 1..=400, 400)
        .map_err(|given| invalid(format!("Page size '{}' must be between 1 and 400", given.0)))?;
    let request = PageRequest { operation, token: text(input, "Marker"), size };
    let page = request.cut(all, || invalid("Invalid marker".to_owned()), |item| Ok(keep(item)))?;
    let items: Vec<Value> = page.items.iter().map(|item| show(item)).collect();
    Ok(match page.next {
        Some(next) => json!({name: items, "NextMarker": next}),
        None => json!({name: items}),
    })
}

/// A parameter that lists ARNs or names, and the field of a resource with them.
type NamedBy<T> = (&'static str, fn(&T) -> &str);

/// Those that a call names in its lists, each of which has a field of its own: an ARN is no name. None
/// where it names none, and means all. One that is named twice is listed once.
///
/// # Errors
/// `missing` for one that does not exist.
fn named<T: Clone>(
    all: &Collection<T>,
    input: &Value,
    lists: [NamedBy<T>; 2],
    missing: fn() -> ServiceError,
) -> Result<Option<Collection<T>>, ServiceError> {
    let mut found = BTreeMap::new();
    for (list, field) in lists {
        for id in texts(input, list) {
            let (number, item) = all.numbered(id, |item| field(item) == id).ok_or_else(missing)?;
            found.insert(number, item.into_owned());
        }
    }
    Ok((!found.is_empty()).then(|| Collection::Held(found.into_values().collect())))
}

fn balancers(scene: &Scene<'_>, input: &Value) -> Result<Value, ServiceError> {
    let all = &scene.place.balancers;
    let lists: [NamedBy<Balancer>; 2] = [("LoadBalancerArns", |b| &b.arn), ("Names", |b| &b.name)];
    let named = named(all, input, lists, no_balancer)?;
    let list = ("DescribeLoadBalancers", "LoadBalancers");
    paged(
        list,
        named.as_ref().unwrap_or(all),
        input,
        |_| true,
        |b| {
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
        },
    )
}

fn target_groups(scene: &Scene<'_>, input: &Value) -> Result<Value, ServiceError> {
    let all = &scene.place.target_groups;
    let lists: [NamedBy<TargetGroup>; 2] =
        [("TargetGroupArns", |g| &g.arn), ("Names", |g| &g.name)];
    let named = named(all, input, lists, no_group)?;
    let balancer = text(input, "LoadBalancerArn").map(|arn| balancer_of(scene, arn)).transpose()?;
    let list = match (named, &balancer) {
        // A balancer's groups are found without passing over all.
        (None, Some(balancer)) => {
            let groups = scene.place.target_groups_of(balancer);
            Some(Collection::Held(groups.into_iter().map(Cow::into_owned).collect()))
        }
        (named, _) => named,
    };
    let keep = |g: &TargetGroup| balancer.as_ref().is_none_or(|b| g.balancer == b.arn);
    let name = ("DescribeTargetGroups", "TargetGroups");
    paged(name, list.as_ref().unwrap_or(all), input, keep, |g| {
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

/// The load balancer of an ARN.
fn balancer_of<'a>(scene: &'a Scene<'_>, arn: &str) -> Result<Cow<'a, Balancer>, ServiceError> {
    scene.place.balancers.find(arn, |b| b.arn == arn).ok_or_else(no_balancer)
}

/// The target group of an ARN.
fn group_of<'a>(scene: &'a Scene<'_>, arn: &str) -> Result<Cow<'a, TargetGroup>, ServiceError> {
    scene.place.target_groups.find(arn, |g| g.arn == arn).ok_or_else(no_group)
}

fn health(scene: &Scene<'_>, input: &Value) -> Result<Value, ServiceError> {
    let group = group_of(scene, text(input, "TargetGroupArn").unwrap_or_default())?;
    let targets = group.targets.iter().map(|id| {
        let instance = scene.place.instances.find(id, |i| i.id == *id);
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
    let balancer = balancer_of(scene, text(input, "LoadBalancerArn").unwrap_or_default())?;
    let groups = scene.place.target_groups_of(&balancer);
    let actions: Vec<Value> =
        groups.iter().map(|g| json!({"Type": "forward", "TargetGroupArn": g.arn})).collect();
    Ok(json!({"Listeners": [{
        "ListenerArn": balancer.listener, "LoadBalancerArn": balancer.arn, "Port": 80,
        "Protocol": "HTTP", "DefaultActions": actions,
    }]}))
}

fn tag_list(tags: &Tags) -> Value {
    tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect()
}

fn tags(scene: &Scene<'_>, input: &Value) -> Result<Value, ServiceError> {
    let arns = texts(input, "ResourceArns");
    if arns.is_empty() || arns.len() > MOST_TAGGED {
        let message = "Up to 20 resource ARNs may be described at once, and at least one";
        return Err(ServiceError::new(400, "ValidationError", message));
    }
    let mut described = Vec::new();
    for arn in arns {
        let tags = if arn.contains(":targetgroup/") {
            tag_list(&group_of(scene, arn)?.tags)
        } else {
            tag_list(&balancer_of(scene, arn)?.tags)
        };
        described.push(json!({"ResourceArn": arn, "Tags": tags}));
    }
    Ok(json!({"TagDescriptions": described}))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::tests::each_scene;

    /// The names of what an answer lists, or the code of a refusal.
    fn names(answer: Result<Value, ServiceError>, list: &str, name: &str) -> Vec<String> {
        match answer {
            Ok(answer) => {
                let items = answer[list].as_array().unwrap();
                items.iter().map(|item| item[name].as_str().unwrap().to_owned()).collect()
            }
            Err(error) => vec![error.code],
        }
    }

    #[test]
    fn each_list_of_a_call_has_its_own_field() {
        each_scene(|scene| {
            let [first, second] = [0, 1].map(|n| scene.place.balancers.get(n).unwrap());
            for (input, expected) in [
                (json!({"LoadBalancerArns": [first.arn]}), vec![first.name.as_str()]),
                (json!({"Names": [first.name]}), vec![&first.name]),
                (json!({"Names": [first.arn]}), vec!["LoadBalancerNotFound"]),
                (json!({"LoadBalancerArns": [first.name]}), vec!["LoadBalancerNotFound"]),
                (
                    json!({"LoadBalancerArns": [second.arn, first.arn], "Names": [first.name]}),
                    vec![&first.name, &second.name],
                ),
            ] {
                let answer = balancers(scene, &input);
                assert_eq!(names(answer, "LoadBalancers", "LoadBalancerName"), expected, "{input}");
            }
            let group = scene.place.target_groups.get(0).unwrap();
            for (input, expected) in [
                (json!({"Names": [group.name]}), group.name.as_str()),
                (json!({"Names": [group.arn]}), "TargetGroupNotFound"),
                (json!({"TargetGroupArns": [group.name]}), "TargetGroupNotFound"),
            ] {
                let answer = target_groups(scene, &input);
                assert_eq!(names(answer, "TargetGroups", "TargetGroupName"), [expected], "{input}");
            }
        });
    }

    #[test]
    fn target_groups_of_a_load_balancer_are_of_one_that_exists() {
        each_scene(|scene| {
            let group = scene.place.target_groups.get(0).unwrap();
            let other = scene.place.balancers.get(1).unwrap();
            let found = vec![group.name.as_str()];
            let missing = vec!["LoadBalancerNotFound"];
            for (input, expected) in [
                (json!({"LoadBalancerArn": group.balancer}), found.clone()),
                (json!({"LoadBalancerArn": group.balancer, "Names": [group.name]}), found),
                (json!({"LoadBalancerArn": other.arn, "Names": [group.name]}), vec![]),
                (json!({"LoadBalancerArn": "none"}), missing.clone()),
                (json!({"LoadBalancerArn": "none", "Names": [group.name]}), missing.clone()),
                (json!({"LoadBalancerArn": "none", "TargetGroupArns": [group.arn]}), missing),
                (
                    json!({"LoadBalancerArn": "none", "Names": ["none"]}),
                    vec!["TargetGroupNotFound"],
                ),
            ] {
                let answer = target_groups(scene, &input);
                assert_eq!(names(answer, "TargetGroups", "TargetGroupName"), expected, "{input}");
            }
        });
    }
}
