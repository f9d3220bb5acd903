//! Account Management: the regions that an account may use.
//!
//! Source: <https://docs.aws.amazon.com/accounts/latest/reference/API_ListRegions.html>.

use std::sync::LazyLock;

use attache_aws_protocol::call::Inbound;
use attache_aws_protocol::{Protocol, ServiceError, json as json_protocol};
use attache_services::rest_routes::RestRoutes;
use serde_json::{Value, json};

use super::input::text;
use super::{
    OperationSpec, Scene, ServiceSpec, always, any_resource, as_it_is, route_path, same_name,
};
use crate::REGIONS;

pub(super) const SERVICE: ServiceSpec = ServiceSpec {
    name: "account",
    protocol: Protocol::RestJson,
    speaks: always,
    operations: &[
        OperationSpec::list("ListRegions", list),
        OperationSpec::list("GetRegionOptStatus", status),
    ],
    route,
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

/// The status of these regions: every account has them enabled.
const STATUS: &str = "ENABLED_BY_DEFAULT";

fn list(_: &Scene<'_>, input: &Value) -> Result<Value, ServiceError> {
    let wanted = input.get("RegionOptStatusContains").and_then(Value::as_array);
    let wants = wanted.is_none_or(|list| list.is_empty() || list.iter().any(|one| one == STATUS));
    let most = match input.get("MaxResults") {
        None | Some(Value::Null) => 50,
        Some(given) => match given.as_u64() {
            Some(most @ 1..=50) => most,
            _ => return Err(invalid("MaxResults must be between 1 and 50")),
        },
    };
    let after = text(input, "NextToken");
    if after.is_some_and(|token| !REGIONS.contains(&token)) {
        return Err(invalid("The NextToken is not one that was given"));
    }
    let mut names = REGIONS;
    names.sort_unstable();
    let rest: Vec<&str> =
        names.into_iter().filter(|name| wants && after.is_none_or(|after| *name > after)).collect();
    let most = usize::try_from(most).unwrap_or(1);
    let page = rest.get(..most.min(rest.len())).unwrap_or_default();
    let regions: Vec<Value> =
        page.iter().map(|name| json!({"RegionName": name, "RegionOptStatus": STATUS})).collect();
    let next = page.last().filter(|_| rest.len() > page.len());
    Ok(json!({"Regions": regions, "NextToken": next}))
}

fn status(_: &Scene<'_>, input: &Value) -> Result<Value, ServiceError> {
    match text(input, "RegionName").filter(|name| REGIONS.contains(name)) {
        Some(name) => Ok(json!({"RegionName": name, "RegionOptStatus": STATUS})),
        None => Err(invalid("The region is not one of this account's")),
    }
}

fn invalid(message: &str) -> ServiceError {
    ServiceError::new(400, "ValidationException", message)
}
