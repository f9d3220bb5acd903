//! IAM: the operations on providers, roles and policies.
//!
//! Knows: what each operation takes, answers and refuses. An operation is a pure function: the
//! state and an input in, an answer and perhaps a change out.
//!
//! Does not know: how a call is authenticated and authorised (that comes before), and how a change is
//! kept (that comes after).
//!
//! Start at `operation`, whose tables name every operation.

mod access_keys;
mod account;
mod attachments;
mod boundaries;
mod condition_keys;
mod context_keys;
mod details;
mod groups;
mod identity_names;
mod identity_propagation;
mod inline_policies;
mod inputs;
mod instance_profiles;
mod last_accessed;
mod limits;
mod members;
mod owner;
mod page;
mod password_policy;
mod permissions;
mod policies;
mod policy_documents;
mod policy_source;
mod provider_normal_form;
mod providers;
mod roles;
mod service_linked;
mod service_linked_roles;
mod show;
mod simulate;
mod simulation;
mod tagging;
mod unsupported;
mod update_role;
mod users;
mod versions;

use attache_aws_protocol::call::{Answer, Inbound};
use attache_aws_protocol::sigv4::SignatureError;
use attache_aws_protocol::{Protocol, ServiceError};
use attache_policy::Context;
use permissions::Resource;
use serde_json::Value;

use crate::access::Caller;
use crate::query_protocol;
use crate::refusal::limit_exceeded;
use crate::service::{self, Body, Call, Permission, Refusal, Response, Routed};
use crate::validation::{self, Member};

/// The namespace of IAM's answers.
const XMLNS: &str = "https://iam.amazonaws.com/doc/2010-05-08/";

impl Call<'_> {
    /// Refuses one more where a quota is reached.
    fn check_quota(&self, quota: &str, taken: usize) -> Result<(), ServiceError> {
        let most = self.quotas.get(quota);
        if taken < most { Ok(()) } else { Err(limit_exceeded(quota, most)) }
    }
}

/// One operation.
#[derive(Debug, Clone, Copy)]
struct Operation {
    name: &'static str,
    members: &'static [Member],
    resource: Resource,
    /// Whether it may change the state, and so needs it alone.
    changes: bool,
    run: fn(&Call<'_>) -> Result<Response, ServiceError>,
}

/// The operation of that name.
fn operation(name: &str) -> Option<&'static Operation> {
    let tables = [
        providers::OPERATIONS,
        identity_propagation::OPERATIONS,
        roles::OPERATIONS,
        update_role::OPERATIONS,
        service_linked::OPERATIONS,
        inline_policies::OPERATIONS,
        users::OPERATIONS,
        groups::OPERATIONS,
        access_keys::OPERATIONS,
        unsupported::OPERATIONS,
        instance_profiles::OPERATIONS,
        account::OPERATIONS,
        password_policy::OPERATIONS,
        details::OPERATIONS,
        simulate::OPERATIONS,
        context_keys::OPERATIONS,
        last_accessed::OPERATIONS,
        policies::OPERATIONS,
        versions::OPERATIONS,
        attachments::OPERATIONS,
        boundaries::OPERATIONS,
        tagging::OPERATIONS,
    ];
    tables.into_iter().flatten().find(|operation| operation.name == name)
}

/// IAM.
pub struct Iam;

impl service::Service for Iam {
    fn name(&self) -> &'static str {
        "iam"
    }

    fn protocol(&self) -> Protocol {
        Protocol::Query
    }

    fn route(&self, inbound: &Inbound) -> Result<Routed, ServiceError> {
        query_protocol::route(inbound)
    }

    fn operation(&self, name: &str) -> Option<&dyn service::Operation> {
        operation(name).map(|operation| operation as _)
    }

    fn unknown_operation(&self, name: &str) -> ServiceError {
        query_protocol::unknown_action(name, "2010-05-08")
    }

    fn answer(&self, name: &str, body: &Body, id: &str) -> Result<Answer, ServiceError> {
        query_protocol::answer(name, XMLNS, body, id)
    }

    /// AWS's rule: a user's session that began without an MFA device cannot call IAM.
    fn admit(&self, caller: &Caller) -> Result<(), ServiceError> {
        match caller.user_session() {
            Some(_) => Err(SignatureError::SessionToken.service_error(self.protocol())),
            None => Ok(()),
        }
    }
}

impl service::Operation for Operation {
    fn changes(&self) -> bool {
        self.changes
    }

    fn validate(&self, _caller: &Caller, input: &Value) -> Result<(), Refusal> {
        Ok(validation::check(self.members, input)?)
    }

    fn permissions(&self, call: &Call<'_>) -> Result<Vec<Permission>, Refusal> {
        let subject = call.input.read_declared(self.members)?;
        Ok(self.required_permissions(call, &subject))
    }

    fn add_keys(
        &self,
        context: &mut Context,
        permission: &Permission,
        call: &Call<'_>,
    ) -> Result<(), Refusal> {
        let subject = call.input.read_declared(self.members)?;
        condition_keys::add_keys(context, self, &permission.action, call, &subject);
        Ok(())
    }

    fn run(&self, call: &Call<'_>) -> Result<Response, Refusal> {
        Ok((self.run)(call)?)
    }
}
