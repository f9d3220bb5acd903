//! The documents that must allow a request and were not given: without them there is no decision.

use std::fmt;

use attache_policy::{
    Denial, EffectivePolicies, Explanation, Kind, Outcome, Policy, PolicySet, Principal, Request,
    RequiredPolicy, evaluate,
};
use serde::{Serialize, Serializer};
use serde_json::json;

/// What has to be given before a request can be decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// The trust policy of the role that is asked for.
    Trust,
    /// The policy of a KMS key.
    KeyPolicy,
    /// The ARN of the key: its own policy is not found by an alias or by `*`.
    KeyArn,
    /// The policy of a resource of another account, or of one that a service calls for.
    ResourcePolicy,
    /// The principal's own policies.
    IdentityPolicy,
    /// The session policy of a federated user, without which it has no permissions.
    SessionPolicy,
    /// The token with which `AssumeRoleWithWebIdentity` is called.
    Token,
    /// The assertion with which `AssumeRoleWithSAML` is called.
    Assertion,
}

impl Missing {
    fn parts(self) -> (&'static str, &'static str) {
        match self {
            Self::Trust => ("the role's trust policy", "--trust FILE"),
            Self::KeyPolicy => ("the key's policy", "--resource-policy FILE"),
            Self::KeyArn => ("the key's ARN", "--resource arn:aws:kms:REGION:ACCOUNT:key/KEY_ID"),
            Self::ResourcePolicy => ("the resource's own policy", "--resource-policy FILE"),
            Self::IdentityPolicy => ("the principal's identity policies", "--policy FILE"),
            Self::SessionPolicy => ("the federated user's session policy", "--session-policy FILE"),
            Self::Token => (
                "the web identity token, with which it is called instead of credentials",
                "--token FILE in place of --principal",
            ),
            Self::Assertion => (
                "the SAML provider, whose assertion it is called with instead of credentials",
                "--principal arn:aws:iam::ACCOUNT:saml-provider/NAME",
            ),
        }
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, option) = self.parts();
        write!(f, "{what} must allow and was not given: give {option}")
    }
}

/// `{"document": …, "option": …}`.
impl Serialize for Missing {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (document, option) = self.parts();
        json!({"document": document, "option": option}).serialize(serializer)
    }
}

/// Whether a request is allowed, as far as the documents go.
#[derive(Debug)]
pub(crate) enum Answer {
    Allowed(Explanation),
    Denied(Explanation),
    /// It would be allowed if these did.
    Incomplete(Explanation, Vec<Missing>),
}

/// Decides a request by the documents that are given. `required` is the resource's policy that must
/// allow every caller.
pub(crate) fn answer(
    policies: &EffectivePolicies,
    request: &Request,
    required: Option<RequiredPolicy>,
) -> Answer {
    let decision = evaluate(policies, request);
    let explanation = decision.explain();
    let needed = needed(policies, request, required);
    match decision.outcome() {
        Outcome::Denied(Denial::Explicit(_)) => return Answer::Denied(explanation),
        Outcome::Allowed { .. } if needed.must.is_empty() => return Answer::Allowed(explanation),
        _ => {}
    }
    // What the missing documents cannot allow is denied whatever they say.
    let all: Vec<Missing> = needed.must.iter().chain(&needed.may).copied().collect();
    let filled = filled(policies, request, &all);
    let best = evaluate(&filled, request);
    if !best.is_allowed() {
        return Answer::Denied(if decision.is_allowed() { best.explain() } else { explanation });
    }
    let without = |one: &Missing| {
        let rest: Vec<Missing> = all.iter().copied().filter(|other| other != one).collect();
        self::filled(policies, request, &rest)
    };
    let kept =
        |one: &Missing| needed.must.contains(one) || !evaluate(&without(one), request).is_allowed();
    let missing: Vec<Missing> = all.iter().copied().filter(kept).collect();
    if missing.is_empty() {
        Answer::Denied(explanation)
    } else {
        Answer::Incomplete(explanation, missing)
    }
}

