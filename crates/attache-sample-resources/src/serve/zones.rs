//! EC2's availability zones.
//!
//! Source: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAvailabilityZones.html>.

use attache_aws_protocol::ServiceError;
use serde_json::{Value, json};

use super::Scene;
use super::filter::{filters, passes};
use super::input::texts;
use crate::model::Tags;

/// The zones that the resources of a region are in, of which each region has three at least.
const LETTERS: [char; 3] = ['a', 'b', 'c'];

/// A zone of a region.
struct Zone {
    /// `us-east-1a`.
    name: String,
    /// `use1-az1`. AWS gives each account the letters in an order of its own; here it is one for all.
    id: String,
}

/// The zones that are named by their names or ids, or all, by the filters.
pub(super) fn list(scene: &Scene<'_>, input: &Value) -> Result<Value, ServiceError> {
    let region = scene.region;
    let all: Vec<Zone> =
        (1..).zip(LETTERS).map(|(n, letter)| Zone::of(region, n, letter)).collect();
    let (names, ids) = (texts(input, "ZoneName"), texts(input, "ZoneId"));
    let named = names.iter().filter(|name| all.iter().all(|zone| zone.name != **name));
    let unknown = named.chain(ids.iter().filter(|id| all.iter().all(|zone| zone.id != **id)));
    if let Some(unknown) = unknown.copied().next() {
        let message = format!("Invalid availability zone: [{unknown}]");
        return Err(ServiceError::new(400, "InvalidParameterValue", message));
    }
    let filters = filters(input);
    let mut items = Vec::new();
    for zone in &all {
        let kept = passes(&filters, &Tags::new(), |filter| zone.field(region, filter))?;
        let is_named = names.is_empty() && ids.is_empty()
            || names.contains(&zone.name.as_str())
            || ids.contains(&zone.id.as_str());
        if kept && is_named {
            items.push(zone.shown(region));
        }
    }
    Ok(json!({"availabilityZoneInfo": items}))
}

impl Zone {
    fn of(region: &str, number: usize, letter: char) -> Self {
        Self { name: format!("{region}{letter}"), id: format!("{}-az{number}", short(region)) }
    }

    /// The value of a filter.
    fn field(&self, region: &str, filter: &str) -> Option<String> {
        Some(match filter {
            "zone-name" => self.name.clone(),
            "zone-id" => self.id.clone(),
            "region-name" => region.to_owned(),
            "group-name" => group(region),
            "state" => "available".to_owned(),
            "opt-in-status" => "opt-in-not-required".to_owned(),
            "zone-type" => "availability-zone".to_owned(),
            _ => return None,
        })
    }

    fn shown(&self, region: &str) -> Value {
        json!({
            "zoneName": self.name, "zoneId": self.id, "regionName": region, "zoneState": "available",
            "zoneType": "availability-zone", "optInStatus": "opt-in-not-required",
            "groupName": group(region), "networkBorderGroup": region, "messageSet": [],
        })
    }
}

/// The group of a region's ordinary zones.
fn group(region: &str) -> String {
    format!("{region}-zg-1")
}

/// A region's name in the ids of its zones: `use1`, `apse2`.
///
/// <https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html>
fn short(region: &str) -> String {
    let parts = region.split('-').enumerate();
    let parts = parts.map(|(at, part)| match (at, part) {
        (0, part) => part,
        (_, "northeast") => "ne",
        (_, "northwest") => "nw",
        (_, "southeast") => "se",
        (_, "southwest") => "sw",
        (_, part) => part.get(..1).unwrap_or(part),
    });
    parts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::tests::each_scene;

    #[test]
    fn a_zones_id_has_the_regions_short_name() {
        for (region, wanted) in [
            ("us-east-1", "use1"),
            ("eu-west-1", "euw1"),
            ("eu-central-2", "euc2"),
            ("ap-southeast-2", "apse2"),
            ("ap-northeast-1", "apne1"),
            ("me-south-1", "mes1"),
        ] {
            assert_eq!(short(region), wanted);
        }
    }

    #[test]
    fn zones_are_selected_by_name_by_id_and_by_filters() {
        let filter =
            |name: &str, value: &str| json!({"Filter": [{"Name": name, "Value": [value]}]});
        each_scene(|scene| {
            let names = |input: &Value| match list(scene, input) {
                Ok(answer) => {
                    let items = answer["availabilityZoneInfo"].as_array().unwrap().iter();
                    items.map(|zone| zone["zoneName"].as_str().unwrap().to_owned()).collect()
                }
                Err(error) => vec![error.message],
            };
            let all = ["eu-west-1a", "eu-west-1b", "eu-west-1c"];
            for (input, wanted) in [
                (json!({}), &all[..]),
                (json!({"ZoneName": ["eu-west-1b"]}), &all[1..2]),
                (json!({"ZoneId": ["euw1-az3"]}), &all[2..]),
                (json!({"ZoneName": ["us-east-1a"]}), &["Invalid availability zone: [us-east-1a]"]),
                (json!({"ZoneId": ["use1-az1"]}), &["Invalid availability zone: [use1-az1]"]),
                (filter("zone-name", "*c"), &all[2..]),
                (filter("state", "available"), &all),
                (filter("region-name", "us-east-1"), &[]),
                (filter("colour", "blue"), &["The filter 'colour' is invalid"]),
            ] {
                assert_eq!(names(&input), wanted, "{input}");
            }
        });
    }
}
