//! Whether a statement's principals match the caller, and how closely.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>.

use attache_identifiers::AccountId;

use crate::syntax::{Effect, PrincipalKind, Principals};
use crate::{Context, Principal, Request};

/// How closely a statement names a principal. Later ones are closer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PrincipalMatch {
    /// Its account as a whole, which then decides by its own identity policies.
    Account,
    /// The role of which the principal is a session, or the user that a federated session is of.
    Role,
    /// The principal itself.
    Exact,
}

/// `Principal` or `NotPrincipal`, compiled.
#[derive(Debug)]
pub(crate) struct PrincipalRule {
    negated: bool,
    /// Of a role's trust policy.
    trusts: bool,
    named: Box<[Named]>,
}

#[derive(Debug)]
enum Named {
    /// `"Principal": "*"`.
    Anyone,
    /// `{"AWS": "*"}`: all but AWS's own services.
    AnyAws,
    /// An account by its number or its root's ARN.
    Account(AccountId),
    /// A user, a role or a session by its ARN.
    Arn(Box<str>),
    /// `AROA…`: what an ARN becomes in a stored policy, which a namesake made later is not.
    UniqueId(Box<str>),
    Federated(Box<str>),
    Service(Box<str>),
    Canonical(Box<str>),
}

impl PrincipalRule {
    pub(crate) fn new(principals: &Principals, trusts: bool) -> Self {
        let named = principals.list.iter().map(|(kind, text)| Named::new(*kind, &text.text));
        Self { negated: principals.negated, trusts, named: named.collect() }
    }

    /// How closely it names the principal; nothing where it does not. `bounded` says that the
    /// principal has a permissions boundary: a Deny with `NotPrincipal` exempts no principal that has one.
    ///
    /// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html>.
    pub(crate) fn principal_match(
        &self,
        effect: Effect,
        request: &Request,
        bounded: bool,
    ) -> Option<PrincipalMatch> {
        let named =
            || self.named.iter().filter_map(|n| n.principal_match(effect, self.trusts, request));
        if !self.negated {
            return named().max();
        }
        let everyone = self.named.iter().any(|n| matches!(n, Named::Anyone | Named::AnyAws));
        let names =
            |wanted: PrincipalMatch| named().any(|principal_match| principal_match == wanted);
        let excepted = match (effect, &request.principal) {
            (Effect::Deny, _) if bounded => false,
            // An exception from a Deny must name all that a caller is: the role and its session.
            (Effect::Deny, Principal::RoleSession { .. }) => {
                everyone || names(PrincipalMatch::Role) && names(PrincipalMatch::Exact)
            }
            (Effect::Deny, _) => names(PrincipalMatch::Exact),
            // An exception from an Allow is one however it is named.
            (Effect::Allow, _) => everyone || named().next().is_some(),
        };
        (!excepted).then_some(PrincipalMatch::Exact)
    }
}

impl Named {
    fn new(kind: PrincipalKind, text: &str) -> Self {
        match kind {
            PrincipalKind::Anyone => Self::Anyone,
            PrincipalKind::Federated => Self::Federated(text.into()),
            PrincipalKind::Service => Self::Service(text.into()),
            PrincipalKind::CanonicalUser => Self::Canonical(text.into()),
            PrincipalKind::Aws if text == "*" => Self::AnyAws,
            PrincipalKind::Aws => match account(text) {
                Some(account) => Self::Account(account),
                None if text.contains(':') => Self::Arn(text.into()),
                None => Self::UniqueId(text.into()),
            },
        }
    }

    fn principal_match(
        &self,
        effect: Effect,
        trusts: bool,
        request: &Request,
    ) -> Option<PrincipalMatch> {
        let principal = &request.principal;
        let equal = |own: &str, name: &str| (own == name).then_some(PrincipalMatch::Exact);
        // `*` does not trust a web identity: only its provider's ARN does. Elsewhere, as in a
        // resource control policy, everyone is everyone.
        if let Principal::WebIdentity { provider_arn } = principal {
            return match self {
                Self::Federated(own) => equal(own, provider_arn),
                Self::Anyone | Self::AnyAws if effect == Effect::Deny => {
                    Some(PrincipalMatch::Exact)
                }
                Self::Anyone if !trusts => Some(PrincipalMatch::Exact),
                _ => None,
            };
        }
        match (self, principal) {
            (Self::Anyone, _) => Some(PrincipalMatch::Exact),
            (Self::AnyAws, Principal::Service { .. }) => None,
            (Self::AnyAws, _) => Some(PrincipalMatch::Exact),
            (Self::Account(own), _) if principal.account() == Some(*own) => {
                let root = matches!(principal, Principal::Root { .. });
                Some(if root { PrincipalMatch::Exact } else { PrincipalMatch::Account })
            }
            (Self::Arn(own), _) => by_arn(own, principal),
            (Self::UniqueId(own), _) => by_unique_id(own, principal, &request.context),
            (Self::Federated(own), Principal::Federated { arn, .. }) => equal(own, arn),
            (Self::Canonical(own), Principal::CanonicalUser { id }) => equal(own, id),
            // Principals take no wildcards within a name.
            (Self::Service(own), Principal::Service { name }) => equal(own, name),
            _ => None,
        }
    }
}

/// `222222222222` and `arn:aws:iam::222222222222:root`, in any partition.
pub(crate) fn account(text: &str) -> Option<AccountId> {
    let id = match text.strip_suffix(":root") {
        Some(head) => head.strip_prefix("arn:")?.split_once(":iam::")?.1,
        None => text,
    };
    AccountId::parse(id).ok()
}

fn by_arn(own: &str, principal: &Principal) -> Option<PrincipalMatch> {
    match principal {
        Principal::RoleSession { session_arn, .. } if own == session_arn => {
            Some(PrincipalMatch::Exact)
        }
        Principal::RoleSession { role_arn, .. } if own == role_arn => Some(PrincipalMatch::Role),
        Principal::User { arn } if own == arn => Some(PrincipalMatch::Exact),
        Principal::Federated { arn, .. } if own == arn => Some(PrincipalMatch::Exact),
        Principal::Federated { user_arn, .. } if own == user_arn => Some(PrincipalMatch::Role),
        _ => None,
    }
}

/// The issuer that a provider's ARN names; nothing for another kind of ARN.
pub(crate) fn issuer_of(provider_arn: &str) -> Option<&str> {
    provider_arn.splitn(6, ':').nth(5)?.strip_prefix("oidc-provider/")
}

/// `aws:userid` is a role's unique id and the session's name, or a user's unique id.
fn by_unique_id(own: &str, principal: &Principal, context: &Context) -> Option<PrincipalMatch> {
    let id = context.get_lower("aws:userid")?.only()?;
    match (principal, id.split_once(':')) {
        (Principal::RoleSession { .. }, Some((role, _))) => {
            (role == own).then_some(PrincipalMatch::Role)
        }
        (Principal::User { .. }, None) => (id == own).then_some(PrincipalMatch::Exact),
        _ => None,
    }
}
