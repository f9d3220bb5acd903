//! Asking the policies, and AWS's words for what they say.

use names::{AccountId, Arn};
use policy::{Applicable, Context, Denial, Explanation, Kind, Outcome, Policy, PolicySet, Request};
use wire::serve::Permission;
use wire::{Protocol, ServiceError};

use super::context::{self, Surroundings};
use super::{Caller, Identity, controls};
use crate::state::{Account, Document, ManagedPolicy, State};

/// AWS's policy for those who may do everything.
const ADMINISTRATOR_ACCESS: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

/// The account that owns what a permission is about, where its ARN says.
pub(crate) fn owner(permission: &Permission) -> Option<AccountId> {
    Arn::parse(&permission.resource).ok().and_then(|arn| arn.account())
}

/// Decides whether a caller has a permission for what an account owns. `extra` are the operation's
/// own condition keys.
pub(crate) fn decide(
    state: &State,
    caller: &Caller,
    permission: &Permission,
    owner: Option<AccountId>,
    around: &Surroundings,
    extra: impl FnOnce(&mut Context),
) -> Explanation {
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
    let mut all = policies(state, caller);
    controls::of_owner(&mut all, state, owner.unwrap_or(caller.account));
    policy::evaluate(&all, &request).explain()
}

/// The policies that have a say in what a caller does.
pub(crate) fn policies(state: &State, caller: &Caller) -> Applicable {
    let mut all = Applicable::default();
    let Some(account) = state.account(caller.account) else { return all };
    controls::of_caller(&mut all, state, caller.account);
    let current = |arn: &str| current(state, account, arn).map(Document::set).cloned();
    match &caller.identity {
        Identity::Administrator => {
            all.identity = current(ADMINISTRATOR_ACCESS).unwrap_or_default();
        }
        Identity::Session(session) => {
            let Some(role) = account.roles.get(session.role.name().as_str()) else { return all };
            let inline = role.inline.values().map(Document::set).cloned();
            let attached = role.attached.iter().filter_map(|arn| current(arn));
            all.identity = inline.chain(attached).collect();
            // A boundary whose policy is gone allows nothing.
            all.boundary = role.boundary.as_deref().map(|arn| current(arn).unwrap_or_default());
            let inline = session.policy.iter().filter_map(|text| {
                let read = Policy::parse(text, Kind::Session).ok()?;
                Some(PolicySet::from(read.named("the session policy")))
            });
            let managed = session.policy_arns.iter().filter_map(|arn| current(arn));
            if session.policy.is_some() || !session.policy_arns.is_empty() {
                all.session = Some(inline.chain(managed).collect());
            }
        }
    }
    all
}

/// A managed policy's document that counts.
fn current<'s>(state: &'s State, account: &'s Account, arn: &str) -> Option<&'s Document> {
    let version = state.managed_policy(account, arn).and_then(ManagedPolicy::current);
    version.map(|version| &version.document)
}

/// AWS's sentence for a refused permission. An explicit deny names the policy where it has an ARN.
///
/// <https://aws.amazon.com/blogs/security/enhanced-access-denied-error-messages-with-policy-arns>
pub(crate) fn sentence(
    protocol: Protocol,
    why: &Explanation,
    caller_arn: &str,
    permission: &Permission,
) -> String {
    let Permission { action, resource } = permission;
    // EC2 and S3 leave out what is no resource, and S3 quotes what is one.
    let on = match protocol {
        Protocol::Ec2Query | Protocol::RestXml if resource == "*" => String::new(),
        Protocol::RestXml => format!(" on resource: \"{resource}\""),
        _ => format!(" on resource: {resource}"),
    };
    let head = format!("User: {caller_arn} is not authorized to perform: {action}{on}");
    match why.outcome {
        Outcome::Denied(Denial::Explicit(kind)) => {
            let said = format!("{head} with an explicit deny in {}", kind.with_article());
            match why.decided_by.first().filter(|place| has_arn(&place.policy)) {
                Some(place) => format!("{said}: {}", place.policy),
                None => said,
            }
        }
        Outcome::Denied(Denial::Implicit(kind)) => {
            format!("{head} because no {} allows the {action} action", kind.name())
        }
        Outcome::Allowed { .. } => head,
    }
}

/// Whether a policy's name is its own ARN: a managed policy's or an organisation's. A trust policy
/// goes by its role's.
fn has_arn(name: &str) -> bool {
    Arn::parse(name).is_ok_and(|arn| arn.resource().starts_with("policy/"))
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
