//! A service of the sample resources as the authority's loop sees it.

use std::collections::BTreeMap;
use std::sync::Arc;

use attache_aws_protocol::call::{Answer, Inbound};
use attache_aws_protocol::sigv4::SignatureError;
use attache_aws_protocol::{Protocol, ServiceError};
use attache_identifiers::{AccountId, Region};
use attache_services::access::Caller;
use attache_services::refusal::failure;
use attache_services::service::{
    Body, Call, Operation, Permission, Refusal, Response, Routed, Service, View,
};
use attache_services::validation::check_types;
use serde_json::Value;

use crate::model::{self, Account};
use crate::serve::{Location, OperationSpec, Scene, ServiceSpec};

/// What all accounts hold.
type Accounts = BTreeMap<AccountId, Account>;

/// A service, with the resources that it answers with.
pub(crate) struct SampleService {
    spec: &'static ServiceSpec,
    operations: Vec<SampleOperation>,
}

struct SampleOperation {
    service: &'static ServiceSpec,
    spec: &'static OperationSpec,
    accounts: Arc<Accounts>,
}

impl SampleService {
    pub(crate) fn new(spec: &'static ServiceSpec, accounts: &Arc<Accounts>) -> Self {
        let operation = |operation| SampleOperation {
            service: spec,
            spec: operation,
            accounts: Arc::clone(accounts),
        };
        Self { spec, operations: spec.operations.iter().map(operation).collect() }
    }
}

impl Service for SampleService {
    fn name(&self) -> &'static str {
        self.spec.name
    }

    fn protocol(&self) -> Protocol {
        self.spec.protocol
    }

    fn speaks(&self, inbound: &Inbound) -> bool {
        (self.spec.speaks)(inbound)
    }

    fn route(&self, inbound: &Inbound) -> Result<Routed, ServiceError> {
        let (operation, input) = (self.spec.route)(inbound)?;
        Ok(Routed { operation, input })
    }

    fn operation(&self, name: &str) -> Option<&dyn Operation> {
        let found = self.operations.iter().find(|operation| operation.spec.name == name);
        found.map(|operation| operation as _)
    }

    fn unserved_action(&self, operation: &str) -> Option<String> {
        let action = format!("{}:{}", self.spec.name, (self.spec.action)(operation));
        attache_policy::is_action(&action).then_some(action)
    }

    fn unserved_resource(&self, caller: &Caller, input: &Value) -> String {
        let at = Location { account: caller.account, region: &caller.region };
        (self.spec.unserved_resource)(at, input).unwrap_or_else(|| "*".to_owned())
    }

    fn unknown_operation(&self, name: &str) -> ServiceError {
        (self.spec.unknown)(name).unwrap_or_else(|| self.unserved(name))
    }

    fn answer(&self, name: &str, body: &Body, id: &str) -> Result<Answer, ServiceError> {
        let Body::Members(members) = body else { return Err(failure()) };
        let answer = (self.spec.answer)(name, members, id);
        answer.map_err(|error| error.service_error(self.spec.protocol))
    }

    fn modelled(&self, refusal: Refusal) -> Refusal {
        (self.spec.spelled)(refusal.error).into()
    }

    /// They change nothing, and have no state that could lag behind.
    fn view(&self) -> View {
        View::Deciding
    }

    /// Each resource is in a region: a signature for a partition's global endpoint names none.
    fn admit(&self, caller: &Caller) -> Result<(), ServiceError> {
        match Region::parse(&caller.region) {
            Ok(_) => Ok(()),
            Err(_) => {
                let (wanted, got) = ("us-east-1".to_owned(), caller.region.clone());
                let refused = SignatureError::ScopeRegion { wanted, got };
                Err(refused.service_error(self.spec.protocol))
            }
        }
    }
}

impl Operation for SampleOperation {
    fn validate(&self, _caller: &Caller, input: &Value) -> Result<(), Refusal> {
        Ok(check_types(self.service.protocol, self.service.types, input)?)
    }

    fn permissions(&self, call: &Call<'_>) -> Result<Vec<Permission>, Refusal> {
        let at = Location { account: call.caller.account, region: &call.caller.region };
        let resource = self.spec.resource.map(|resource| resource(at, call.input.0));
        Ok(vec![Permission {
            action: format!("{}:{}", self.service.name, self.spec.action),
            resource: resource.unwrap_or_else(|| "*".to_owned()),
        }])
    }

    /// The resources are no part of the authority's state, which need not be locked for them.
    fn run(&self, call: &Call<'_>) -> Result<Response, Refusal> {
        let (id, region) = (call.caller.account, call.caller.region.clone());
        let (accounts, run) = (Arc::clone(&self.accounts), self.spec.run);
        Ok(Response::later(move |input, _| {
            let empty = Account::empty(id);
            let account = accounts.get(&id).unwrap_or(&empty);
            let nothing = model::Region::default();
            let place = account.regions.get(&region).unwrap_or(&nothing);
            run(&Scene { account, place, region: &region }, input.0)
        }))
    }
}