/// The documents that were not given and apply.
#[derive(Debug, Default)]
struct Needed {
    /// Without these no request is allowed.
    must: Vec<Missing>,
    /// These must allow if nothing else does.
    may: Vec<Missing>,
}

fn needed(
    policies: &EffectivePolicies,
    request: &Request,
    required: Option<RequiredPolicy>,
) -> Needed {
    let mut needed = Needed::default();
    let principal = &request.principal;
    let has_own = has_policies_of_its_own(principal);
    let elsewhere =
        request.resource_account.is_some_and(|account| principal.account() != Some(account));
    if required == Some(RequiredPolicy::Key) && !is_key(&request.resource) {
        needed.must.push(Missing::KeyArn);
    }
    let given = policies.resource.as_ref().and_then(|set| set.policies().next());
    // A trust policy is not a key policy, and a bucket policy not a trust policy: neither replaces the
    // other.
    match (given.map(Policy::kind), required) {
        (Some(Kind::Trust), Some(RequiredPolicy::Trust)) => {}
        (_, Some(RequiredPolicy::Trust)) => needed.must.push(Missing::Trust),
        (Some(Kind::Resource), Some(RequiredPolicy::Key)) => {}
        (_, Some(RequiredPolicy::Key)) => needed.must.push(Missing::KeyPolicy),
        (Some(Kind::Resource), None) => {}
        (_, None) if elsewhere || !has_own => needed.may.push(Missing::ResourcePolicy),
        (_, None) => {}
    }
    let none = |set: &PolicySet| set.policies().next().is_none();
    if has_own && !matches!(principal, Principal::Root { .. }) && none(&policies.identity) {
        needed.may.push(Missing::IdentityPolicy);
    }
    if matches!(principal, Principal::Federated { .. }) && policies.session.is_none() {
        needed.may.push(Missing::SessionPolicy);
    }
    needed
}

/// Whether an account has policies for it; the resource's own decide about all others.
pub(crate) fn has_policies_of_its_own(principal: &Principal) -> bool {
    match principal {
        Principal::Root { .. }
        | Principal::User { .. }
        | Principal::RoleSession { .. }
        | Principal::Federated { .. } => true,
        Principal::Anonymous
        | Principal::Service { .. }
        | Principal::WebIdentity { .. }
        | Principal::CanonicalUser { .. } => false,
    }
}

fn is_key(resource: &str) -> bool {
    resource.splitn(6, ':').nth(5).is_some_and(|name| name.starts_with("key/"))
}

/// The policies with one that allows everything in place of each that is missing.
fn filled(
    policies: &EffectivePolicies,
    request: &Request,
    missing: &[Missing],
) -> EffectivePolicies {
    let mut filled = policies.clone();
    for one in missing {
        match one {
            Missing::Trust | Missing::KeyPolicy | Missing::ResourcePolicy => {
                filled.resource = Some(everything(Some(&request.principal), Kind::Resource));
            }
            Missing::IdentityPolicy => filled.identity = everything(None, Kind::Identity),
            Missing::SessionPolicy => filled.session = Some(everything(None, Kind::Session)),
            Missing::KeyArn | Missing::Token | Missing::Assertion => {}
        }
    }
    filled
}

/// A policy that allows everything; a resource's names the principal as closely as can be.
fn everything(principal: Option<&Principal>, kind: Kind) -> PolicySet {
    let mut statement = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    if let (Some(principal), Some(object)) = (principal, statement.as_object_mut()) {
        object.insert("Principal".to_owned(), named(principal));
    }
    let text = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    // A principal that no policy can name is allowed by none.
    Policy::parse(&text, kind).map(PolicySet::from).unwrap_or_default()
}

fn named(principal: &Principal) -> serde_json::Value {
    match principal {
        Principal::Anonymous => json!("*"),
        Principal::Service { name } => json!({"Service": name}),
        Principal::WebIdentity { provider_arn } => json!({"Federated": provider_arn}),
        Principal::CanonicalUser { id } => json!({"CanonicalUser": id}),
        Principal::Root { .. }
        | Principal::User { .. }
        | Principal::RoleSession { .. }
        | Principal::Federated { .. } => json!({"AWS": "*"}),
    }
}
