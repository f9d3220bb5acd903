//! The services that AWS has and that are not served here.
//!
//! Knows: the protocol in which a call is refused, and the operation and the action that it names. A call is
//! authenticated and decided as any other before it is refused. API Gateway's actions are the methods. Does not
//! know: what an operation does, and which operations AWS has had since the files were made.
//!
//! Start at [`UnservedService::of`]. The services are in `services.txt`, the operations of those that are
//! called by a method and a path in `operations.txt`.

mod known;
mod routes;

use attache_aws_protocol::call::{Answer, Inbound};
use attache_aws_protocol::{Protocol, ServiceError, json as document, query};
use attache_identifiers::{Arn, excerpt, redact};
use attache_ledger::PARTITION;
use serde_json::{Map, Value};

use crate::access::Caller;
use crate::refusal::{SEE, failure, unserved_code};
use crate::rest_routes::RestCall;
use crate::service::{Body, Operation, Routed, Service, View};
pub use known::called;
use known::{KnownService, Naming, Wire};

/// Ours: AWS's longest signing name has 35 characters.
const LONGEST_NAME: usize = 64;

/// Ours: the most of a path that a refusal and the journal repeat.
const LONGEST_PATH: usize = 200;

/// The input of a call whose action is named after its method.
const PATH: &str = "path";

/// What a call that names no operation is noted as.
const UNNAMED: &str = "*";

/// A service that is not served, as one call shows it.
#[derive(Debug)]
pub struct UnservedService {
    name: String,
    wire: Wire,
    /// None where AWS has no such service, or had none when the file was made.
    known: Option<&'static KnownService>,
}

impl UnservedService {
    /// The service that a call is signed for.
    pub fn of(inbound: &Inbound, name: &str) -> Self {
        let (shown, known) = (known::shown(inbound), known::service(name));
        let wire = known.map_or(shown, |known| known.wire(shown));
        let name = excerpt(&redact(name, &[]), LONGEST_NAME).to_string();
        Self { name, wire, known }
    }

    /// What its actions begin with.
    fn prefix(&self) -> &str {
        self.known.map_or(&self.name, |known| known.prefix)
    }

    /// That, where its actions are named after the methods of calls.
    fn method_prefix(&self) -> Option<&'static str> {
        self.known.filter(|known| known.by_method).map(|known| known.prefix)
    }

    /// The members of the input of a call that names its operation.
    fn members(&self, inbound: &Inbound) -> Map<String, Value> {
        let input = match self.wire.naming {
            Naming::Action => query::input(inbound),
            Naming::Target => document::decode(&inbound.body),
            Naming::RpcPath | Naming::Rest => Ok(Value::Null),
        };
        match input {
            Ok(Value::Object(members)) => members,
            _ => Map::new(),
        }
    }

    /// Those that are ARNs of the service, one of which an action is most likely about. Nothing else of an
    /// input is kept: it is not known which members are secret.
    fn arns(&self, mut members: Map<String, Value>) -> Value {
        members.retain(|_, member| {
            let arn = member.as_str().and_then(|text| Arn::parse(text).ok());
            arn.is_some_and(|arn| arn.service() == self.prefix())
        });
        Value::Object(members)
    }

    /// What a call with a method and a path is for. Where no operation is known by it, its name is the
    /// method and the path.
    fn route_path(&self, inbound: &Inbound) -> Routed {
        if let Some(RestCall { operation, path, query }) = self.rest_call(inbound) {
            let path = path.into_iter().map(|(name, value)| (name.to_owned(), value));
            let members = path.chain(query).map(|(name, value)| (name, Value::String(value)));
            return Routed { operation: operation.to_owned(), input: self.arns(members.collect()) };
        }
        let path = excerpt(&redact(&inbound.path, &[]), LONGEST_PATH).to_string();
        let operation = format!("{} {path}", inbound.method);
        let input = Map::from_iter([(PATH.to_owned(), Value::String(path))]);
        Routed { operation, input: Value::Object(input) }
    }

    fn rest_call(&self, inbound: &Inbound) -> Option<RestCall> {
        if self.method_prefix().is_some() {
            return None;
        }
        routes::routes(&self.name)?.find(inbound).ok()?
    }
}

impl Service for UnservedService {
    fn name(&self) -> &str {
        &self.name
    }

    fn protocol(&self) -> Protocol {
        self.wire.protocol
    }

    /// Whatever cannot be read is no reason to refuse a call before it is authenticated: it names no
    /// operation then.
    fn route(&self, inbound: &Inbound) -> Result<Routed, ServiceError> {
        if self.wire.naming == Naming::Rest {
            return Ok(self.route_path(inbound));
        }
        let operation = known::operation(self.wire.naming, inbound);
        let operation = operation.unwrap_or_else(|| UNNAMED.to_owned());
        Ok(Routed { operation, input: self.arns(self.members(inbound)) })
    }

    fn operation(&self, _name: &str) -> Option<&dyn Operation> {
        None
    }

    fn unserved_action(&self, operation: &str) -> Option<String> {
        if let Some(prefix) = self.method_prefix() {
            let (method, _path) = operation.split_once(' ')?;
            return Some(format!("{prefix}:{method}"));
        }
        let action = match self.wire.naming {
            Naming::Rest => routes::routes(&self.name)?.action(operation)?,
            _ if operation == UNNAMED => return None,
            _ => self.known.map_or(operation, |known| known.action(operation)),
        };
        Some(format!("{}:{action}", self.prefix()))
    }

    fn unserved_resource(&self, caller: &Caller, input: &Value) -> String {
        let members = input.as_object().into_iter().flat_map(Map::values);
        let Some(text) = members.filter_map(Value::as_str).next() else { return "*".to_owned() };
        let Some(prefix) = self.method_prefix() else { return text.to_owned() };
        // The ARNs of both versions of the API are alike:
        // <https://docs.aws.amazon.com/apigateway/latest/developerguide/arn-format-reference.html>.
        let path = text.strip_prefix("/v2").unwrap_or(text);
        Arn::new(PARTITION, prefix, &caller.region, None, path).to_string()
    }

    fn unknown_operation(&self, name: &str) -> ServiceError {
        let service = &self.name;
        let seen = match self.wire.naming {
            Naming::Rest => {
                format!(
                    "knows no operation of it that is {name}: whether that is allowed was not decided"
                )
            }
            _ => "the call names none of its operations".to_owned(),
        };
        let message = format!("The embedded AWS does not serve {service}, and {seen}. {SEE}");
        ServiceError::new(400, unserved_code(self.wire.protocol), message)
    }

    fn answer(&self, _: &str, _: &Body, _: &str) -> Result<Answer, ServiceError> {
        Err(failure())
    }

    fn view(&self) -> View {
        View::Deciding
    }
}
