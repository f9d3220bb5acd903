//! The room of Organizations.

use attache_aws_protocol::call::Answer;
use attache_aws_protocol::{Protocol, ServiceError};
use attache_policy::Context;
use serde_json::Value;

use super::address;
use super::dispatch::Signature;
use super::handle::{Decided, Pending, hidden};
use crate::access::{Caller, context};
use crate::organizations::{self, Call, Done, Operation, Refused};
use crate::refusal::failure;
use crate::shape::Input;
use attache_ledger::state::State;

/// Organizations.
pub(super) fn organizations(mut pending: Pending<'_>, signed: Signature) -> Decided {
    let (name, input) = match address::target(pending.inbound) {
        Ok(read) => read,
        Err(error) => return pending.refused(error),
    };
    let operation = organizations::operation(&name);
    let authority = pending.authority;
    // A change is decided and made under one lock; looking can be shared.
    if operation.is_some_and(|operation| operation.changes) {
        let mut state = authority.ledger.write();
        let done = decide(&mut pending, signed, &state, &name, operation, &input);
        match done {
            Err(refused) => refuse(pending, refused),
            Ok(Done { result, change }) => {
                let answer = written(&result, &pending.around.request_id);
                match change {
                    Some(change) => pending.changed(&mut state, answer, change),
                    None => pending.ended(answer),
                }
            }
        }
    } else {
        let state = authority.ledger.read();
        let done = decide(&mut pending, signed, &state, &name, operation, &input);
        drop(state);
        match done {
            Err(refused) => refuse(pending, refused),
            Ok(done) => {
                let answer = written(&done.result, &pending.around.request_id);
                pending.ended(answer)
            }
        }
    }
}

fn decide(
    pending: &mut Pending<'_>,
    signed: Signature,
    state: &State,
    name: &str,
    operation: Option<&'static Operation>,
    input: &Value,
) -> Result<Done, Refused> {
    pending.note.calls(format!("organizations:{name}"), input);
    // Who calls and whether they may can lag behind; what there is and changes is as it is.
    let lagging = pending.authority.ledger.delayed();
    let deciding = lagging.as_deref().unwrap_or(state);
    let caller = pending.caller(signed, deciding)?;
    let operation = operation.ok_or_else(|| {
        ServiceError::new(400, "UnknownOperationException", format!("No operation {name}."))
    })?;
    operation.check(input)?;
    let call = Call { state, caller: caller.account, input: Input(input), now: pending.around.now };
    for permission in operation.permissions(&call) {
        pending.permit_within(deciding, &caller, &permission, |context| {
            add_keys(context, &call, &caller);
        })?;
    }
    operation.answer(&call)
}

/// The keys that Organizations' own operations bring.
fn add_keys(context: &mut Context, call: &Call<'_>, caller: &Caller) {
    context::add_tags(context, &call.input.tags("Tags"));
    context::add_tag_keys(context, &call.input.texts("TagKeys"));
    let organization = call.state.organization_of(caller.account);
    let policy = call.input.optional("PolicyId");
    let policy = organization.zip(policy).and_then(|(own, id)| own.policies.get(id));
    let named = ["Type", "PolicyType", "Filter"].into_iter();
    let named = named.filter_map(|member| call.input.optional(member)).next();
    if let Some(kind) = policy.map(|policy| policy.kind.name()).or(named) {
        context.set("organizations:PolicyType", kind);
    }
    if let Some(service) = call.input.optional("ServicePrincipal") {
        context.set("organizations:ServicePrincipal", service);
    }
    let ids = ["ResourceId", "TargetId", "OrganizationalUnitId", "AccountId", "PolicyId"];
    let tags = ids.into_iter().filter_map(|member| call.input.optional(member));
    let tags = tags.filter_map(|id| organization?.tags.get(id)).next();
    for tag in tags.into_iter().flat_map(attache_ledger::Tags::iter) {
        context.set_at(&["aws:ResourceTag/", &tag.key], &tag.value);
    }
}

fn written(result: &Value, id: &str) -> Result<Answer, ServiceError> {
    attache_aws_protocol::json::response(Protocol::Json11, result, id).map_err(|_| failure())
}

/// Ends the call with a refusal in the service's own words, reason and all.
fn refuse(pending: Pending<'_>, mut refused: Refused) -> Decided {
    refused.error = hidden(refused.error);
    let id = &pending.around.request_id;
    let answer = Answer::new(refused.error.status, Protocol::Json11, id, refused.body());
    pending.told(&refused.error, answer)
}
