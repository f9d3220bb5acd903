//! The engine under test, behind the reference's own types.

use attache_identifiers::AccountId;
use attache_policy::{
    Context, Decision, Denial, EffectivePolicies, Kind, Outcome, Policy, PolicySet, Principal,
    Request,
};
use serde_json::Value;

use super::{Ask, Documents, Who};

/// The documents as the engine reads them.
pub fn compile(documents: &Documents) -> EffectivePolicies {
    let set = |kind: Kind, list: &Vec<Value>| {
        PolicySet::compile(list.iter().map(|json| {
            let text = json.to_string();
            Policy::parse(&text, kind).unwrap_or_else(|e| panic!("{e}\n{text}"))
        }))
    };
    let sets =
        |kind: Kind, levels: &[Vec<Value>]| levels.iter().map(|list| set(kind, list)).collect();
    let resource = if documents.is_trust { Kind::Trust } else { Kind::Resource };
    EffectivePolicies {
        identity: set(Kind::Identity, &documents.identity),
        boundary: documents.boundary.as_ref().map(|list| set(Kind::Boundary, list)),
        session: documents.session.as_ref().map(|list| set(Kind::Session, list)),
        scope_down: Vec::new(),
        resource: documents.resource.as_ref().map(|list| set(resource, list)),
        service_control: sets(Kind::ServiceControl, &documents.service_control),
        resource_control: sets(Kind::ResourceControl, &documents.resource_control),
        management_account: documents.management_account.as_deref().map(account),
    }
}

fn account(id: &str) -> AccountId {
    AccountId::parse(id).unwrap()
}

/// The request as the engine takes it.
pub fn request(ask: &Ask) -> Request {
    let principal = match ask.who.clone() {
        Who::Anonymous => Principal::Anonymous,
        Who::Root(id) => Principal::Root { account: account(&id) },
        Who::User(arn) => Principal::User { arn },
        Who::Session { role, session } => {
            Principal::RoleSession { role_arn: role, session_arn: session }
        }
        Who::Web(provider_arn) => Principal::WebIdentity { provider_arn },
        Who::Service(name) => Principal::Service { name },
        Who::Federated { arn, user } => Principal::Federated { arn, user_arn: user },
        Who::Canonical(id) => Principal::CanonicalUser { id },
    };
    let mut context = Context::new();
    for (key, values) in &ask.keys {
        context.set_many(key, values.clone());
    }
    Request {
        principal,
        action: ask.action.clone(),
        resource: ask.resource.clone(),
        resource_account: ask.resource_account.as_deref().map(account),
        context,
    }
}

/// Allowed, or why not.
pub fn outcome(decision: &Decision<'_>) -> Result<(), Denial> {
    match decision.outcome() {
        Outcome::Allowed { .. } => Ok(()),
        Outcome::Denied(denial) => Err(denial),
    }
}
