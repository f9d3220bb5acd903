//! Asking the policies, and AWS's words for what they say.

use attache_aws_protocol::serve::Permission;
use attache_aws_protocol::{Protocol, ServiceError};
use attache_identifiers::{AccountId, Arn};
use attache_policy::{
    Applicable, Context, Denial, Explanation, Kind, Outcome, Policy, PolicySet, Request,
};

use super::context::{self, Surroundings};
use super::{Caller, Identity, org_policies};
use attache_ledger::state::{Account, Group, ManagedPolicy, OwnPolicies, Role, State, User};

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
    around: &Surroundings,
    extra: impl FnOnce(&mut Context),
) -> (Explanation, Context) {
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
    org_policies::of_owner(&mut all, state, owner.unwrap_or(caller.account));
    (attache_policy::evaluate(&all, &request).explain(), request.context)
}

/// The policies that have a say in what a caller does.
pub(crate) fn policies(state: &State, caller: &Caller) -> Applicable {
    let mut all = Applicable::default();
    let Some(account) = state.account(caller.account) else { return all };
    org_policies::of_caller(&mut all, state, caller.account);
    let here = Here { state, account };
    match &caller.identity {
        Identity::User { name, .. } => {
            let Some(user) = account.users.get(name) else { return all };
            (all.identity, all.boundary) = here.of_user(user);
            if let Some(own) = caller.federated() {
                all.session = here.of_session(own.policy.as_deref(), &own.policy_arns);
            }
        }
        Identity::Session(session) => {
            let Some(role) = account.roles.get(session.role.name().as_str()) else { return all };
            (all.identity, all.boundary) = here.of_role(role);
            all.session = here.of_session(session.policy.as_deref(), &session.policy_arns);
        }
    }
    all
}

/// An account, to find the policies of those who are in it.
#[derive(Clone, Copy)]
pub(crate) struct Here<'s> {
    pub(crate) state: &'s State,
    pub(crate) account: &'s Account,
}

impl<'s> Here<'s> {
    /// A role's own policies and its boundary.
    pub(crate) fn of_role(self, role: &'s Role) -> (PolicySet, Option<PolicySet>) {
        (self.own(&role.policies).collect(), self.boundary(role.boundary.as_deref()))
    }

    /// A user's own policies, those of its groups, and its boundary.
    pub(crate) fn of_user(self, user: &'s User) -> (PolicySet, Option<PolicySet>) {
        let groups = user.groups.iter().filter_map(|name| self.account.groups.get(name));
        let groups = groups.flat_map(|group| self.own(&group.policies));
        (self.own(&user.policies).chain(groups).collect(), self.boundary(user.boundary.as_deref()))
    }

    /// A group's own policies.
    pub(crate) fn of_group(self, group: &'s Group) -> PolicySet {
        self.own(&group.policies).collect()
    }

    fn own(self, policies: &'s OwnPolicies) -> impl Iterator<Item = PolicySet> {
        let attached = policies.attached.iter().filter_map(move |arn| self.current(arn));
        policies.inline_sets().chain(attached).cloned()
    }

    /// A boundary whose policy is gone allows nothing.
    fn boundary(self, arn: Option<&str>) -> Option<PolicySet> {
        arn.map(|arn| self.current(arn).cloned().unwrap_or_default())
    }

    /// The policies that a session was begun with; none where it was begun without any.
    fn of_session(self, inline: Option<&str>, arns: &[String]) -> Option<PolicySet> {
        if inline.is_none() && arns.is_empty() {
            return None;
        }
        let inline = inline.into_iter().filter_map(|text| {
            let read = Policy::parse(text, Kind::Session).ok()?;
            Some(PolicySet::from(read.named("the session policy")))
        });
        let managed = arns.iter().filter_map(|arn| self.current(arn)).cloned();
        Some(inline.chain(managed).collect())
    }

    /// A managed policy's document that counts.
    fn current(self, arn: &str) -> Option<&'s PolicySet> {
        let version = self.state.managed_policy(self.account, arn).and_then(ManagedPolicy::current);
        version.map(|version| version.document.set())
    }
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
    // SQS alone tells its actions in small letters.
    let action = if action.starts_with("sqs:") { &action.to_ascii_lowercase() } else { action };
    // EC2, S3, STS and CloudTrail leave out what is no resource, and S3 quotes what is one.
    let quiet = ["ec2:", "s3:", "sts:", "cloudtrail:"];
    let on = match protocol {
        _ if resource == "*" && quiet.iter().any(|own| action.starts_with(own)) => String::new(),
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
        Protocol::Json10 | Protocol::Json11 => {
            ServiceError::new(400, "AccessDeniedException", sentence)
        }
        Protocol::RestJson => ServiceError::new(403, "AccessDeniedException", sentence),
    }
}
