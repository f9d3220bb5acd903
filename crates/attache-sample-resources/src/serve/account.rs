//! Account Management: the regions that an account may use.
//!
//! Source: <https://docs.aws.amazon.com/accounts/latest/reference/API_ListRegions.html>.

use std::sync::LazyLock;

use attache_aws_protocol::call::Inbound;
use attache_aws_protocol::{Protocol, ServiceError, json as json_protocol};
use attache_services::rest_routes::RestRoutes;
use attache_services::validation::TypedMember;
use serde_json::{Value, json};

use super::input::{text, texts};
use super::{
    OperationSpec, Scene, ServiceSpec, always, any_resource, as_it_is, regions, route_path,
    same_name,
};
use crate::model::Collection;
use crate::page::{Page, PageRequest};

pub(super) const SERVICE: ServiceSpec = ServiceSpec {
    name: "account",
    protocol: Protocol::RestJson,
    speaks: always,
    operations: &[
        OperationSpec::list("ListRegions", list),
        OperationSpec::list("GetRegionOptStatus", status),
    ],
    route,
    types: &[TypedMember::text("NextToken"), TypedMember::text("RegionName")],
    answer: |_, result, id| json_protocol::response(Protocol::RestJson, result, id),
    action: same_name,
    unserved_resource: any_resource,
    unknown: |_| None,
    spelled: as_it_is,
};

/// All operations of Account Management.
static ROUTES: LazyLock<RestRoutes> =
    LazyLock::new(|| RestRoutes::read(include_str!("operations/account.txt")));

/// The operation that a path means; its input is the body.
fn route(inbound: &Inbound) -> Result<(String, Value), ServiceError> {
    let (operation, _) = route_path(&ROUTES, Protocol::RestJson, inbound)?;
    let input = json_protocol::decode(&inbound.body);
    Ok((operation, input.map_err(|error| error.service_error(Protocol::RestJson))?))
}

/// The regions in the order of their names, each with its status in every account: none has opted in.
fn statuses() -> Vec<(&'static str, &'static str)> {
    let status = |is_opt_in| if is_opt_in { "DISABLED" } else { "ENABLED_BY_DEFAULT" };
    let mut all: Vec<_> = regions().map(|(name, is_opt_in)| (name, status(is_opt_in))).collect();
    all.sort_unstable();
    all
}

fn list(_: &Scene<'_>, input: &Value) -> Result<Value, ServiceError> {
    let most = match input.get("MaxResults") {
        None | Some(Value::Null) => 50,
        Some(given) => match given.as_u64() {
            Some(most @ 1..=50) => usize::try_from(most).unwrap_or(1),
            _ => return Err(invalid("MaxResults must be between 1 and 50")),
        },
    };
    let contains = texts(input, "RegionOptStatusContains");
    let all = Collection::Held(statuses());
    let token = text(input, "NextToken");
    let invalid = || invalid("The NextToken is not one that was given");
    let Page { items, next } = PageRequest { operation: "ListRegions", token, size: most }.cut(
        &all,
        invalid,
        |(_, status)| Ok(contains.is_empty() || contains.contains(status)),
    )?;
    let shown = items.iter().map(|region| shown(region.0, region.1));
    Ok(json!({"Regions": shown.collect::<Vec<_>>(), "NextToken": next}))
}

fn status(_: &Scene<'_>, input: &Value) -> Result<Value, ServiceError> {
    let region = text(input, "RegionName");
    match statuses().into_iter().find(|(name, _)| Some(*name) == region) {
        Some((name, status)) => Ok(shown(name, status)),
        None => Err(invalid("The region is not one of this account's")),
    }
}

fn shown(name: &str, status: &str) -> Value {
    json!({"RegionName": name, "RegionOptStatus": status})
}

fn invalid(message: &str) -> ServiceError {
    ServiceError::new(400, "ValidationException", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_commercial_region_is_listed_and_those_to_ask_for_are_off() {
        let all = statuses();
        let with = |status: &str| all.iter().filter(|(_, found)| *found == status).count();
        assert_eq!((with("ENABLED_BY_DEFAULT"), with("DISABLED")), (17, all.len() - 17));
        for (name, status) in [
            ("us-east-1", Some("ENABLED_BY_DEFAULT")),
            ("ap-northeast-3", Some("ENABLED_BY_DEFAULT")),
            ("eu-south-2", Some("DISABLED")),
            ("ap-southeast-7", Some("DISABLED")),
            ("cn-north-1", None),
            ("us-gov-west-1", None),
            ("us-esat-1", None),
        ] {
            let found = all.iter().find(|(found, _)| *found == name).map(|(_, status)| *status);
            assert_eq!(found, status, "{name}");
        }
    }
}
