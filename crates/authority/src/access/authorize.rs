//! Asking the policies, and AWS's words for what they say.

use names::Arn;
use policy::{Context, Decision, Denial, Kind, Outcome, Policy, PolicySet, Request};
use wire::serve::Permission;
use wire::{Protocol, ServiceError};

use super::context::{self, Surroundings};
use super::{Caller, Identity};
use crate::state::{Account, ManagedPolicy, State};

/// AWS's policy for those who may do everything.
const ADMINISTRATOR_ACCESS: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

/// Decides whether a caller has a permission. `extra` are the operation's own condition keys.
pub(crate) fn decide(
    state: &State,
    caller: &Caller,
    permission: &Permission,
    around: &Surroundings,
    extra: impl FnOnce(&mut Context),
) -> Decision {
    let owner = Arn::parse(&permission.resource).ok().and_then(|arn| arn.account());
    let mut context = context::of_call(around);
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
    policy::evaluate(&policies(state, caller), &request)
}

/// The policies that have a say in what a caller does.
pub(crate) fn policies(state: &State, caller: &Caller) -> PolicySet {
    let mut set = PolicySet::default();
    let Some(account) = state.account(caller.account) else { return set };
    match &caller.identity {
        Identity::Administrator => {
            set.identity.extend(current(state, account, ADMINISTRATOR_ACCESS).cloned());
        }
        Identity::Session(session) => {
            let Some(role) = account.roles.get(session.role.name().as_str()) else { return set };
            set.identity.extend(role.inline.values().cloned());
            let attached = role.attached.iter();
            set.identity.extend(attached.filter_map(|arn| current(state, account, arn)).cloned());
            set.boundary = role.boundary.as_deref().and_then(|arn| {
                let document = current(state, account, arn);
                let read = document.and_then(|policy| policy_as(policy, Kind::Boundary));
                read.or_else(|| nothing(Kind::Boundary))
            });
            let inline = session.policy.iter().filter_map(|text| {
                let named = |policy: Policy| policy.named("the session policy");
                Policy::parse(text, Kind::Session).ok().map(named)
            });
            let managed = session.policy_arns.iter().filter_map(|arn| {
                current(state, account, arn).and_then(|policy| policy_as(policy, Kind::Session))
            });
            if session.policy.is_some() || !session.policy_arns.is_empty() {
                set.session = Some(inline.chain(managed).collect());
            }
        }
    }
    set
}

/// A managed policy's document that counts.
fn current<'s>(state: &'s State, account: &'s Account, arn: &str) -> Option<&'s Policy> {
    let version = state.managed_policy(account, arn).and_then(ManagedPolicy::current);
    version.map(|version| &version.document)
}

/// The same document with another say.
fn policy_as(policy: &Policy, kind: Kind) -> Option<Policy> {
    let name = policy.name().unwrap_or_default().to_owned();
    Policy::parse(policy.text(), kind).ok().map(|read| read.named(name))
}

/// A policy that allows nothing: what is left of a boundary whose policy is gone.
fn nothing(kind: Kind) -> Option<Policy> {
    let text =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;
    Policy::parse(text, kind).ok()
}

/// AWS's sentence for a refused permission.
pub(crate) fn sentence(decision: &Decision, caller_arn: &str, permission: &Permission) -> String {
    let Permission { action, resource } = permission;
    let head = format!("User: {caller_arn} is not authorized to perform: {action}");
    let head = format!("{head} on resource: {resource}");
    match decision.outcome() {
        Outcome::Denied(Denial::Explicit(kind)) => {
            format!("{head} with an explicit deny in {}", with_article(*kind))
        }
        Outcome::Denied(Denial::Implicit(kind)) => {
            format!("{head} because no {} allows the {action} action", kind.name())
        }
        Outcome::Allowed { .. } => head,
    }
}

fn with_article(kind: Kind) -> String {
    let name = kind.name();
    let article = if name.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {name}")
}

/// A refused permission as the protocol's services say it.
pub(crate) fn refusal(protocol: Protocol, sentence: String) -> ServiceError {
    match protocol {
        Protocol::Query | Protocol::RestXml => ServiceError::new(403, "AccessDenied", sentence),
        Protocol::Ec2Query => {
            let message = format!("You are not authorized to perform this operation. {sentence}");
            ServiceError::new(403, "UnauthorizedOperation", message)
        }
        Protocol::Json10 | Protocol::Json11 => {
            ServiceError::new(400, "AccessDeniedException", sentence)
        }
        Protocol::RestJson => ServiceError::new(403, "AccessDeniedException", sentence),
    }
}
