//! What a request leaves open: a session's ARN has no role path, a role's ARN no session, and a role
//! whose ARN is not given no account. What is made up in its place never decides: each way in which
//! the policies could tell the difference is tried as well.

use std::collections::BTreeSet;

use attache_identifiers::AccountId;
use attache_policy::condition_keys::set_principal_arn;
use attache_policy::{Applicable, Policy, PolicySet, Principal, Request, RequiredPolicy, RoleArns};

use crate::user_id;

/// Something that the request does not say, and the request in each other way in which it may be.
#[derive(Debug)]
pub(crate) struct Open {
    /// `the role's path, which its session's ARN does not have`.
    pub(crate) what: &'static str,
    /// The option that tells it.
    pub(crate) option: String,
    /// Whether the request says it, and the policies something else.
    pub(crate) told: bool,
    pub(crate) others: Vec<Other>,
}

/// Another way in which a request may be.
#[derive(Debug)]
pub(crate) struct Other {
    /// What is otherwise.
    pub(crate) is: String,
    /// Whether it can be nothing else: then an explicit deny of it is one of the request.
    pub(crate) certain: bool,
    pub(crate) request: Request,
}

/// What was told beside the principal's own ARN.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Told {
    /// Its role's path.
    pub(crate) path: bool,
    /// Its session's name.
    pub(crate) session: bool,
    /// Its unique id.
    pub(crate) user_id: bool,
}

/// Finds what is open. A request that the policies say more about is changed by that: a role that a
/// `Principal` names has the path that it has there.
pub(crate) fn of(
    policies: &Applicable,
    request: &mut Request,
    told: Told,
    required: Option<RequiredPolicy>,
) -> Vec<Open> {
    let mut open = Vec::new();
    match request.principal.clone() {
        Principal::RoleSession { role_arn, session_arn } => {
            open.extend(role_path(policies, request, &role_arn, &session_arn, told.path));
            if !told.session {
                open.extend(session(policies, request, &session_arn));
            }
        }
        Principal::Federated { arn, user_arn } => {
            open.extend(federated(policies, request, &arn, &user_arn));
        }
        _ => {}
    }
    if !told.user_id {
        open.extend(user_id::open(all(policies), request));
    }
    open.extend(owner(request, required));
    open
}

/// Every policy that has a say.
fn all(policies: &Applicable) -> impl Iterator<Item = &Policy> {
    let sets = [Some(&policies.identity), policies.boundary.as_ref(), policies.session.as_ref()];
    let sets = sets.into_iter().chain([policies.resource.as_ref()]).flatten();
    let controls = policies.service_control.iter().chain(&policies.resource_control);
    sets.chain(controls).flat_map(PolicySet::policies)
}

fn role_path(
    policies: &Applicable,
    request: &mut Request,
    role_arn: &str,
    session_arn: &str,
    told: bool,
) -> Option<Open> {
    let arns = RoleArns::of(all(policies), session_arn, &request.context);
    let mut own = role_arn.to_owned();
    let mut others: Vec<(String, bool)> = Vec::new();
    let certain = |arns: BTreeSet<String>| arns.into_iter().map(|arn| (arn, true));
    if told {
        others.extend(certain(arns.named));
    } else if let Some(first) = arns.named.first() {
        own = first.clone();
        set_role(request, &own);
        others.extend(certain(arns.named));
    } else {
        others.extend(certain(arns.compared));
        others.extend(arns.possible.into_iter().map(|arn| (arn, false)));
    }
    let others = others.into_iter().filter(|(arn, _)| *arn != own).map(|(arn, certain)| {
        let mut other = request.clone();
        set_role(&mut other, &arn);
        Other { is: arn, certain, request: other }
    });
    let others: Vec<Other> = others.collect();
    let head = role_arn.rsplit_once('/').map_or(role_arn, |(head, _)| head);
    let name = role_arn.rsplit('/').next().unwrap_or_default();
    let what = if told {
        "which role it is: a policy names one of the same name under another path, and an account has \
         no two of a name"
    } else {
        "the role's path, which its session's ARN does not have"
    };
    let option = format!("--role-arn {head}/PATH/{name}");
    (!others.is_empty()).then_some(Open { what, option, told, others })
}

fn set_role(request: &mut Request, arn: &str) {
    if let Principal::RoleSession { role_arn, .. } = &mut request.principal {
        arn.clone_into(role_arn);
    }
    set_principal_arn(&mut request.context, arn);
}

/// The sessions of the role that policies name.
fn session(policies: &Applicable, request: &Request, session_arn: &str) -> Option<Open> {
    let (head, _) = session_arn.rsplit_once('/')?;
    let of_role = |arn: &&str| arn.rsplit_once('/').is_some_and(|(own, _)| own == head);
    let named: BTreeSet<&str> =
        all(policies).flat_map(Policy::aws_principals).filter(of_role).collect();
    let others = named.into_iter().map(|arn| {
        let mut other = request.clone();
        if let Principal::RoleSession { session_arn, .. } = &mut other.principal {
            arn.clone_into(session_arn);
        }
        Other { is: arn.to_owned(), certain: false, request: other }
    });
    let others: Vec<Other> = others.collect();
    let what = "which of the role's sessions it is";
    let option = format!("--principal {head}/SESSION_NAME");
    (!others.is_empty()).then_some(Open { what, option, told: false, others })
}

/// The users of the account that policies name: any of them may have begun a federated session.
fn federated(policies: &Applicable, request: &Request, arn: &str, made_up: &str) -> Option<Open> {
    let (head, _) = made_up.split_once(":user/")?;
    let users = format!("{head}:user/");
    let named: BTreeSet<&str> = all(policies)
        .flat_map(Policy::aws_principals)
        .filter(|own| own.starts_with(&users))
        .collect();
    let others = named.into_iter().map(|own| {
        let mut other = request.clone();
        other.principal = Principal::Federated { arn: arn.to_owned(), user_arn: own.to_owned() };
        Other { is: format!("begun by {own}"), certain: false, request: other }
    });
    let others: Vec<Other> = others.collect();
    let what = "which user began the federated session";
    let option = format!("--principal {users}NAME");
    (!others.is_empty()).then_some(Open { what, option, told: false, others })
}

/// The account of a role whose ARN is not given.
fn owner(request: &Request, required: Option<RequiredPolicy>) -> Option<Open> {
    let own = request.principal.account()?;
    let is_token = matches!(request.principal, Principal::WebIdentity { .. });
    if required != Some(RequiredPolicy::Trust) || request.resource_account.is_some() || is_token {
        return None;
    }
    let mut other = request.clone();
    other.resource_account = Some(another_than(&[own])?);
    let other = Other {
        is: "another account than the principal's".to_owned(),
        certain: false,
        request: other,
    };
    Some(Open {
        what: "the role's account",
        option: "--resource arn:aws:iam::ACCOUNT:role/NAME".to_owned(),
        told: false,
        others: vec![other],
    })
}

/// An account that is none of these.
pub(crate) fn another_than(accounts: &[AccountId]) -> Option<AccountId> {
    let candidates =
        (0..=accounts.len()).filter_map(|n| AccountId::parse(&format!("{n:012}")).ok());
    candidates.into_iter().find(|id| !accounts.contains(id))
}
