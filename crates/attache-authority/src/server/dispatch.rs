//! The rooms behind the server, each as: whose call, which operation, may they, do it.

use std::cell::RefCell;

use attache_aws_protocol::ServiceError;
use attache_aws_protocol::call::Answer;
use attache_aws_protocol::serve::{Backend, Permission};
use attache_aws_protocol::sigv4::{SignatureError, Signed};
use attache_aws_protocol::xml::{self, Lists};
use attache_identifiers::{AccountId, Region};
use attache_policy::{Context, Explanation, Outcome};
use serde::Serialize;
use serde_json::Value;

use super::address;
use super::handle::{Decided, Pending};
use crate::access::{Caller, authorize, context, message};
use crate::budget::Budget;
use crate::refusal::failure;
use crate::shape::{self, Input};
use crate::sts::Told;
use crate::{iam, sts};
use attache_ledger::state::State;

pub(super) type Signature = Result<Option<Signed>, SignatureError>;

/// STS. Its calls change nothing: a session is in its own token.
pub(super) fn sts(mut pending: Pending<'_>, signed: Signature) -> Decided {
    let (operation, input) = match address::form(pending.inbound) {
        Ok(read) => read,
        Err(error) => return pending.refused(error),
    };
    pending.note.calls(format!("sts:{operation}"), &input);
    pending.note.resource = resource_of_sts(&input);
    let authority = pending.authority;
    let state = authority.ledger.deciding();
    // The one call that needs no signature: the token is the proof.
    let caller = match operation.as_str() {
        "AssumeRoleWithWebIdentity" => None,
        _ => match pending.caller(signed, &state) {
            Ok(caller) => Some(caller),
            Err(error) => return pending.refused(error),
        },
    };
    let Some(members) = sts::members_of(&operation) else {
        return pending.refused(unknown_action(&operation, "2011-06-15"));
    };
    if let Err(error) = shape::check(members, &input) {
        return pending.refused(error);
    }
    if let Some(error) = caller.as_ref().and_then(|own| sts::closed(&operation, own)) {
        return pending.refused(error);
    }
    let input = Input(&input);
    let around = pending.around;
    let (wanted, explained) = (RefCell::new(None), RefCell::default());
    let call = sts::Call {
        state: &state,
        input,
        around,
        key: authority.ledger.key(),
        issuers: &authority.issuers,
        wanted: &wanted,
        explained: authority.decisions.as_ref().map(|_| &explained),
    };
    let result = match (operation.as_str(), &caller) {
        ("AssumeRoleWithWebIdentity", _) => {
            let (asker, verdict) = sts::assume_role_with_web_identity(&call);
            // The journal files it under the account that was asked, as CloudTrail does.
            let asked = asker.account;
            pending.note.account = asked.filter(|account| state.account(*account).is_some());
            pending.note.principal = asker.principal;
            pending.note.reason = verdict.reason;
            verdict.result
        }
        ("AssumeRole", Some(caller)) => {
            let verdict = sts::assume_role(&call, caller);
            pending.note.reason = verdict.reason;
            verdict.result
        }
        (_, Some(caller)) if sts::permission(&operation, caller, input).is_some() => {
            permitted_sts(&mut pending, &call, caller, &operation).map(Told::Members)
        }
        ("GetSessionToken", Some(caller)) => sts::session_token(&call, caller).map(Told::Members),
        (_, Some(caller)) => Ok(Told::Members(sts::caller_identity(caller))),
        (_, None) => Err(failure()),
    };
    drop(state);
    if let Some(wanted) = wanted.take().filter(|_| !pending.asked) {
        return pending.wants(wanted);
    }
    pending.explained(explained.into_inner());
    let answer =
        result.and_then(|result| query(&operation, sts::XMLNS, &result, &around.request_id));
    pending.ended(answer)
}

