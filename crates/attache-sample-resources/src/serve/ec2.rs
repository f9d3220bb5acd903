//! EC2's describe calls.
//!
//! Source: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/>.

use std::collections::BTreeMap;

use attache_aws_protocol::{Protocol, ServiceError, xml};
use serde_json::{Value, json};

use super::filter::{Filter, filters, passes};
use super::input::{number, text, texts};
use super::{
    OperationSpec, Scene, ServiceSpec, always, any_resource, as_it_is, route_form, same_name, zones,
};
use crate::model::{Collection, Instance, SecurityGroup, Subnet, Tags, Vpc};
use crate::page::{self, Page, PageRequest};

pub(super) const SERVICE: ServiceSpec = ServiceSpec {
    name: "ec2",
    protocol: Protocol::Ec2Query,
    speaks: always,
    operations: &[
        OperationSpec::list("DescribeAvailabilityZones", zones::list),
        OperationSpec::list("DescribeInstances", instances),
        OperationSpec::list("DescribeRegions", regions),
        OperationSpec::list("DescribeSecurityGroups", groups),
        OperationSpec::list("DescribeSubnets", subnets),
        OperationSpec::list("DescribeVpcs", vpcs),
    ],
    route: |inbound| route_form(Protocol::Ec2Query, &[], inbound),
    // EC2's parser has sentences of its own.
    types: &[],
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
    fn run<'a, T: Clone>(
        &self,
        all: &'a Collection<T>,
        id: impl Fn(&T) -> &str,
        keep: impl Fn(&[Filter<'_>], &T) -> Result<bool, ServiceError>,
    ) -> Result<Page<'a, T>, ServiceError> {
        let (parameter, code, noun) = self.ids;
        // In the list's order; one that is named twice is listed once.
        let mut named = BTreeMap::new();
        for name in texts(self.input, parameter) {
            let Some((number, item)) = all.numbered(name, |item| id(item) == name) else {
                let message = format!("The {noun} ID '{name}' does not exist");
                return Err(ServiceError::new(400, code, message));
            };
            named.insert(number, item);
        }
        let filters = filters(self.input);
        if named.is_empty() {
            return self.request()?.cut(all, invalid_token, |item| keep(&filters, item));
        }
        let mut kept = Vec::new();
        for item in named.into_values() {
            if keep(&filters, item.as_ref())? {
                kept.push(item.into_owned());
            }
        }
        if self.input.get("MaxResults").is_some() {
            let message =
                format!("The parameter {parameter} cannot be used with the parameter maxResults");
            return Err(ServiceError::new(400, "InvalidParameterCombination", message));
        }
        Ok(self.request()?.cut(&kept.into(), invalid_token, page::all)?.into_owned())
    }

    fn request(&self) -> Result<PageRequest<'_>, ServiceError> {
        let size = number(self.input, "MaxResults", 5..=1000, 1000).map_err(|given| {
            let message = format!(
                "Value ( {} ) for parameter maxResults is invalid. Expecting a value between 5 and 1000.",
                given.0
            );
            ServiceError::new(400, "InvalidParameterValue", message)
        })?;
        let (operation, token) = (self.operation, text(self.input, "NextToken"));
        Ok(PageRequest { operation, token, size })
    }
}

