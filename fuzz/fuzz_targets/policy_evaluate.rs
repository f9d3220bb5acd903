//! Any request and policies: the engine decides and explains.
//!
//! The input is text in parts, each of which begins with a line `%`. The first part is the request: the
//! principal, the action, the resource, and condition keys as `name=value|value`. Every other part is a
//! policy: a letter for its kind, then the document.
#![no_main]

use attache_identifiers::AccountId;
use attache_policy::{
    EffectivePolicies, Context, Kind, Policy, PolicySet, Principal, Request, evaluate, evaluate_trust,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| {
    let mut parts = input.split("\n%\n");
    let Some(request) = parts.next().and_then(request) else { return };
    let policies: Vec<Policy> = parts.filter_map(policy).collect();
    let applicable = applicable(&policies);
    let decision = evaluate(&applicable, &request);
    assert!(!decision.explain().to_string().is_empty());
    if let Some(resource) = &applicable.resource {
        let alone = evaluate_trust(resource, &request);
        assert!(!alone.explain().to_string().is_empty());
    }
});

fn policy(part: &str) -> Option<Policy> {
    let mut characters = part.chars();
    let kind = match characters.next()? {
        'i' => Kind::Identity,
        'b' => Kind::Boundary,
        's' => Kind::Session,
        'r' => Kind::Resource,
        't' => Kind::Trust,
        'c' => Kind::ServiceControl,
        'x' => Kind::ResourceControl,
        _ => return None,
    };
    Policy::parse(characters.as_str(), kind).ok()
}

/// All policies of a kind in one set; each policy of an organization is a level.
fn applicable(policies: &[Policy]) -> EffectivePolicies {
    let of = |kind: Kind| policies.iter().filter(move |policy| policy.kind() == kind).cloned();
    let set = |kind: Kind| of(kind).next().is_some().then(|| PolicySet::compile(of(kind)));
    EffectivePolicies {
        identity: PolicySet::compile(of(Kind::Identity)),
        boundary: set(Kind::Boundary),
        session: set(Kind::Session),
        scope_down: of(Kind::Session).map(PolicySet::from).collect(),
        resource: set(Kind::Resource).or_else(|| set(Kind::Trust)),
        service_control: of(Kind::ServiceControl).map(PolicySet::from).collect(),
        resource_control: of(Kind::ResourceControl).map(PolicySet::from).collect(),
        management_account: AccountId::parse("333333333333").ok(),
    }
}

fn request(part: &str) -> Option<Request> {
    let mut lines = part.lines();
    let principal = principal(lines.next()?)?;
    let (action, resource) = (lines.next()?.to_owned(), lines.next()?.to_owned());
    let mut context = Context::new();
    let mut resource_account = None;
    for line in lines {
        match line.split_once('=') {
            Some((key, values)) => context.set_many(key, values.split('|')),
            None => resource_account = AccountId::parse(line).ok(),
        }
    }
    Some(Request { principal, action, resource, resource_account, context })
}

fn principal(line: &str) -> Option<Principal> {
    let mut words = line.split(' ');
    let kind = words.next()?;
    let mut word = || words.next().map(str::to_owned);
    Some(match kind {
        "anonymous" => Principal::Anonymous,
        "root" => Principal::Root { account: AccountId::parse(&word()?).ok()? },
        "user" => Principal::User { arn: word()? },
        "session" => Principal::RoleSession { role_arn: word()?, session_arn: word()? },
        "web" => Principal::WebIdentity { provider_arn: word()? },
        "service" => Principal::Service { name: word()? },
        "federated" => Principal::Federated { arn: word()?, user_arn: word()? },
        "canonical" => Principal::CanonicalUser { id: word()? },
        _ => return None,
    })
}
