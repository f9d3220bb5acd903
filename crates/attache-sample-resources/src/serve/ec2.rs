//! EC2's describe calls.
//!
//! Source: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/>.

use attache_aws_protocol::{Protocol, ServiceError, xml};
use serde_json::{Value, json};

use super::filter::{Filter, filters, passes};
use super::input::{number, text, texts};
use super::{
    OperationSpec, Scene, ServiceSpec, always, any_resource, as_it_is, route_form, same_name,
};
use crate::REGIONS;
use crate::model::{Instance, SecurityGroup, Subnet, Tags, Vpc};
use crate::page::page;

pub(super) const SERVICE: ServiceSpec = ServiceSpec {
    name: "ec2",
    protocol: Protocol::Ec2Query,
    speaks: always,
    operations: &[
        OperationSpec::list("DescribeInstances", instances),
        OperationSpec::list("DescribeRegions", regions),
        OperationSpec::list("DescribeSecurityGroups", groups),
        OperationSpec::list("DescribeSubnets", subnets),
        OperationSpec::list("DescribeVpcs", vpcs),
    ],
    route: |inbound| route_form(Protocol::Ec2Query, &[], inbound),
    answer: |name, result, id| xml::ec2_response(name, result, id),
    action: same_name,
    unserved_resource: any_resource,
    spelled: as_it_is,
    unknown: |name| {
        let message = format!("The action {name} is not valid for this web service.");
        Some(ServiceError::new(400, "InvalidAction", message))
    },
};

/// A list call: by ids, by filters, in pages.
struct Listing<'a> {
    operation: &'static str,
    /// The parameter that lists ids, and the error's code and noun for one that does not exist.
    ids: (&'static str, &'static str, &'static str),
    input: &'a Value,
}