fn invalid_token() -> ServiceError {
    ServiceError::new(400, "InvalidNextToken", "Unable to parse pagination token")
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
    let Page { items: found, next } = listing.run(&scene.place.instances, |i| &i.id, keep)?;
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
    let Page { items: found, next } = listing.run(&scene.place.vpcs, |v| &v.id, keep)?;
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
    let Page { items: found, next } = listing.run(&scene.place.subnets, |s| &s.id, keep)?;
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
    let Page { items: found, next } = listing.run(&scene.place.groups, |g| &g.id, keep)?;
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

/// The regions that are named, or those that are enabled, or with `AllRegions` all, by the filters.
fn named_regions(input: &Value) -> Result<Value, ServiceError> {
    let named = texts(input, "RegionName");
    let every = text(input, "AllRegions").is_some_and(|flag| flag.eq_ignore_ascii_case("true"));
    let is_known = |name: &&str| super::regions().any(|(known, _)| known == *name);
    let unknown: Vec<&str> = named.iter().copied().filter(|name| !is_known(name)).collect();
    if !unknown.is_empty() {
        let message = format!("Invalid region names: {}", unknown.join(", "));
        return Err(ServiceError::new(400, "InvalidParameterValue", message));
    }
    let filters = filters(input);
    let mut items = Vec::new();
    for (name, is_opt_in) in super::regions() {
        let status = if is_opt_in { "not-opted-in" } else { "opt-in-not-required" };
        let endpoint = format!("ec2.{name}.amazonaws.com");
        let kept = passes(&filters, &Tags::new(), |filter| {
            Some(match filter {
                "region-name" => name.to_owned(),
                "endpoint" => endpoint.clone(),
                "opt-in-status" => status.to_owned(),
                _ => return None,
            })
        })?;
        let shown = if named.is_empty() { every || !is_opt_in } else { named.contains(&name) };
        if kept && shown {
            items.push(json!({
                "regionName": name, "regionEndpoint": endpoint, "optInStatus": status,
            }));
        }
    }
    Ok(json!({ "regionInfo": items }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::tests::each_scene;

    fn names(input: &Value) -> Result<Vec<String>, String> {
        let answer = named_regions(input).map_err(|error| error.message)?;
        let items = answer["regionInfo"].as_array().cloned().unwrap_or_default();
        Ok(items.iter().map(|one| one["regionName"].as_str().unwrap().to_owned()).collect())
    }

    /// The ids of the instances that a call lists, or the code of a refusal.
    fn ids(scene: &Scene<'_>, input: &Value) -> Vec<String> {
        match instances(scene, input) {
            Ok(answer) => {
                let reservations = answer["reservationSet"].as_array().unwrap();
                let id = |one: &Value| one["instancesSet"][0]["instanceId"].clone();
                reservations.iter().map(|one| id(one).as_str().unwrap().to_owned()).collect()
            }
            Err(error) => vec![error.code],
        }
    }

    #[test]
    fn a_call_by_ids_is_refused_for_what_comes_first() {
        each_scene(|scene| {
            let one = scene.place.instances.get(0).unwrap().id.clone();
            let colour = json!([{"Name": "colour", "Value": ["blue"]}]);
            for (input, code) in [
                (
                    json!({"InstanceId": [one, "i-0"], "Filter": colour, "MaxResults": "3"}),
                    "InvalidInstanceID.NotFound",
                ),
                (
                    json!({"InstanceId": [one], "Filter": colour, "MaxResults": "3"}),
                    "InvalidParameterValue",
                ),
                (
                    json!({"InstanceId": [one], "MaxResults": "3", "NextToken": "none"}),
                    "InvalidParameterCombination",
                ),
                (json!({"InstanceId": [one], "MaxResults": "7"}), "InvalidParameterCombination"),
                (json!({"InstanceId": [one], "NextToken": "none"}), "InvalidNextToken"),
                (json!({"MaxResults": "3", "NextToken": "none"}), "InvalidParameterValue"),
                (json!({"NextToken": "none"}), "InvalidNextToken"),
            ] {
                assert_eq!(ids(scene, &input), [code], "{input}");
            }
        });
    }

    #[test]
    fn instances_by_ids_are_in_the_order_of_the_list() {
        each_scene(|scene| {
            let three = [0, 1, 2].map(|n| scene.place.instances.get(n).unwrap().id.clone());
            let [first, second, third] = &three;
            let input = json!({"InstanceId": [third, first, third, second]});
            assert_eq!(ids(scene, &input), three);
        });
    }

    #[test]
    fn regions_are_selected_by_name_and_by_filters() {
        let filter =
            |name: &str, value: &str| json!({"Filter": [{"Name": name, "Value": [value]}]});
        let (first, second) = ("us-east-1".to_owned(), "eu-west-1".to_owned());
        assert_eq!(names(&json!({})).unwrap().len(), 17, "those that are enabled");
        assert!(names(&json!({"AllRegions": "true"})).unwrap().len() > 30);
        let us = ["us-east-1", "us-east-2", "us-west-1", "us-west-2"].map(str::to_owned);
        for (input, expected) in [
            (json!({"RegionName": ["eu-south-2"]}), Ok(vec!["eu-south-2".to_owned()])),
            (json!({"RegionName": ["eu-west-1"]}), Ok(vec![second.clone()])),
            (json!({"RegionName": ["moon-1"]}), Err("Invalid region names: moon-1".to_owned())),
            (filter("region-name", "us-*"), Ok(us.to_vec())),
            (filter("region-name", "us-east-1"), Ok(vec![first])),
            (filter("endpoint", "ec2.eu-west-1.amazonaws.com"), Ok(vec![second])),
            (filter("opt-in-status", "opted-in"), Ok(Vec::new())),
            (filter("colour", "blue"), Err("The filter 'colour' is invalid".to_owned())),
        ] {
            assert_eq!(names(&input), expected, "{input}");
        }
    }
}
