//! The global condition keys of a call.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>

use attache_aws_protocol::timestamp::seconds;
use attache_identifiers::AccountId;
use attache_ledger::Tag;
use attache_ledger::state::{Organization, State};
use attache_policy::Context;
use attache_policy::condition_keys::{
    self, AssumeRoleKeys, CallKeys, OrganizationKeys, PrincipalKeys, ResourceKeys, ServiceSource,
    SessionTokenKeys, add_principal_tags, add_request_tags,
};
use time::OffsetDateTime;

use super::{Caller, Identity};

/// Whether an MFA device was used when the session began. There are no devices; but AWS sets the key for
/// the sessions that can begin with one, those of `AssumeRole` and `GetSessionToken`, and for no other
/// caller: a deny by `Bool` alone matches them, and not a user's own key.
const MFA: bool = false;

/// What is known of a call beside its caller and its input.
#[derive(Debug, Clone)]
pub struct CallContext {
    /// When it is decided.
    pub now: OffsetDateTime,
    /// The address that it came from, as text.
    pub source: String,
    /// What the client says of itself.
    pub user_agent: Option<String>,
    /// The region that the call was made to.
    pub region: String,
    /// The id that its answer carries.
    pub request_id: String,
    /// Whether it was sent to a service's endpoint for all regions.
    pub global_endpoint: bool,
}

/// The keys that every call has.
pub fn of_call(call: &CallContext) -> Context {
    let mut context = Context::new();
    let seconds = call.now.unix_timestamp().to_string();
    CallKeys {
        time: Some((&seconds::format(call.now), &seconds)),
        source_ip: Some(&call.source),
        region: Some(&call.region),
        user_agent: call.user_agent.as_deref(),
    }
    .add_to(&mut context);
    context
}

/// Adds the keys of the caller.
pub fn add_caller(context: &mut Context, caller: &Caller, state: &State) {
    let principal = caller.principal();
    let organization = Membership::of(state, caller.account);
    let path = organization.path();
    let mut keys = PrincipalKeys::of(&principal);
    keys.user_id = Some(&caller.user_id);
    keys.organization = organization.keys(&path);
    let account = state.account(caller.account);
    match &caller.identity {
        Identity::User { name, session, .. } => {
            let issued = session.as_ref().map(|session| seconds::format(session.began));
            let federated = caller.federated();
            keys.token_issued = issued.as_deref();
            keys.mfa = (session.is_some() && federated.is_none()).then_some(MFA);
            keys.add_to(context);
            let user = account.and_then(|account| account.users.get(name));
            match federated {
                Some(federated) => add_principal_tags(context, federated.tags.iter().map(pair)),
                None => {
                    let tags = user.into_iter().flat_map(|user| user.tags.iter());
                    add_principal_tags(context, tags.map(pair));
                }
            }
        }
        Identity::Session(session) => {
            let issued = seconds::format(session.began);
            keys.token_issued = Some(&issued);
            keys.federated_provider = session.provider.as_deref();
            keys.mfa = session.provider.is_none().then_some(MFA);
            keys.source_identity = session.source_identity.as_deref();
            keys.add_to(context);
            if let (Some(provider_arn), Some(token)) = (&session.provider, &session.token) {
                let (subject, audience) = (&token.subject, &token.audience);
                SessionTokenKeys { provider_arn, subject, audience, methods: &token.methods }
                    .add_to(context);
            }
            let role = account.and_then(|account| account.roles.get(session.role.name().as_str()));
            // A session's tag hides the role's of the same key.
            let tags = role.into_iter().flat_map(|role| role.tags.iter()).chain(&session.tags);
            add_principal_tags(context, tags.map(pair));
        }
    }
}

/// Adds the keys of the account that owns the resource.
pub fn add_resource(context: &mut Context, owner: AccountId, state: &State) {
    let organization = Membership::of(state, owner);
    let path = organization.path();
    ResourceKeys { account: owner, organization: organization.keys(&path) }.add_to(context);
}

/// Adds the keys of the resource for which a service calls.
pub(crate) fn add_source(context: &mut Context, arn: &str, owner: AccountId, state: &State) {
    let organization = Membership::of(state, owner);
    let path = organization.path();
    let organization = organization.keys(&path);
    ServiceSource { arn: Some(arn), account: owner, organization }.add_to(context);
}

/// Adds the keys of the tags that a call brings.
pub(crate) fn add_tags(context: &mut Context, tags: &[Tag]) {
    add_request_tags(context, tags.iter().map(pair));
}

/// Adds the keys of what a call for a session brings; `keys` has all but the tags.
pub(crate) fn add_assume_role(
    context: &mut Context,
    keys: AssumeRoleKeys<'_>,
    tags: &[Tag],
    transitive: &[String],
) {
    let tags: Vec<_> = tags.iter().map(pair).collect();
    let transitive: Vec<_> = transitive.iter().map(String::as_str).collect();
    AssumeRoleKeys { tags: &tags, transitive_tag_keys: &transitive, ..keys }.add_to(context);
}

/// Adds the keys of tags that a call brings or takes away, if there are any.
pub(crate) fn add_tag_keys(context: &mut Context, keys: &[String]) {
    condition_keys::add_tag_keys(context, keys.iter().map(String::as_str));
}

/// Adds the keys of the resource's tags; the service's own as well, where it has such keys.
pub(crate) fn add_resource_tags<'t>(
    context: &mut Context,
    service: Option<&str>,
    tags: impl IntoIterator<Item = &'t Tag>,
) {
    condition_keys::add_resource_tags(context, service, tags.into_iter().map(pair));
}

fn pair(tag: &Tag) -> (&str, &str) {
    (&tag.key, &tag.value)
}

/// An account's place in its organization, if it is in one.
struct Membership<'s> {
    organization: Option<(&'s Organization, Option<String>)>,
}

impl<'s> Membership<'s> {
    fn of(state: &'s State, account: AccountId) -> Self {
        let organization = state.organization_of(account);
        Self { organization: organization.map(|found| (found, found.path_of(account))) }
    }

    fn path(&self) -> Vec<&str> {
        self.organization.iter().filter_map(|(_, path)| path.as_deref()).collect()
    }

    fn keys<'k>(&'k self, paths: &'k [&'k str]) -> Option<OrganizationKeys<'k>> {
        self.organization
            .as_ref()
            .map(|(organization, _)| OrganizationKeys { id: &organization.id, paths })
    }
}
