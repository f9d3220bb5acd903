//! The global condition keys of a call.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>

use names::AccountId;
use policy::Context;
use time::OffsetDateTime;
use wire::timestamp::seconds;

use super::{Caller, Identity, Session};
use crate::state::State;
use crate::tags::Tag;

/// Whether a device was shown when the session began. Nobody here has one; but the key is there for
/// sessions that could have been begun with one, those of `AssumeRole` and `GetSessionToken`, and for
/// nobody else: a deny by `Bool` alone reaches them, and not a user's own key.
const MFA: &str = "aws:MultiFactorAuthPresent";

/// What is known of a call beside who makes it and what it asks.
#[derive(Debug, Clone)]
pub(crate) struct Surroundings {
    pub(crate) now: OffsetDateTime,
    /// The address that it came from, as text.
    pub(crate) source: String,
    pub(crate) user_agent: Option<String>,
    pub(crate) region: String,
    pub(crate) request_id: String,
    /// Whether it was sent to a service's endpoint for all regions.
    pub(crate) global_endpoint: bool,
}

/// The keys that every call has.
///
/// `aws:SecureTransport` is true: what is served here over loopback stands for an endpoint that
/// takes nothing but TLS, and a policy that demands TLS is to be tried as it stands.
pub(crate) fn of_call(around: &Surroundings) -> Context {
    let mut context = Context::new();
    context.set("aws:CurrentTime", seconds::format(around.now));
    context.set("aws:EpochTime", around.now.unix_timestamp().to_string());
    context.set("aws:SecureTransport", "true");
    context.set("aws:SourceIp", &around.source);
    context.set("aws:RequestedRegion", &around.region);
    context.set("aws:ViaAWSService", "false");
    if let Some(agent) = &around.user_agent {
        context.set("aws:UserAgent", agent);
    }
    context
}

/// Adds the keys of whoever calls.
pub(crate) fn add_caller(context: &mut Context, caller: &Caller, state: &State) {
    context.set("aws:PrincipalAccount", caller.account.to_string());
    context.set("aws:userid", &caller.user_id);
    context.set("aws:PrincipalIsAWSService", "false");
    if let Some(organization) = state.organization_of(caller.account) {
        context.set("aws:PrincipalOrgID", &organization.id);
        let path = organization.path_of(caller.account);
        context.set_many("aws:PrincipalOrgPaths", path);
    }
    match &caller.identity {
        Identity::User { name, session, .. } => {
            context.set("aws:PrincipalArn", &caller.arn);
            if let Some(session) = session {
                context.set("aws:TokenIssueTime", seconds::format(session.began));
            }
            if session.is_some() && caller.federated().is_none() {
                context.set(MFA, "false");
            }
            if let Some(own) = caller.federated() {
                context.set("aws:PrincipalType", "FederatedUser");
                add_principal_tags(context, own.tags.iter());
                return;
            }
            context.set("aws:PrincipalType", "User");
            context.set("aws:username", name);
            let user = state.account(caller.account).and_then(|own| own.users.get(name));
            add_principal_tags(context, user.into_iter().flat_map(|user| user.tags.iter()));
        }
        Identity::Session(session) => add_session(context, session, state),
    }
}

fn add_session(context: &mut Context, session: &Session, state: &State) {
    context.set("aws:PrincipalArn", session.role.to_string());
    context.set("aws:PrincipalType", "AssumedRole");
    context.set("aws:TokenIssueTime", seconds::format(session.began));
    match &session.provider {
        Some(provider) => context.set("aws:FederatedProvider", provider),
        None => context.set(MFA, "false"),
    }
    if let Some(identity) = &session.source_identity {
        context.set("aws:SourceIdentity", identity);
    }
    let account = state.account(session.account());
    let role = account.and_then(|account| account.roles.get(session.role.name().as_str()));
    // A session's tag hides the role's of the same key.
    let tags = role.into_iter().flat_map(|role| role.tags.iter());
    add_principal_tags(context, tags.chain(&session.tags));
}

fn add_principal_tags<'t>(context: &mut Context, tags: impl Iterator<Item = &'t Tag>) {
    for tag in tags {
        context.set_at(&["aws:PrincipalTag/", &tag.key], &tag.value);
    }
}

/// Adds the keys of the account that owns what is asked for.
pub(crate) fn add_resource(context: &mut Context, owner: AccountId, state: &State) {
    context.set("aws:ResourceAccount", owner.to_string());
    if let Some(organization) = state.organization_of(owner) {
        context.set("aws:ResourceOrgID", &organization.id);
        let path = organization.path_of(owner);
        context.set_many("aws:ResourceOrgPaths", path);
    }
}

/// Adds the keys of the tags that a call brings.
pub(crate) fn add_tags(context: &mut Context, tags: &[Tag]) {
    for tag in tags {
        context.set_at(&["aws:RequestTag/", &tag.key], &tag.value);
    }
    add_tag_keys(context, tags.iter().map(|tag| &tag.key));
}

/// Adds the keys of tags that a call brings or takes away, if there are any.
pub(crate) fn add_tag_keys(context: &mut Context, keys: impl IntoIterator<Item: AsRef<str>>) {
    let mut keys = keys.into_iter().peekable();
    if keys.peek().is_some() {
        context.set_many("aws:TagKeys", keys);
    }
}
