//! The assumptions of an answer.

use attache_identifiers::Arn;
use attache_policy::{EffectivePolicies, Principal, Request};

use crate::alternatives::GivenDetails;
use crate::required::has_policies_of_its_own;
use crate::verdict::{Decision, Verdict};

/// Adds what was assumed, and what was not given and assumed not to exist.
pub(crate) fn add(
    verdict: &mut Verdict,
    policies: &EffectivePolicies,
    request: &Request,
    given: GivenDetails,
) {
    let allowed = verdict.decision == Decision::Allowed;
    let notes = &mut verdict.explanation.notes;
    if let Principal::RoleSession { role_arn, .. } = &request.principal
        && !given.path
        && role_arn.split_once(":role/").is_some_and(|(_, name)| name.contains('/'))
    {
        notes.push(format!(
            "the session's role is assumed to be {role_arn}, as a policy names it: role names are unique \
             in an account"
        ));
    }
    if !allowed {
        return;
    }
    if has_policies_of_its_own(&request.principal)
        && request.resource_account.is_none()
        && Arn::parse(&request.resource).is_ok()
    {
        notes.push(format!(
            "the account of {} is not in its ARN, and is assumed to be the principal's: give \
             --resource-account",
            request.resource
        ));
    }
    let absent = absent(policies, request);
    if !absent.is_empty() {
        notes.push(format!("not given, and assumed not to exist: {}", absent.join(", ")));
    }
}

/// The kinds of policy that would bind the request if there were any.
fn absent(policies: &EffectivePolicies, request: &Request) -> Vec<&'static str> {
    let mut absent = Vec::new();
    let mut add = |binds: bool, given: bool, name: &'static str| {
        if binds && !given {
            absent.push(name);
        }
    };
    let principal = &request.principal;
    let has_own = has_policies_of_its_own(principal);
    let root = matches!(principal, Principal::Root { .. });
    let session = matches!(principal, Principal::RoleSession { .. });
    add(has_own && !root, policies.boundary.is_some(), "a permissions boundary");
    add(session, policies.session.is_some(), "session policies");
    add(has_own, !policies.service_control.is_empty(), "service control policies");
    add(true, !policies.resource_control.is_empty(), "resource control policies");
    absent
}
