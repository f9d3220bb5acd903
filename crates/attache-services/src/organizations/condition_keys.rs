//! The condition keys that Organizations' own operations bring.
//!
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsorganizations.html#awsorganizations-policy-keys>

use attache_ledger::Tags;
use attache_policy::Context;

use super::{Call, ResourceMember, Subject};
use crate::access::context;

/// Adds the keys of a call.
pub(super) fn add_keys(context: &mut Context, call: &Call<'_>, subject: &Subject<'_>) {
    context::add_tags(context, &subject.tags);
    context::add_tag_keys(context, &subject.tag_keys);
    let organization = call.state.organization_of(call.caller.account);
    let policy = organization
        .zip(subject.policy_id)
        .and_then(|(organization, id)| organization.policies.get(id));
    let named = subject.r#type.or(subject.policy_type).or(subject.filter);
    if let Some(kind) = policy.map(|policy| policy.kind.name()).or(named) {
        context.set("organizations:PolicyType", kind);
    }
    if let Some(service) = subject.service_principal {
        context.set("organizations:ServicePrincipal", service);
    }
    let ids = [
        ResourceMember::Resource,
        ResourceMember::Target,
        ResourceMember::Unit,
        ResourceMember::Account,
        ResourceMember::Policy,
    ];
    let tags = ids.into_iter().filter_map(|member| subject.id(member));
    let tags = tags.filter_map(|id| organization?.tags.get(id)).next();
    context::add_resource_tags(context, None, tags.into_iter().flat_map(Tags::iter));
}
