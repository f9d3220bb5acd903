//! What an answer took for granted.

use attache_identifiers::Arn;
use attache_policy::{Applicable, Principal, Request};

use crate::alternatives::Told;
use crate::required::has_policies_of_its_own;
use crate::verdict::{Decision, Verdict};

/// Adds what was taken to be so, and what was not given and taken not to be there.
pub(crate) fn add(verdict: &mut Verdict, policies: &Applicable, request: &Request, told: Told) {
    let allowed = verdict.decision == Decision::Allowed;
    let notes = &mut verdict.explanation.notes;
    if let Principal::RoleSession { role_arn, .. } = &request.principal
        && !told.path
        && role_arn.split_once(":role/").is_some_and(|(_, name)| name.contains('/'))
    {
        notes.push(format!(
            "the session's role is taken to be {role_arn}, as a policy names it: an account has no two \
             roles of a name"
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
            "the account of {} is not in its ARN, and is taken to be the principal's own: give \
             --resource-account",
            request.resource
        ));
    }
    let absent = absent(policies, request);
    if !absent.is_empty() {
        notes.push(format!("not given, and taken not to be there: {}", absent.join(", ")));
    }
}

/// The kinds of policy that would bind the request if there were any.
fn absent(policies: &Applicable, request: &Request) -> Vec<&'static str> {
    let mut absent = Vec::new();
    let mut add = |binds: bool, given: bool, name: &'static str| {
        if binds && !given {
            absent.push(name);
        }
    };
    let principal = &request.principal;
    let own = has_policies_of_its_own(principal);
    let root = matches!(principal, Principal::Root { .. });
    let session = matches!(principal, Principal::RoleSession { .. });
    add(own && !root, policies.boundary.is_some(), "a permissions boundary");
    add(session, policies.session.is_some(), "session policies");
    add(own, !policies.service_control.is_empty(), "service control policies");
    add(true, !policies.resource_control.is_empty(), "resource control policies");
    absent
}
