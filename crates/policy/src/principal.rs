//! Whether a statement's principals name the one who asks, and how closely.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>.

use crate::Principal;
use crate::statement::{Effect, PrincipalKind, Statement};

/// How closely a statement names a principal. Later ones are closer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Grip {
    /// Its account as a whole, which then decides by its own identity policies.
    Account,
    /// The role, of which the principal is a session.
    Role,
    /// The principal itself.
    Itself,
}

/// How closely the statement names the principal; nothing where it does not.
pub(crate) fn grip(statement: &Statement, principal: &Principal) -> Option<Grip> {
    let Some(principals) = &statement.principal else { return Some(Grip::Itself) };
    let named: Vec<Grip> = principals
        .list
        .iter()
        .filter_map(|(kind, text)| one(*kind, &text.text, principal, statement.effect))
        .collect();
    if !principals.negated {
        return named.into_iter().max();
    }
    let everyone = principals.list.iter().any(|(_, text)| text.text == "*");
    let excepted = match (statement.effect, principal) {
        // An exception from a Deny must name all that a caller is: the role and its session.
        (Effect::Deny, Principal::RoleSession { .. }) => {
            everyone || named.contains(&Grip::Role) && named.contains(&Grip::Itself)
        }
        (Effect::Deny, _) => everyone || named.contains(&Grip::Itself),
        // An exception from an Allow is one however it is named.
        (Effect::Allow, _) => !named.is_empty(),
    };
    (!excepted).then_some(Grip::Itself)
}

fn one(kind: PrincipalKind, text: &str, principal: &Principal, effect: Effect) -> Option<Grip> {
    let equal = |name: &str| (name == text).then_some(Grip::Itself);
    match (kind, principal) {
        // `*` does not authorise a web identity: only its provider's ARN does.
        (PrincipalKind::Anyone | PrincipalKind::Aws, Principal::WebIdentity { .. }) => {
            (text == "*" && effect == Effect::Deny).then_some(Grip::Itself)
        }
        (PrincipalKind::Anyone, _) => Some(Grip::Itself),
        (PrincipalKind::Federated, Principal::WebIdentity { provider_arn }) => equal(provider_arn),
        (PrincipalKind::Federated, Principal::Federated { arn }) => equal(arn),
        // Principals take no wildcards within a name.
        (PrincipalKind::Service, Principal::Service { name }) => equal(name),
        (PrincipalKind::Aws, _) => aws(text, principal),
        _ => None,
    }
}

fn aws(text: &str, principal: &Principal) -> Option<Grip> {
    if text == "*" {
        return (!matches!(principal, Principal::Service { .. })).then_some(Grip::Itself);
    }
    if let Some(account) = principal.account() {
        let root = text.rsplit_once(':').is_some_and(|(head, tail)| {
            tail == "root"
                && head.starts_with("arn:")
                && head.ends_with(&format!(":iam::{account}"))
        });
        if root || text == account.to_string() {
            let is_root = matches!(principal, Principal::Root { .. });
            return Some(if is_root { Grip::Itself } else { Grip::Account });
        }
    }
    match principal {
        Principal::RoleSession { session_arn, .. } if text == session_arn => Some(Grip::Itself),
        Principal::RoleSession { role_arn, .. } if text == role_arn => Some(Grip::Role),
        Principal::User { arn } | Principal::Federated { arn } if text == arn => Some(Grip::Itself),
        _ => None,
    }
}
