//! The services: what each operation needs permission for and answers, and the protocol around it.
//!
//! A service's module is a table of operations and a function for each, from its input to its result as
//! data.

mod account;
mod dynamodb;
mod ec2;
mod elb;
mod filter;
mod input;
mod lambda;
mod rds;
mod s3;
mod sqs;
mod zones;

use attache_aws_protocol::call::{Answer, Inbound};
use attache_aws_protocol::query::{self, Positions};
use attache_aws_protocol::{Protocol, ServiceError, WireError, json};
use attache_identifiers::{AccountId, Arn, Region as RegionName, redact};
use attache_ledger::PARTITION;
use attache_services::rest_routes::{RestCall, RestRoutes};
use attache_services::validation::TypedMember;
use serde_json::{Map, Value};

use crate::model::{Account, Region};

/// All of them. SQS has two protocols: older clients still send forms.
pub(crate) const SERVICES: &[ServiceSpec] = &[
    ec2::SERVICE,
    rds::SERVICE,
    elb::SERVICE,
    sqs::JSON,
    sqs::QUERY,
    lambda::SERVICE,
    dynamodb::SERVICE,
    s3::SERVICE,
    account::SERVICE,
];

/// A service.
pub(crate) struct ServiceSpec {
    /// Its signing name.
    pub(crate) name: &'static str,
    pub(crate) protocol: Protocol,
    /// Whether a call is in that protocol.
    pub(crate) speaks: fn(&Inbound) -> bool,
    pub(crate) operations: &'static [OperationSpec],
    /// Reads an operation's name and its input, with members as the service names them.
    pub(crate) route: fn(&Inbound) -> Result<(String, Value), ServiceError>,
    /// The types of the members that its operations read, where AWS's parser tells one from another.
    pub(crate) types: &'static [TypedMember],
    /// Writes an operation's result.
    pub(crate) answer: fn(&str, &Value, &str) -> Result<Answer, WireError>,
    /// The name of the IAM action of an operation that is not served.
    pub(crate) action: fn(&str) -> &str,
    /// What that action is about, as far as the input says.
    pub(crate) unserved_resource: fn(Location<'_>, &Value) -> Option<String>,
    /// AWS's refusal of a name that is no operation's, where it has one.
    pub(crate) unknown: fn(&str) -> Option<ServiceError>,
    /// A refusal as the protocol spells it.
    pub(crate) spelled: fn(ServiceError) -> ServiceError,
}

/// An operation.
pub(crate) struct OperationSpec {
    pub(crate) name: &'static str,
    /// Its IAM action, without the service's prefix.
    pub(crate) action: &'static str,
    /// The ARN that its permission is about; where AWS checks none it is `*`.
    pub(crate) resource: Option<fn(Location<'_>, &Value) -> String>,
    pub(crate) run: fn(&Scene<'_>, &Value) -> Result<Value, ServiceError>,
}

impl OperationSpec {
    /// An operation whose action has its name, and is about nothing in particular.
    pub(crate) const fn list(
        name: &'static str,
        run: fn(&Scene<'_>, &Value) -> Result<Value, ServiceError>,
    ) -> Self {
        Self { name, action: name, resource: None, run }
    }
}

/// Where a call was made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Location<'a> {
    pub(crate) account: AccountId,
    pub(crate) region: &'a str,
}

impl Location<'_> {
    /// The ARN of a service's resource in the account and the region.
    pub(crate) fn arn(self, service: &'static str, resource: impl Into<String>) -> String {
        Arn::new(PARTITION, service, self.region, Some(self.account), resource).to_string()
    }
}

/// What an operation is answered from.
pub(crate) struct Scene<'a> {
    pub(crate) account: &'a Account,
    pub(crate) place: &'a Region,
    pub(crate) region: &'a str,
}

impl Scene<'_> {
    /// Where the call was made.
    pub(crate) fn location(&self) -> Location<'_> {
        Location { account: self.account.id, region: self.region }
    }
}

