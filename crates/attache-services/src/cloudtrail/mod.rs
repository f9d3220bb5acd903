//! CloudTrail: the journal's events in CloudTrail's shape.
//!
//! Knows: what `LookupEvents` takes, and how a record is written. Does not know: where events are
//! kept; it is handed them newest first.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html>

mod lookup;
mod record;

use attache_aws_protocol::call::{Answer, Inbound};
use attache_aws_protocol::{Protocol, ServiceError};
use serde_json::Value;

use crate::access::Caller;
use crate::service::{Body, Call, Operation, Permission, Refusal, Response, Routed, Service, View};
use crate::{json_protocol, refusal, validation};

pub use lookup::{Lookup, Page};

/// CloudTrail.
pub struct CloudTrail;

/// Its one operation.
struct LookupEvents;

impl Service for CloudTrail {
    fn name(&self) -> &'static str {
        "cloudtrail"
    }

    fn protocol(&self) -> Protocol {
        Protocol::Json11
    }

    fn route(&self, inbound: &Inbound) -> Result<Routed, ServiceError> {
        json_protocol::route(inbound)
    }

    fn operation(&self, name: &str) -> Option<&dyn Operation> {
        (name == "LookupEvents").then_some(&LookupEvents as _)
    }

    fn unknown_operation(&self, _name: &str) -> ServiceError {
        ServiceError::new(400, "UnknownOperationException", "")
    }

    fn answer(&self, _name: &str, body: &Body, id: &str) -> Result<Answer, ServiceError> {
        json_protocol::answer(self.protocol(), body, id)
    }

    fn view(&self) -> View {
        View::Deciding
    }
}

impl Operation for LookupEvents {
    fn validate(&self, _caller: &Caller, input: &Value) -> Result<(), Refusal> {
        let checked = validation::check(lookup::MEMBERS, input);
        checked.map_err(|invalid| {
            invalid.json(|violation| Refusal::from(refusal::validation(violation.message)))
        })
    }

    fn permissions(&self, _call: &Call<'_>) -> Result<Vec<Permission>, Refusal> {
        let (action, resource) = ("cloudtrail:LookupEvents".to_owned(), "*".to_owned());
        Ok(vec![Permission { action, resource }])
    }

    fn run(&self, call: &Call<'_>) -> Result<Response, Refusal> {
        let lookup = Lookup::read(call.read()?, call.caller.account, call.region())?;
        Ok(Response::lookup(lookup))
    }
}
