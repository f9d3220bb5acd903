//! Whether a caller has a permission, and what the journal records of the decision.

use attache_aws_protocol::ServiceError;
use attache_identifiers::AccountId;
use attache_ledger::state::State;
use attache_policy::{Context, Outcome};
use attache_services::access::{Caller, message, sentence};
use attache_services::service::Permission;

use super::handle::PendingCall;
use crate::access::authorize;

impl PendingCall<'_> {
    /// Refuses a caller without the permission; records the request and the reason of the decision.
    pub(super) fn permit(
        &mut self,
        state: &State,
        caller: &Caller,
        permission: &Permission,
        extra: impl FnOnce(&mut Context),
    ) -> Result<(), ServiceError> {
        let owner = authorize::owner(permission);
        self.permit_owned(state, caller, permission, owner, extra)
    }

    /// The same for what belongs to the caller's account whatever its ARN says: Organizations names
    /// all by the management account, and its delegates need no policy of that account's.
    pub(super) fn permit_within(
        &mut self,
        state: &State,
        caller: &Caller,
        permission: &Permission,
        extra: impl FnOnce(&mut Context),
    ) -> Result<(), ServiceError> {
        self.permit_owned(state, caller, permission, Some(caller.account), extra)
    }

    fn permit_owned(
        &mut self,
        state: &State,
        caller: &Caller,
        permission: &Permission,
        owner: Option<AccountId>,
        extra: impl FnOnce(&mut Context),
    ) -> Result<(), ServiceError> {
        self.event.requested(permission.action.clone(), permission.resource.clone());
        let (explanation, context) =
            authorize::decide(state, caller, permission, owner, self.context, extra);
        self.event.reason = explanation.to_string();
        let outcome = explanation.outcome;
        if self.authority.decisions.is_some() {
            self.event.steps.push(explanation.clone().into());
        }
        if let Outcome::Allowed { .. } = outcome {
            return Ok(());
        }
        let protocol = self.address.protocol;
        let mut sentence = sentence::refused(protocol, &explanation, &caller.arn, permission);
        let key = self.authority.ledger.key();
        if authorize::has_encoded_message(permission)
            && let Some(text) = message::encode(key, &explanation, caller, permission, &context)
        {
            sentence = format!("{sentence}{}{text}", message::BEFORE);
        }
        Err(authorize::refusal(protocol, sentence))
    }
}
