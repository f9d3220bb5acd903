//! The condition keys that Organizations' own operations bring.
//!
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsorganizations.html#awsorganizations-policy-keys>

use attache_ledger::Tags;
use attache_policy::Context;

use super::Call;
use crate::access::context;

/// Adds the keys of a call.
pub(super) fn add_keys(context: &mut Context, call: &Call<'_>) {
    context::add_tags(context, &call.input.tags("Tags"));
    context::add_tag_keys(context, &call.input.texts("TagKeys"));
    let organization = call.state.organization_of(call.caller.account);
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
    for tag in tags.into_iter().flat_map(Tags::iter) {
        context.set_at(&["aws:ResourceTag/", &tag.key], &tag.value);
    }
}