/// The calls to STS that need a permission of their caller's alone.
fn permitted_sts(
    pending: &mut Pending<'_>,
    call: &sts::Call<'_>,
    caller: &Caller,
    operation: &str,
) -> Result<Value, ServiceError> {
    if let Some(permission) = sts::permission(operation, caller, call.input) {
        let tags = call.input.tags("Tags");
        let add_tags = |context: &mut Context| context::add_tags(context, &tags);
        pending.permit(call.state, caller, &permission, add_tags)?;
        if !tags.is_empty() {
            let action = "sts:TagSession".to_owned();
            let permission = Permission { action, ..permission };
            pending.permit(call.state, caller, &permission, add_tags)?;
        }
    }
    match operation {
        "GetFederationToken" => sts::federation_token(call, caller),
        "GetAccessKeyInfo" => sts::access_key_info(call.input),
        _ => sts::authorization_message(call.key, caller, call.input),
    }
}

/// What the journal says that a call to STS is about.
fn resource_of_sts(input: &Value) -> String {
    Input(input).optional("RoleArn").unwrap_or("*").to_owned()
}

/// IAM.
pub(super) fn iam(pending: Pending<'_>, signed: Signature) -> Decided {
    let (name, input) = match address::form(pending.inbound) {
        Ok(read) => read,
        Err(error) => return pending.refused(error),
    };
    let operation = iam::operation(&name);
    let authority = pending.authority;
    // A change is decided and made under one lock; looking can be shared.
    if operation.is_some_and(|operation| operation.changes) {
        let mut state = authority.ledger.write();
        let (pending, done) = decide_iam(pending, signed, &state, &name, operation, &input);
        match done {
            Err(error) => pending.refused(error),
            Ok(iam::Done { result, change, .. }) => {
                let answer = query(&name, iam::XMLNS, &result, &pending.around.request_id);
                match change {
                    Some(change) => pending.changed(&mut state, answer, change),
                    None => pending.ended(answer),
                }
            }
        }
    } else {
        let state = authority.ledger.read();
        let (pending, done) = decide_iam(pending, signed, &state, &name, operation, &input);
        drop(state);
        let budget = Budget::begin(pending.gone.clone());
        let result = done.and_then(|done| done.finish(Input(&input), &budget));
        let id = &pending.around.request_id;
        pending.ended(result.and_then(|result| query(&name, iam::XMLNS, &result, id)))
    }
}

fn decide_iam<'c>(
    mut pending: Pending<'c>,
    signed: Signature,
    state: &State,
    name: &str,
    operation: Option<&'static iam::Operation>,
    input: &Value,
) -> (Pending<'c>, Result<iam::Done, ServiceError>) {
    pending.note.calls(format!("iam:{name}"), input);
    // Who calls and whether they may can lag behind; what IAM tells and changes is as it is.
    let lagging = pending.authority.ledger.delayed();
    let deciding = lagging.as_deref().unwrap_or(state);
    let done = pending.caller(signed, deciding).and_then(|caller| {
        // AWS's rule: without a device nobody has more than the key that began the session.
        if caller.user_session().is_some() {
            return Err(SignatureError::SessionToken.service_error(pending.address.protocol));
        }
        let operation = operation.ok_or_else(|| unknown_action(name, "2010-05-08"))?;
        shape::check(operation.members, input)?;
        let account = state.account(caller.account).ok_or_else(failure)?;
        let input = Input(input);
        for permission in operation.permissions(account, &caller, input) {
            pending.permit(deciding, &caller, &permission, |context| {
                iam::add_keys(context, operation, &permission.action, account, &caller, input);
            })?;
        }
        let usage = pending.authority.ledger.usage();
        (operation.run)(&iam::Call {
            state,
            account,
            caller: &caller,
            input,
            now: pending.around.now,
            key: pending.authority.ledger.key(),
            quotas: &pending.authority.quotas,
            usage: &usage,
        })
    });
    (pending, done)
}

