//! The details that a question leaves open: a session's ARN has no role path, a role's ARN no session,
//! and a role whose ARN is not given no account.
//!
//! An example in their place never decides: each alternative that the policies distinguish is evaluated
//! as well.

use std::collections::BTreeSet;

use attache_identifiers::AccountId;
use attache_policy::condition_keys::set_principal_arn;
use attache_policy::{
    EffectivePolicies, Policy, PolicySet, Principal, Request, RequiredPolicy, RoleArns,
};

use crate::{open_keys, user_id};

/// A detail that the question does not give, with the request for each alternative.
#[derive(Debug)]
pub(crate) struct OpenDetail {
    /// Whether the question gives it, and the policies name something else.
    pub(crate) given: bool,
    /// Whether the question is about many calls, as one about a service is: then an alternative that is
    /// allowed is the answer, and says for which of them.
    pub(crate) of_many_calls: bool,
    pub(crate) alternatives: Vec<Alternative>,
}

/// A request with another detail.
#[derive(Debug)]
pub(crate) struct Alternative {
    /// `the role's path, which its session's ARN does not have`.
    pub(crate) what: &'static str,
    /// The option that gives it.
    pub(crate) option: String,
    /// The other detail.
    pub(crate) description: String,
    /// Whether it must be so: then an explicit deny of it is one of the request.
    pub(crate) certain: bool,
    pub(crate) request: Request,
}

impl OpenDetail {
    /// None where there is no alternative.
    pub(crate) fn of(
        given: bool,
        alternatives: impl IntoIterator<Item = Alternative>,
    ) -> Option<Self> {
        let alternatives: Vec<Alternative> = alternatives.into_iter().collect();
        (!alternatives.is_empty()).then_some(Self { given, of_many_calls: false, alternatives })
    }
}

/// The details that are given beside the principal's ARN.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct GivenDetails {
    /// Its role's path.
    pub(crate) path: bool,
    /// Its session's name.
    pub(crate) session: bool,
    /// Its unique id.
    pub(crate) user_id: bool,
}

/// Finds the open details. The request is changed where the policies give one: a role that a `Principal`
/// names has the path that it has there.
pub(crate) fn of(
    policies: &EffectivePolicies,
    request: &mut Request,
    given: GivenDetails,
    required: Option<RequiredPolicy>,
) -> Vec<OpenDetail> {
    let mut open = Vec::new();
    match request.principal.clone() {
        Principal::RoleSession { role_arn, session_arn } => {
            open.extend(role_path(policies, request, &role_arn, &session_arn, given.path));
            if !given.session {
                open.extend(session(policies, request, &session_arn));
            }
        }
        Principal::Federated { arn, user_arn } => {
            open.extend(federated(policies, request, &arn, &user_arn));
        }
        _ => {}
    }
    if !given.user_id {
        open.extend(user_id::open(all(policies), request));
    }
    open.extend(open_keys::open(all(policies), request));
    open.extend(owner(request, required));
    open
}

/// Every policy that applies.
fn all(policies: &EffectivePolicies) -> impl Iterator<Item = &Policy> {
    let sets = [Some(&policies.identity), policies.boundary.as_ref(), policies.session.as_ref()];
    let sets = sets.into_iter().chain([policies.resource.as_ref()]).flatten();
    let controls = policies.service_control.iter().chain(&policies.resource_control);
    sets.chain(controls).flat_map(PolicySet::policies)
}