/// The regions of the accounts' partition, each with whether an account has to opt in to it.
fn regions() -> impl Iterator<Item = (&'static str, bool)> {
    let of_partition = RegionName::known().filter(|(_, name)| *name == PARTITION.as_str());
    of_partition
        .map(|(name, _)| (name, RegionName::parse(name).is_ok_and(|region| region.is_opt_in())))
}

/// A service of which there is one protocol.
fn always(_: &Inbound) -> bool {
    true
}

/// An action that has its operation's name, as most have.
fn same_name(operation: &str) -> &str {
    operation
}

/// A refusal that is spelt alike in each protocol.
fn as_it_is(error: ServiceError) -> ServiceError {
    error
}

/// Nothing in particular.
fn any_resource(_: Location<'_>, _: &Value) -> Option<String> {
    None
}

/// A form's action and its members; `lists` are the names of items of lists that are not numbered alone.
fn route_form(
    protocol: Protocol,
    lists: &[&str],
    inbound: &Inbound,
) -> Result<(String, Value), ServiceError> {
    let positions = match protocol {
        Protocol::Ec2Query => Positions::Loose,
        _ => Positions::Strict,
    };
    let input = query::input_with(inbound, lists, positions);
    let input = input.map_err(|error| error.service_error(protocol))?;
    if let Some(path) = gap(&input) {
        return Err(missing_item(path.trim_start_matches('.')));
    }
    let action = input.get("Action").and_then(Value::as_str).unwrap_or_default();
    Ok((action.to_owned(), input))
}

/// Where a form's first gap is, in a list of any depth: an item that is null. As AWS writes a path, with a
/// dot before it: `.filters.1.member.values.2.member`.
fn gap(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::Array(items) => items
            .iter()
            .zip(1..)
            .find_map(|(item, number)| Some(format!(".{number}.member{}", gap(item)?))),
        Value::Object(members) => members.iter().find_map(|(name, member)| {
            let below = gap(member)?;
            let (first, rest) = name.split_at_checked(1).unwrap_or((name, ""));
            Some(format!(".{}{rest}{below}", first.to_lowercase()))
        }),
        _ => None,
    }
}

/// The validator's refusal of a list with a gap.
fn missing_item(path: &str) -> ServiceError {
    let message = format!(
        "1 validation error detected: Value null at '{path}' failed to satisfy constraint: Member must \
         not be null"
    );
    ServiceError::new(400, "ValidationError", message)
}

/// A target's operation and the body's members.
fn route_target(inbound: &Inbound) -> Result<(String, Value), ServiceError> {
    let target = json::target(inbound)?;
    let input = json::decode(&inbound.body).map_err(|e| e.service_error(Protocol::Json10))?;
    Ok((target.operation, input))
}

/// The operation that a method, a path and a query mean, with the members that these have. A path that is
/// none's is named by its method and path.
fn route_path(
    routes: &RestRoutes,
    protocol: Protocol,
    inbound: &Inbound,
) -> Result<(String, Value), ServiceError> {
    match routes.find(inbound).map_err(|error| error.service_error(protocol))? {
        Some(RestCall { operation, path, query }) => {
            let path = path.into_iter().map(|(name, value)| (name.to_owned(), value));
            let input =
                query.into_iter().chain(path).map(|(name, text)| (name, Value::String(text)));
            Ok((operation.to_owned(), Value::Object(input.collect())))
        }
        None => {
            let name = format!("{} {}", inbound.method, redact(&inbound.path, &[]));
            Ok((name, Value::Object(Map::new())))
        }
    }
}

/// AWS's refusal of an action that a service with forms has not.
fn unknown_form(name: &str, version: &str) -> Option<ServiceError> {
    let message = format!("Could not find operation {name} for version {version}");
    Some(ServiceError::new(400, "InvalidAction", message))
}