/// Another room's services.
pub(super) fn backend(
    mut pending: Pending<'_>,
    signed: Signature,
    backend: &dyn Backend,
) -> Decided {
    let service = pending.address.service.clone();
    let authority = pending.authority;
    let state = authority.ledger.deciding();
    let allowed = pending.caller(signed, &state).and_then(|caller| {
        let region = Region::parse(&caller.region).map_err(|_| {
            let (wanted, got) = ("us-east-1".to_owned(), caller.region.clone());
            SignatureError::ScopeRegion { wanted, got }.service_error(pending.address.protocol)
        })?;
        let routed = match backend.route(caller.account, &region, &service, pending.inbound) {
            Ok(routed) => routed,
            Err(error) => return Err(unserved(&mut pending, &state, &caller, error)),
        };
        pending.note.calls(format!("{service}:{}", routed.operation), &routed.input);
        for permission in &routed.permissions {
            pending.permit(&state, &caller, permission, |_| {})?;
        }
        let Caller { account, arn, .. } = caller;
        Ok((attache_aws_protocol::serve::Caller { account, arn, region }, routed))
    });
    // A backend has its own state, and may take its time.
    drop(state);
    let id = &pending.around.request_id;
    let answer = allowed.and_then(|(caller, routed)| backend.answer(&caller, &routed, id));
    pending.ended(answer)
}

/// What to say of a call that the backend does not take. One that AWS knows is first judged: who
/// may not call it learns that, as on AWS.
fn unserved(
    pending: &mut Pending<'_>,
    state: &State,
    caller: &Caller,
    error: ServiceError,
) -> ServiceError {
    let service = &pending.address.service;
    let Some(operation) = address::operation(pending.inbound) else { return error };
    let action = format!("{service}:{operation}");
    if !attache_policy::is_action(&action) {
        return error;
    }
    let permission = Permission { action, resource: "*".to_owned() };
    match pending.permit(state, caller, &permission, |_| {}) {
        Ok(()) => error,
        Err(refusal) => refusal,
    }
}

impl Pending<'_> {
    /// Keeps explanations, where decisions are to be explained.
    pub(super) fn explained(&mut self, all: impl IntoIterator<Item = Explanation>) {
        if self.authority.decisions.is_some() {
            self.note.steps.extend(all.into_iter().map(Into::into));
        }
    }

    /// Refuses a caller who has not the permission; notes what was asked and why it was decided so.
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
        self.note.asks(permission.action.clone(), permission.resource.clone());
        let (explanation, context) =
            authorize::decide(state, caller, permission, owner, self.around, extra);
        self.note.reason = explanation.to_string();
        let outcome = explanation.outcome;
        if self.authority.decisions.is_some() {
            self.note.steps.push(explanation.clone().into());
        }
        if let Outcome::Allowed { .. } = outcome {
            return Ok(());
        }
        let protocol = self.address.protocol;
        let mut sentence = authorize::sentence(protocol, &explanation, &caller.arn, permission);
        let key = self.authority.ledger.key();
        if authorize::has_encoded_message(permission)
            && let Some(text) = message::encode(key, &explanation, caller, permission, &context)
        {
            sentence = format!("{sentence}{}{text}", message::BEFORE);
        }
        Err(authorize::refusal(protocol, sentence))
    }
}

/// The lists of answers; what is `entry` is a map.
const LISTS: Lists = Lists {
    default: "member",
    named: &[("SummaryMap", "entry"), ("EvalDecisionDetails", "entry")],
};

/// An awsQuery answer; an operation whose result is null has no result element.
fn query(
    name: &str,
    xmlns: &str,
    result: &impl Serialize,
    id: &str,
) -> Result<Answer, ServiceError> {
    xml::query_response(name, xmlns, result, &LISTS, id).map_err(|error| {
        tracing::error!(%error, name, "an answer could not be written");
        failure()
    })
}

fn unknown_action(name: &str, version: &str) -> ServiceError {
    let message = format!("Could not find operation {name} for version {version}");
    ServiceError::new(400, "InvalidAction", message)
}