fn role_path(
    policies: &EffectivePolicies,
    request: &mut Request,
    role_arn: &str,
    session_arn: &str,
    given: bool,
) -> Option<OpenDetail> {
    let arns = RoleArns::of(all(policies), session_arn, &request.context);
    let mut role = role_arn.to_owned();
    let mut alternatives: Vec<(String, bool)> = Vec::new();
    let certain = |arns: BTreeSet<String>| arns.into_iter().map(|arn| (arn, true));
    if given {
        alternatives.extend(certain(arns.named));
    } else if let Some(first) = arns.named.first() {
        role = first.clone();
        set_role(request, &role);
        alternatives.extend(certain(arns.named));
    } else {
        alternatives.extend(certain(arns.compared));
        alternatives.extend(arns.possible.into_iter().map(|arn| (arn, false)));
    }
    let head = role_arn.rsplit_once('/').map_or(role_arn, |(head, _)| head);
    let name = role_arn.rsplit('/').next().unwrap_or_default();
    let what = if given {
        "which role it is: a policy names one of the same name under another path, and role names are \
         unique in an account"
    } else {
        "the role's path, which its session's ARN does not have"
    };
    let option = format!("--role-arn {head}/PATH/{name}");
    let alternatives =
        alternatives.into_iter().filter(|(arn, _)| *arn != role).map(|(arn, certain)| {
            let mut other = request.clone();
            set_role(&mut other, &arn);
            Alternative { what, option: option.clone(), description: arn, certain, request: other }
        });
    OpenDetail::of(given, alternatives)
}

fn set_role(request: &mut Request, arn: &str) {
    if let Principal::RoleSession { role_arn, .. } = &mut request.principal {
        arn.clone_into(role_arn);
    }
    set_principal_arn(&mut request.context, arn);
}

/// The sessions of the role that policies name.
fn session(
    policies: &EffectivePolicies,
    request: &Request,
    session_arn: &str,
) -> Option<OpenDetail> {
    let (head, _) = session_arn.rsplit_once('/')?;
    let of_role = |arn: &&str| arn.rsplit_once('/').is_some_and(|(role, _)| role == head);
    let named: BTreeSet<&str> =
        all(policies).flat_map(Policy::aws_principals).filter(of_role).collect();
    let option = format!("--principal {head}/SESSION_NAME");
    let alternatives = named.into_iter().map(|arn| {
        let mut other = request.clone();
        if let Principal::RoleSession { session_arn, .. } = &mut other.principal {
            arn.clone_into(session_arn);
        }
        Alternative {
            what: "which of the role's sessions it is",
            option: option.clone(),
            description: arn.to_owned(),
            certain: false,
            request: other,
        }
    });
    OpenDetail::of(false, alternatives)
}

/// The users of the account that policies name: any of them may have begun a federated session.
fn federated(
    policies: &EffectivePolicies,
    request: &Request,
    arn: &str,
    made_up: &str,
) -> Option<OpenDetail> {
    let (head, _) = made_up.split_once(":user/")?;
    let users = format!("{head}:user/");
    let named: BTreeSet<&str> = all(policies)
        .flat_map(Policy::aws_principals)
        .filter(|arn| arn.starts_with(&users))
        .collect();
    let alternatives = named.into_iter().map(|user| {
        let mut other = request.clone();
        other.principal = Principal::Federated { arn: arn.to_owned(), user_arn: user.to_owned() };
        Alternative {
            what: "which user began the federated session",
            option: format!("--principal {users}NAME"),
            description: format!("begun by {user}"),
            certain: false,
            request: other,
        }
    });
    OpenDetail::of(false, alternatives)
}

/// The account of a role whose ARN is not given.
fn owner(request: &Request, required: Option<RequiredPolicy>) -> Option<OpenDetail> {
    let account = request.principal.account()?;
    let is_token = matches!(request.principal, Principal::WebIdentity { .. });
    if required != Some(RequiredPolicy::Trust) || request.resource_account.is_some() || is_token {
        return None;
    }
    let mut other = request.clone();
    other.resource_account = Some(another_than(&[account])?);
    let other = Alternative {
        what: "the role's account",
        option: "--resource arn:aws:iam::ACCOUNT:role/NAME".to_owned(),
        description: "another account than the principal's".to_owned(),
        certain: false,
        request: other,
    };
    OpenDetail::of(false, [other])
}

/// An account that is none of these.
pub(crate) fn another_than(accounts: &[AccountId]) -> Option<AccountId> {
    let candidates =
        (0..=accounts.len()).filter_map(|n| AccountId::parse(&format!("{n:012}")).ok());
    candidates.into_iter().find(|id| !accounts.contains(id))
}
