//! A permissions boundary that leaves nothing of what the role's policies allow.

use attache_policy::syntax::{Effect, Statement};
use attache_policy::{Kind as PolicyKind, Pattern, Policy};

use crate::clients::Clients;
use crate::desired::{Account, DesiredRole};
use crate::document::Setting;
use crate::observe::{self, ObservedAccount};
use crate::plan::change::{Action, Change, Finding, Kind};

/// Warns at the roles that have such a boundary. What cannot be read is not judged.
pub(super) async fn find(
    changes: &mut [Change],
    desired: &Account,
    observed: &ObservedAccount,
    clients: &Clients,
) {
    for role in &desired.roles {
        let Some(boundary) = boundary_of(role, observed) else { continue };
        let name = role.arn.name().as_str();
        let is_its = |change: &&mut Change| {
            change.resource.kind == Kind::Role
                && change.resource.name == name
                && change.action != Action::Blocked
        };
        let Some(change) = changes.iter_mut().find(is_its) else { continue };
        let Ok(limit) = observe::managed_document(clients, &boundary).await else { continue };
        let mut texts: Vec<String> = role.inline.values().map(ToString::to_string).collect();
        let mut all_read = true;
        for arn in &role.policies {
            match observe::managed_document(clients, arn).await {
                Ok(text) => texts.push(text),
                Err(_) => all_read = false,
            }
        }
        if all_read && leaves_nothing(&limit, &texts) {
            change.warn(
                Finding::warning(format!(
                    "the permissions boundary {boundary} allows nothing of what the policies of {name} allow: \
                     the role may do nothing"
                ))
                .help("the boundary must allow what the policies allow: attache policy diff shows the difference"),
            );
        }
    }
}

/// The boundary that the role will have.
fn boundary_of(role: &DesiredRole, observed: &ObservedAccount) -> Option<String> {
    match &role.boundary {
        Setting::To(arn) => Some(arn.clone()),
        Setting::Removed => None,
        Setting::Unmentioned => observed.roles.get(role.arn.name())?.boundary.clone(),
    }
}

/// Whether it is certain, by the actions alone: none that a policy allows is one that the boundary allows.
fn leaves_nothing(boundary: &str, policies: &[String]) -> bool {
    let parse = |text: &str| Policy::parse(text, PolicyKind::Identity).ok();
    let Some(boundary) = parse(boundary) else { return false };
    let Some(policies) = policies.iter().map(|text| parse(text)).collect::<Option<Vec<_>>>() else {
        return false;
    };
    let limits = boundary.statements();
    let mut allows = policies.iter().flat_map(Policy::statements).filter(is_allow).peekable();
    allows.peek().is_some()
        && allows.all(|allow| {
            !allow.actions.negated
                && allow.actions.list.iter().all(|action| is_dead(&action.text, limits))
        })
}

fn is_allow(statement: &&Statement) -> bool {
    statement.effect == Effect::Allow
}

/// Whether no action of the pattern is left.
fn is_dead(pattern: &str, boundary: &[Statement]) -> bool {
    let lower = pattern.to_lowercase();
    let denied = boundary.iter().any(|deny| {
        let everywhere = deny.conditions.is_empty()
            && deny.resources.as_ref().is_some_and(|own| {
                !own.negated && own.list.iter().any(|resource| resource.text == "*")
            });
        deny.effect == Effect::Deny
            && everywhere
            && !deny.actions.negated
            // A pattern that takes in another one's text takes in all that it matches.
            && deny.actions.list.iter().any(|own| Pattern::new(&own.text.to_lowercase()).matches(&lower))
    });
    let own = Pattern::new(&lower);
    let may_allow = |allow: &Statement| {
        allow.actions.negated
            || allow
                .actions
                .list
                .iter()
                .any(|other| Pattern::new(&other.text.to_lowercase()).intersects(&own))
    };
    denied || !boundary.iter().filter(is_allow).any(may_allow)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boundary_that_leaves_nothing_is_known_by_its_actions() {
        let policy = |statements: &str| {
            format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#)
        };
        let allow = |action: &str| {
            format!(r#"{{"Effect": "Allow", "Action": "{action}", "Resource": "*"}}"#)
        };
        let deny = |action: &str| allow(action).replace("Allow", "Deny");
        for (boundary, action, expected) in [
            (allow("ec2:Describe*"), "s3:Get*", true),
            (allow("s3:Put*"), "s3:Get*", true),
            (allow("s3:*"), "S3:Get*", false),
            (allow("s3:G*Object"), "s3:Get*", false),
            (deny("*"), "s3:Get*", true),
            (format!("{}, {}", allow("*"), deny("s3:*")), "s3:Get*", true),
            (format!("{}, {}", allow("*"), deny("s3:GetO*")), "s3:Get*", false),
            (
                format!(
                    "{}, {}",
                    allow("*"),
                    deny("s3:*").replace("\"*\"}", "\"arn:aws:s3:::a/*\"}")
                ),
                "s3:Get*",
                false,
            ),
            (allow("s3:*").replace("Action", "NotAction"), "s3:Get*", false),
        ] {
            let found = leaves_nothing(&policy(&boundary), &[policy(&allow(action))]);
            assert_eq!(found, expected, "{boundary} {action}");
        }
        assert!(!leaves_nothing(&policy(&deny("*")), &[]), "a role without policies");
    }
}
