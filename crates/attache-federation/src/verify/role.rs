//! The checks of the role: its trust policy, its policies, what it may do.
//!
//! Reading needs an administrator's credentials, or a session whose role may read IAM. Without
//! either the checks are reported as not made, with the reason.

use attache_aws_accounts::Link;

use crate::apply::Operation;
use crate::observe::ObservedRole;

use super::chain::RoleHop;
use super::check::{Check, Checks};
use super::near_names::beside;
use super::observed::{Observed, Reader, Unreadable};
use super::{HopContext, comparison, excess_access, permissions, trust_check};

/// Checks the role.
pub(super) async fn check(
    context: &HopContext<'_>,
    observed: &Observed,
    reader: &Reader,
    session_made: bool,
) -> Vec<Check> {
    let HopContext { hop, options, now, .. } = *context;
    let mut checks = Checks::new(Link::Role, Some(hop.role.account()));
    let (found, clients) = match (&observed.role, reader) {
        (Ok(Some(found)), Ok(clients)) => (found, clients),
        (Ok(_), Ok(_)) => {
            let fix = observed.fix(context, |operation| {
                !matches!(operation, Operation::CreateProvider(_) | Operation::AddClientId { .. })
            });
            let detail = format!("there is no role {}", hop.role.name());
            checks.fail("exists", beside(&detail, observed.near_role.as_ref()), fix);
            return checks.into_list();
        }
        (Err(why), _) | (_, Err(why)) => {
            return role_not_checked(context, checks, why, session_made);
        }
    };
    exists(&mut checks, hop, found);
    trust_check::check(&mut checks, context, observed, found, session_made);
    trust_check::others(&mut checks, context, observed, found);
    excess_access::excess_trust(&mut checks, context, observed, found).await;
    match &observed.compared {
        Some(compared) => compared.rows(&mut checks, hop, &options.commands),
        None => policies(&mut checks, hop, found),
    }
    excess_access::excess_permissions(&mut checks, context, observed, found, clients).await;
    if hop.declared.is_some() && !options.actions.is_empty() {
        let actions = hop.actions.as_ref().unwrap_or(&options.actions);
        permissions::check(&mut checks, hop, found, clients, (actions, now)).await;
    }
    checks.into_list()
}

fn role_not_checked(
    context: &HopContext<'_>,
    mut checks: Checks,
    why: &Unreadable,
    session_made: bool,
) -> Vec<Check> {
    checks.not_checked("exists", why);
    if session_made {
        checks.ok("trust policy", "let the token in: the session was made");
    } else {
        checks.not_checked("trust policy", why);
    }
    checks.not_checked(excess_access::WHO_ELSE, why);
    match context.hop.desired {
        Some(_) => comparison::NAMES.iter().for_each(|name| checks.not_checked(name, why)),
        None => checks.not_checked("policies", why),
    }
    checks.not_checked(excess_access::WHAT_ELSE, why);
    if context.hop.declared.is_some() && !context.options.actions.is_empty() {
        checks.not_checked(permissions::PERMISSIONS, why);
        checks.not_checked(permissions::ORGANIZATION, why);
    }
    checks.into_list()
}

pub(super) fn exists(checks: &mut Checks, hop: &RoleHop, found: &ObservedRole) {
    if found.arn == hop.role.to_string() {
        checks.ok("exists", &found.arn);
    } else {
        checks.fail(
            "exists",
            format!(
                "the role's ARN is {}, expected {}: the path and the letters' case are part of it",
                found.arn, hop.role
            ),
            format!("write {} where the ARN is used", found.arn),
        );
    }
}

/// Without a federation's file there is nothing to compare with.
fn policies(checks: &mut Checks, hop: &RoleHop, found: &ObservedRole) {
    let count = found.policies.len() + found.inline.len();
    if count == 0 && hop.declared.is_some() {
        checks.warn(
            "policies",
            "the role has none: its session may do nothing",
            "attach ReadOnlyAccess or the policies of the resources to scrape",
        );
    } else {
        checks.ok("policies", format!("{count} on the role"));
    }
}
