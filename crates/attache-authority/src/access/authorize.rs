//! Asking the policies whether a caller has a permission, and refusing who has not.

use attache_aws_protocol::{Protocol, ServiceError};
use attache_identifiers::{AccountId, Arn};
use attache_ledger::state::State;
use attache_policy::{Context, Explanation, Request};
use attache_services::access::context::{self, CallContext};
use attache_services::access::{Caller, org_policies, policies};
use attache_services::service::Permission;

/// The account that owns what a permission is about, where its ARN says.
pub(crate) fn owner(permission: &Permission) -> Option<AccountId> {
    Arn::parse(&permission.resource).ok().and_then(|arn| arn.account())
}

/// Decides whether a caller has a permission for what an account owns. `extra` are the operation's
/// own condition keys. With the keys that it was decided under.
pub(crate) fn decide(
    state: &State,
    caller: &Caller,
    permission: &Permission,
    owner: Option<AccountId>,
    call: &CallContext,
    extra: impl FnOnce(&mut Context),
) -> (Explanation, Context) {
    let mut context = context::of_call(call);
    context::add_caller(&mut context, caller, state);
    context::add_resource(&mut context, owner.unwrap_or(caller.account), state);
    extra(&mut context);
    let request = Request {
        principal: caller.principal(),
        action: permission.action.clone(),
        resource: permission.resource.clone(),
        resource_account: owner,
        context,
    };
    let mut all = policies::of_caller(state, caller);
    org_policies::of_owner(&mut all, state, owner.unwrap_or(caller.account));
    (attache_policy::evaluate(&all, &request).explain(), request.context)
}

/// Whether AWS's refusal carries an encoded message: EC2's of what is more than looking.
pub(crate) fn has_encoded_message(permission: &Permission) -> bool {
    let action = permission.action.strip_prefix("ec2:");
    action.is_some_and(|name| !["Describe", "Get", "List"].iter().any(|p| name.starts_with(p)))
}

/// A refused permission as the protocol's services say it.
pub(crate) fn refusal(protocol: Protocol, sentence: String) -> ServiceError {
    match protocol {
        Protocol::Query | Protocol::RestXml => ServiceError::new(403, "AccessDenied", sentence),
        Protocol::Ec2Query => {
            let message = format!("You are not authorized to perform this operation. {sentence}");
            ServiceError::new(403, "UnauthorizedOperation", message)
        }
        Protocol::Json10 | Protocol::Json11 | Protocol::RpcV2Cbor => {
            ServiceError::new(400, "AccessDeniedException", sentence)
        }
        Protocol::RestJson => ServiceError::new(403, "AccessDeniedException", sentence),
    }
}