/// AWS's refusal of a target that is no operation's.
fn unknown_target(_: &str) -> Option<ServiceError> {
    Some(ServiceError::new(400, "UnknownOperationException", ""))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use serde_json::json;

    use super::*;

    /// A region whose resources are held, and one whose resources are made.
    pub(super) fn each_scene(test: impl Fn(&Scene<'_>)) {
        let id = AccountId::parse("222222222222").unwrap();
        for account in [Account::make(1, id, 1), Account::spread(1, id, 2_000)] {
            let region = "eu-west-1";
            test(&Scene { account: &account, place: &account.regions[region], region });
        }
    }

    #[test]
    fn a_gap_in_a_list_of_a_form_is_refused_at_its_place() {
        let values = |first: u8, second: u8| {
            let list = "Filters.Filter.1.Values.Value";
            format!("Filters.Filter.1.Name=engine&{list}.{first}=a&{list}.{second}=b")
        };
        let names =
            |first: u8, second: u8| format!("Names.member.{first}=a&Names.member.{second}=b");
        for (service, form, at) in [
            (&elb::SERVICE, names(2, 1), None),
            (&elb::SERVICE, names(1, 3), Some("names.2.member")),
            (&rds::SERVICE, values(1, 2), None),
            (&rds::SERVICE, values(1, 3), Some("filters.1.member.values.2.member")),
            (&ec2::SERVICE, "InstanceId.1=a&InstanceId.3=b".to_owned(), None),
        ] {
            let inbound = Inbound {
                method: "POST".parse().unwrap(),
                path: "/".to_owned(),
                query: String::new(),
                headers: Default::default(),
                body: Bytes::from(form.clone()),
            };
            let refused = (service.route)(&inbound).err().map(|error| (error.code, error.message));
            let expected = at.map(|at| {
                let message = format!(
                    "1 validation error detected: Value null at '{at}' failed to satisfy \
                     constraint: Member must not be null"
                );
                ("ValidationError".to_owned(), message)
            });
            assert_eq!(refused, expected, "{form}");
        }
    }

    #[test]
    fn what_is_not_served_has_its_action_and_its_resource() {
        let account = AccountId::parse("222222222222").unwrap();
        let at = Location { account, region: "eu-west-1" };
        for (service, method, target, operation, action, resource) in [
            (&s3::SERVICE, "GET", "/b/k/l", "GetObject", "GetObject", Some("arn:aws:s3:::b/k/l")),
            (&s3::SERVICE, "HEAD", "/b/k", "HeadObject", "GetObject", Some("arn:aws:s3:::b/k")),
            (&s3::SERVICE, "GET", "/b", "ListObjects", "ListBucket", Some("arn:aws:s3:::b")),
            (&s3::SERVICE, "DELETE", "/b?policy", "DeleteBucketPolicy", "DeleteBucketPolicy", None),
            (
                &lambda::SERVICE,
                "POST",
                "/2015-03-31/functions/f/invocations",
                "Invoke",
                "InvokeFunction",
                Some("arn:aws:lambda:eu-west-1:222222222222:function:f"),
            ),
            (&account::SERVICE, "POST", "/enableRegion", "EnableRegion", "EnableRegion", None),
        ] {
            let (path, query) = target.split_once('?').unwrap_or((target, ""));
            let inbound = Inbound {
                method: method.parse().unwrap(),
                path: path.to_owned(),
                query: query.to_owned(),
                headers: Default::default(),
                body: Bytes::new(),
            };
            let (name, input) = (service.route)(&inbound).unwrap();
            assert_eq!((name.as_str(), (service.action)(&name)), (operation, action), "{target}");
            if let Some(resource) = resource {
                let named = (service.unserved_resource)(at, &input);
                assert_eq!(named.as_deref(), Some(resource), "{target}");
            }
            assert!(attache_policy::is_action(&format!("{}:{action}", service.name)), "{action}");
        }
        let nothing = (dynamodb::SERVICE.unserved_resource)(at, &json!({}));
        assert_eq!(nothing, None);
    }
}
