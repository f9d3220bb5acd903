//! Whether a statement's principals name the one who asks, and how closely.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>.

use crate::statement::{Effect, PrincipalKind, Principals, Statement};
use crate::{Principal, wildcard};

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
    let named = closest(principals, principal, statement.effect);
    match (principals.negated, named) {
        (false, grip) => grip,
        (true, Some(_)) => None,
        (true, None) => Some(Grip::Itself),
    }
}

fn closest(principals: &Principals, principal: &Principal, effect: Effect) -> Option<Grip> {
    let list = principals.list.iter();
    list.filter_map(|(kind, text)| one(*kind, &text.text, principal, effect)).max()
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
        (PrincipalKind::Service, Principal::Service { name }) => {
            wildcard::fits(text, name).then_some(Grip::Itself)
        }
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
