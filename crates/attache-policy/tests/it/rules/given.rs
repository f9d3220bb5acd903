//! Few words for the rules: policies, requests, and what comes of them.

use attache_identifiers::AccountId;
use attache_policy::{
    Context, Denial, EffectivePolicies, Explanation, Kind, Outcome, Policy, PolicySet, Principal,
    Request, evaluate, evaluate_trust,
};

pub const ACCOUNT: &str = "222222222222";
pub const OTHER_ACCOUNT: &str = "111111111111";
pub const USER: &str = "arn:aws:iam::222222222222:user/ann";
pub const ROLE: &str = "arn:aws:iam::222222222222:role/Reader";
pub const SESSION: &str = "arn:aws:sts::222222222222:assumed-role/Reader/s";

pub const ALL: &str = r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#;
pub const READ: &str = r#"{"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"}"#;
pub const DENY: &str = r#"{"Effect": "Deny", "Action": "*", "Resource": "*"}"#;

/// A policy of those statements in version 2012-10-17.
pub fn of(kind: Kind, statements: &str) -> Policy {
    let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
    Policy::parse(&text, kind).unwrap_or_else(|e| panic!("{e}\n{text}"))
}

/// A statement of a resource's policy about that principal, given as JSON.
pub fn about(effect: &str, principal: &str) -> String {
    format!(r#"{{"Effect": "{effect}", {principal}, "Action": "*", "Resource": "*"}}"#)
}

/// `"Principal": {"AWS": […]}`.
pub fn principal(arns: &[&str]) -> String {
    format!(r#""Principal": {{"AWS": {arns:?}}}"#)
}

/// The policies that apply. Each of an organization's is a level by itself, and each session policy after
/// the first narrowed the session since.
pub fn applicable(policies: &[(Kind, &str)]) -> EffectivePolicies {
    let sets = |wanted: &[Kind]| -> Vec<PolicySet> {
        let of_kind = policies.iter().filter(|(kind, _)| wanted.contains(kind));
        of_kind.map(|(kind, statements)| of(*kind, statements).into()).collect()
    };
    let one = |wanted: &[Kind]| sets(wanted).into_iter().next();
    EffectivePolicies {
        identity: one(&[Kind::Identity]).unwrap_or_default(),
        boundary: one(&[Kind::Boundary]),
        session: one(&[Kind::Session]),
        scope_down: sets(&[Kind::Session]).into_iter().skip(1).collect(),
        resource: one(&[Kind::Resource, Kind::Trust]),
        service_control: sets(&[Kind::ServiceControl]),
        resource_control: sets(&[Kind::ResourceControl]),
        management_account: None,
    }
}

/// The same in an organization with that management account.
pub fn managed_by(management: &str, policies: &[(Kind, &str)]) -> EffectivePolicies {
    EffectivePolicies { management_account: Some(account(management)), ..applicable(policies) }
}

pub fn user() -> Principal {
    Principal::User { arn: USER.into() }
}

pub fn session() -> Principal {
    Principal::RoleSession { role_arn: ROLE.into(), session_arn: SESSION.into() }
}

pub fn service_linked_session() -> Principal {
    Principal::RoleSession {
        role_arn: format!("arn:aws:iam::{ACCOUNT}:role/aws-service-role/eks.amazonaws.com/Linked"),
        session_arn: format!("arn:aws:sts::{ACCOUNT}:assumed-role/Linked/s"),
    }
}

pub fn root() -> Principal {
    Principal::Root { account: account(ACCOUNT) }
}

pub fn service() -> Principal {
    Principal::Service { name: "pods.eks.amazonaws.com".into() }
}

pub fn account(id: &str) -> AccountId {
    AccountId::parse(id).unwrap()
}

/// That principal reads an object of its own account's bucket.
pub fn reads(principal: Principal) -> Request {
    Request {
        principal,
        action: "s3:GetObject".into(),
        resource: "arn:aws:s3:::bucket/key".into(),
        resource_account: None,
        context: Context::new(),
    }
}

/// The same with the bucket in another account.
pub fn reads_elsewhere(principal: Principal) -> Request {
    Request { resource_account: Some(account(OTHER_ACCOUNT)), ..reads(principal) }
}

/// Allowed, or why not.
pub fn outcome(policies: &EffectivePolicies, request: &Request) -> Result<(), Denial> {
    match evaluate(policies, request).outcome() {
        Outcome::Allowed { .. } => Ok(()),
        Outcome::Denied(denial) => Err(denial),
    }
}

/// Whether a user with these statements may read the object while the request has these keys.
pub fn allows(statements: &str, keys: &[(&str, &[&str])]) -> bool {
    allows_in(r#""Version": "2012-10-17", "#, statements, keys)
}

/// The same for a document that begins with that version, or with none.
pub fn allows_in(version: &str, statements: &str, keys: &[(&str, &[&str])]) -> bool {
    let text = format!(r#"{{{version}"Statement": [{statements}]}}"#);
    let policy = Policy::parse(&text, Kind::Identity).unwrap_or_else(|e| panic!("{e}\n{text}"));
    let mut request = reads(user());
    for (key, values) in keys {
        request.context.set_many(key, values.iter());
    }
    let policies = EffectivePolicies { identity: policy.into(), ..EffectivePolicies::default() };
    outcome(&policies, &request).is_ok()
}

/// Whether a condition holds for a request with these keys.
pub fn holds(condition: &str, keys: &[(&str, &[&str])]) -> bool {
    allows(&with_condition(condition), keys)
}

/// An Allow of everything under that condition.
pub fn with_condition(condition: &str) -> String {
    format!(
        r#"{{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {{{condition}}}}}"#
    )
}

/// A session of `GetFederationToken`, which [`USER`] asked for.
pub fn federated_user(arn: &str) -> Principal {
    Principal::Federated { arn: arn.into(), user_arn: USER.into() }
}

/// What the trust policy alone says.
pub fn trusted(trust: Policy, request: &Request) -> Result<(), Denial> {
    match evaluate_trust(&trust.into(), request).outcome() {
        Outcome::Allowed { .. } => Ok(()),
        Outcome::Denied(denial) => Err(denial),
    }
}

/// Why the trust policy says so.
pub fn explained(trust: Policy, request: &Request) -> Explanation {
    evaluate_trust(&trust.into(), request).explain()
}
