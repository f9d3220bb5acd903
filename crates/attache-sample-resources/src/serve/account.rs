//! Account Management: the regions that an account may use.
//!
//! Source: <https://docs.aws.amazon.com/accounts/latest/reference/API_ListRegions.html>.

use attache_aws_protocol::ServiceError;
use serde_json::{Value, json};

use super::input::text;
use super::{Operation, Scene};
use crate::REGIONS;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::list("ListRegions", "account:ListRegions", list),
    Operation::list("GetRegionOptStatus", "account:GetRegionOptStatus", status),
];

/// How these regions are had: as those that every account has from the beginning.
const STATUS: &str = "ENABLED_BY_DEFAULT";

/// The operation that a path means; all are posted.
pub(super) fn operation(method: &str, segments: &[&str]) -> String {
    match (method, segments) {
        ("POST", ["listRegions"]) => "ListRegions".to_owned(),
        ("POST", ["getRegionOptStatus"]) => "GetRegionOptStatus".to_owned(),
        _ => format!("{method} /{}", segments.join("/")),
    }
}

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
    let told: Vec<Value> =
        page.iter().map(|name| json!({"RegionName": name, "RegionOptStatus": STATUS})).collect();
    let next = page.last().filter(|_| rest.len() > page.len());
    Ok(json!({"Regions": told, "NextToken": next}))
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
