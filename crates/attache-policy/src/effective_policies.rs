//! The policies that apply to a request.

use attache_identifiers::AccountId;

use crate::{Kind, PolicySet, Principal, Request};

/// All the policies that apply to a request, each kind compiled by itself, so that what many
/// requests share (an organization's levels, a role's policies) is compiled once.
#[derive(Debug, Clone, Default)]
pub struct EffectivePolicies {
    /// The principal's own, inline and managed.
    pub identity: PolicySet,
    /// The principal's permissions boundary.
    pub boundary: Option<PolicySet>,
    /// The session's policies, where it was created with any.
    pub session: Option<PolicySet>,
    /// The policies that narrowed the session after it began (`sts:GetScopedCredentials`), a set for each
    /// call. Each must allow, whoever else does.
    pub scope_down: Vec<PolicySet>,
    /// The resource's policy; a role's trust policy where a role is to be assumed.
    pub resource: Option<PolicySet>,
    /// Service control policies, a set for each level of the tree, the root first.
    pub service_control: Vec<PolicySet>,
    /// Resource control policies of the resource's account, likewise.
    pub resource_control: Vec<PolicySet>,
    /// The organization's management account, which its policies do not bind.
    pub management_account: Option<AccountId>,
}

/// The policies that bind one request, borrowed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BoundPolicies<'p> {
    pub(crate) identity: Option<&'p PolicySet>,
    pub(crate) boundary: Option<&'p PolicySet>,
    pub(crate) session: Option<&'p PolicySet>,
    pub(crate) scope_down: &'p [PolicySet],
    pub(crate) resource: Option<&'p PolicySet>,
    pub(crate) service_control: &'p [PolicySet],
    pub(crate) resource_control: &'p [PolicySet],
}

impl<'p> BoundPolicies<'p> {
    /// Those of them that bind this request: an organization's do not bind its management account.
    pub(crate) fn binding(all: &'p EffectivePolicies, request: &Request) -> Self {
        // Without an organization there is nothing to look up in the request.
        let bound = |levels: &'p [PolicySet], binds: fn(&EffectivePolicies, &Request) -> bool| {
            if levels.is_empty() || binds(all, request) { levels } else { &[] }
        };
        Self {
            identity: Some(&all.identity),
            boundary: all.boundary.as_ref(),
            session: all.session.as_ref(),
            scope_down: &all.scope_down,
            resource: all.resource.as_ref(),
            service_control: bound(&all.service_control, service_control_binds),
            resource_control: bound(&all.resource_control, resource_control_binds),
        }
    }

    /// A trust policy alone.
    pub(crate) fn trust(trust: &'p PolicySet) -> Self {
        Self {
            identity: None,
            boundary: None,
            session: None,
            scope_down: &[],
            resource: Some(trust),
            service_control: &[],
            resource_control: &[],
        }
    }

    /// Every set with its kind, in the order in which a Deny is reported.
    pub(crate) fn all(self) -> impl Iterator<Item = (Kind, &'p PolicySet)> {
        let levels = |kind, sets: &'p [PolicySet]| sets.iter().map(move |set| (kind, set));
        let one = |kind, set: Option<&'p PolicySet>| set.map(|set| (kind, set));
        levels(Kind::ResourceControl, self.resource_control)
            .chain(levels(Kind::ServiceControl, self.service_control))
            .chain(one(self.resource_kind(), self.resource))
            .chain(one(Kind::Boundary, self.boundary))
            .chain(one(Kind::Session, self.session))
            .chain(levels(Kind::Session, self.scope_down))
            .chain(one(Kind::Identity, self.identity))
    }

    /// Whether the resource's policy is a trust policy.
    pub(crate) fn resource_kind(self) -> Kind {
        let first = self.resource.and_then(|set| set.policies().next());
        first.map_or(Kind::Resource, crate::Policy::kind)
    }
}

/// Service control policies bind users and roles of member accounts, and their root users.
///
/// Source: <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html#not-restricted-by-scp>.
fn service_control_binds(all: &EffectivePolicies, request: &Request) -> bool {
    let principal = &request.principal;
    let outsider = matches!(principal, Principal::WebIdentity { .. });
    let account = principal.account();
    account.is_some()
        && account != all.management_account
        && !outsider
        && !is_service_linked(principal)
}

/// Resource control policies bind every caller of a member account's resources, except
/// service-linked roles.
///
/// Source: <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html#actions-not-restricted-by-rcps>.
fn resource_control_binds(all: &EffectivePolicies, request: &Request) -> bool {
    let owner = request.resource_account.or(request.principal.account());
    (owner.is_none() || owner != all.management_account) && !is_service_linked(&request.principal)
}

/// Service-linked roles have a path of their own, which no other role can have.
fn is_service_linked(principal: &Principal) -> bool {
    match principal {
        Principal::RoleSession { role_arn, .. } => role_arn
            .split_once(":role/")
            .is_some_and(|(_, name)| name.starts_with("aws-service-role/")),
        _ => false,
    }
}