impl Listing<'_> {
    fn run<T: Clone>(
        &self,
        all: &[T],
        id: impl Fn(&T) -> &str,
        keep: impl Fn(&[Filter<'_>], &T) -> Result<bool, ServiceError>,
    ) -> Result<(Vec<T>, Option<String>), ServiceError> {
        let (parameter, code, noun) = self.ids;
        let wanted = texts(self.input, parameter);
        for id_wanted in &wanted {
            if !all.iter().any(|item| id(item) == *id_wanted) {
                let message = format!("The {noun} ID '{id_wanted}' does not exist");
                return Err(ServiceError::new(400, code, message));
            }
        }
        let filters = filters(self.input);
        let mut kept = Vec::new();
        for item in all {
            if (wanted.is_empty() || wanted.contains(&id(item))) && keep(&filters, item)? {
                kept.push(item.clone());
            }
        }
        self.paged(&kept, !wanted.is_empty())
    }

    fn paged<T: Clone>(
        &self,
        kept: &[T],
        by_id: bool,
    ) -> Result<(Vec<T>, Option<String>), ServiceError> {
        if by_id && self.input.get("MaxResults").is_some() {
            let message = format!(
                "The parameter {} cannot be used with the parameter maxResults",
                self.ids.0
            );
            return Err(ServiceError::new(400, "InvalidParameterCombination", message));
        }
        let size = number(self.input, "MaxResults", 5..=1000, 1000).map_err(|given| {
            let message = format!(
                "Value ( {} ) for parameter maxResults is invalid. Expecting a value between 5 and 1000.",
                given.0
            );
            ServiceError::new(400, "InvalidParameterValue", message)
        })?;
        let found =
            page(self.operation, kept, text(self.input, "NextToken"), size).map_err(|_| {
                let message = "Unable to parse pagination token";
                ServiceError::new(400, "InvalidNextToken", message)
            })?;
        Ok((found.items.to_vec(), found.next))
    }
}

fn tag_set(tags: &Tags) -> Value {
    tags.iter().map(|(key, value)| json!({"key": key, "value": value})).collect()
}

fn result(set: &str, items: impl Iterator<Item = Value>, next: Option<String>) -> Value {
    let items: Vec<Value> = items.collect();
    match next {
        Some(next) => json!({set: items, "nextToken": next}),
        None => json!({set: items}),
    }
}

fn instances(scene: &Scene<'_>, input: &Value) -> Result<Value, ServiceError> {
    let ids = ("InstanceId", "InvalidInstanceID.NotFound", "instance");
    let listing = Listing { operation: "DescribeInstances", ids, input };
    let keep = |filters: &[Filter<'_>], i: &Instance| {
        passes(filters, &i.tags, |name| {
            Some(match name {
                "instance-id" => i.id.clone(),
                "instance-state-name" => i.state.1.to_owned(),
                "instance-state-code" => i.state.0.to_string(),
                "instance-type" => i.kind.to_owned(),
                "vpc-id" => i.vpc.clone(),
                "subnet-id" => i.subnet.clone(),
                "availability-zone" => i.zone.clone(),
                "private-ip-address" => i.address.clone(),
                "image-id" => i.image.clone(),
                _ => return None,
            })
        })
    };
    let (found, next) = listing.run(&scene.place.instances, |i| &i.id, keep)?;
    let owner = scene.account.id.to_string();
    let reservations = found.iter().map(|i| {
        json!({
            "reservationId": i.id.replacen("i-", "r-", 1),
            "ownerId": owner,
            "groupSet": [],
            "instancesSet": [instance(i, scene.region)],
        })
    });
    Ok(result("reservationSet", reservations, next))
}

fn instance(i: &Instance, region: &str) -> Value {
    let name = format!("ip-{}.{region}.compute.internal", i.address.replace('.', "-"));
    json!({
        "instanceId": i.id,
        "imageId": i.image,
        "instanceState": {"code": i.state.0, "name": i.state.1},
        "privateDnsName": name,
        "dnsName": "",
        "amiLaunchIndex": 0,
        "instanceType": i.kind,
        "launchTime": i.launched,
        "placement": {"availabilityZone": i.zone, "tenancy": "default"},
        "monitoring": {"state": "disabled"},
        "subnetId": i.subnet,
        "vpcId": i.vpc,
        "privateIpAddress": i.address,
        "architecture": "x86_64",
        "groupSet": [{"groupId": i.group.0, "groupName": i.group.1}],
        "tagSet": tag_set(&i.tags),
    })
}

fn vpcs(scene: &Scene<'_>, input: &Value) -> Result<Value, ServiceError> {
    let ids = ("VpcId", "InvalidVpcID.NotFound", "vpc");
    let listing = Listing { operation: "DescribeVpcs", ids, input };
    let keep = |filters: &[Filter<'_>], v: &Vpc| {
        passes(filters, &v.tags, |name| {
            Some(match name {
                "vpc-id" => v.id.clone(),
                "cidr" => format!("10.{}.0.0/16", v.octet),
                "state" => "available".to_owned(),
                "is-default" | "isDefault" => "false".to_owned(),
                _ => return None,
            })
        })
    };
    let (found, next) = listing.run(&scene.place.vpcs, |v| &v.id, keep)?;
    let owner = scene.account.id.to_string();
    let items = found.iter().map(|v| {
        json!({
            "vpcId": v.id, "ownerId": owner, "state": "available",
            "cidrBlock": format!("10.{}.0.0/16", v.octet), "instanceTenancy": "default",
            "isDefault": false, "tagSet": tag_set(&v.tags),
        })
    });
    Ok(result("vpcSet", items, next))
}

fn subnets(scene: &Scene<'_>, input: &Value) -> Result<Value, ServiceError> {
    let ids = ("SubnetId", "InvalidSubnetID.NotFound", "subnet");
    let listing = Listing { operation: "DescribeSubnets", ids, input };
    let keep = |filters: &[Filter<'_>], s: &Subnet| {
        passes(filters, &s.tags, |name| {
            Some(match name {
                "subnet-id" => s.id.clone(),
                "vpc-id" => s.vpc.clone(),
                "availability-zone" => s.zone.clone(),
                "cidr-block" => cidr(s),
                "state" => "available".to_owned(),
                _ => return None,
            })
        })
    };
    let (found, next) = listing.run(&scene.place.subnets, |s| &s.id, keep)?;
    let owner = scene.account.id.to_string();
    let items = found.iter().map(|s| {
        json!({
            "subnetId": s.id, "vpcId": s.vpc, "ownerId": owner, "state": "available",
            "subnetArn": scene.location().arn("ec2", format!("subnet/{}", s.id)),
            "cidrBlock": cidr(s), "availabilityZone": s.zone, "availableIpAddressCount": 240,
            "defaultForAz": false, "mapPublicIpOnLaunch": false, "tagSet": tag_set(&s.tags),
        })
    });
    Ok(result("subnetSet", items, next))
}

fn cidr(subnet: &Subnet) -> String {
    format!("10.{}.{}.0/24", subnet.octets.0, subnet.octets.1)
}

fn groups(scene: &Scene<'_>, input: &Value) -> Result<Value, ServiceError> {
    let ids = ("GroupId", "InvalidGroup.NotFound", "security group");
    let listing = Listing { operation: "DescribeSecurityGroups", ids, input };
    let keep = |filters: &[Filter<'_>], g: &SecurityGroup| {
        passes(filters, &Tags::new(), |name| {
            Some(match name {
                "group-id" => g.id.clone(),
                "group-name" => g.name.clone(),
                "vpc-id" => g.vpc.clone(),
                _ => return None,
            })
        })
    };
    let (found, next) = listing.run(&scene.place.groups, |g| &g.id, keep)?;
    let owner = scene.account.id.to_string();
    let items = found.iter().map(|g| {
        json!({
            "groupId": g.id, "groupName": g.name, "vpcId": g.vpc, "ownerId": owner,
            "groupDescription": g.name, "ipPermissions": [], "ipPermissionsEgress": [],
        })
    });
    Ok(result("securityGroupInfo", items, next))
}

fn regions(_: &Scene<'_>, input: &Value) -> Result<Value, ServiceError> {
    named_regions(input)
}

/// The regions that are named, or all, by the filters. Every account has them enabled.
fn named_regions(input: &Value) -> Result<Value, ServiceError> {
    const OPT_IN: &str = "opt-in-not-required";
    let named = texts(input, "RegionName");
    let unknown: Vec<&str> = named.iter().copied().filter(|name| !REGIONS.contains(name)).collect();
    if !unknown.is_empty() {
        let message = format!("Invalid region names: {}", unknown.join(", "));
        return Err(ServiceError::new(400, "InvalidParameterValue", message));
    }
    let filters = filters(input);
    let mut items = Vec::new();
    for name in REGIONS {
        let endpoint = format!("ec2.{name}.amazonaws.com");
        let kept = passes(&filters, &Tags::new(), |filter| {
            Some(match filter {
                "region-name" => name.to_owned(),
                "endpoint" => endpoint.clone(),
                "opt-in-status" => OPT_IN.to_owned(),
                _ => return None,
            })
        })?;
        if kept && (named.is_empty() || named.contains(&name)) {
            items.push(json!({
                "regionName": name, "regionEndpoint": endpoint, "optInStatus": OPT_IN,
            }));
        }
    }
    Ok(json!({ "regionInfo": items }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(input: &Value) -> Result<Vec<String>, String> {
        let answer = named_regions(input).map_err(|error| error.message)?;
        let items = answer["regionInfo"].as_array().cloned().unwrap_or_default();
        Ok(items.iter().map(|one| one["regionName"].as_str().unwrap().to_owned()).collect())
    }

    #[test]
    fn regions_are_selected_by_name_and_by_filters() {
        let filter =
            |name: &str, value: &str| json!({"Filter": [{"Name": name, "Value": [value]}]});
        let (first, second) = ("us-east-1".to_owned(), "eu-west-1".to_owned());
        for (input, wanted) in [
            (json!({}), Ok(vec![first.clone(), second.clone()])),
            (json!({"RegionName": ["eu-west-1"]}), Ok(vec![second.clone()])),
            (json!({"RegionName": ["moon-1"]}), Err("Invalid region names: moon-1".to_owned())),
            (filter("region-name", "us-*"), Ok(vec![first])),
            (filter("endpoint", "ec2.eu-west-1.amazonaws.com"), Ok(vec![second])),
            (filter("opt-in-status", "opted-in"), Ok(Vec::new())),
            (filter("colour", "blue"), Err("The filter 'colour' is invalid".to_owned())),
        ] {
            assert_eq!(names(&input), wanted, "{input}");
        }
    }
}
