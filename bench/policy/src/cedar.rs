//! The cases in Cedar, translated by hand. README.md describes what is comparable.

use std::collections::HashSet;
use std::str::FromStr;

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityUid, PolicySet, Request,
};
use serde_json::{Value, json};

use crate::documents::{Case, ISSUER, ROLE};

/// Everything that Cedar needs for a case, prepared.
pub struct Prepared {
    authorizer: Authorizer,
    policies: PolicySet,
    entities: Entities,
    request: Request,
}

impl Prepared {
    pub fn new(case: &Case) -> Option<Self> {
        let policies = if case.trust.is_some() {
            seed()
        } else {
            case.identity.iter().flat_map(|text| translated(text)).collect::<Vec<_>>().join("\n")
        };
        let policies = PolicySet::from_str(&policies).expect("it is Cedar");
        let asked = &case.request;
        let (principal, context) = if case.trust.is_some() {
            let context = json!({
                "sub": "system:serviceaccount:causely:causely-mediator", "aud": "sts.amazonaws.com",
            });
            (uid("Provider", ISSUER), context)
        } else {
            let value = |key: &str| {
                asked.context.get(key).and_then(|values| values.iter().next()).expect("it is set")
            };
            let context = json!({
                "account": value("aws:PrincipalAccount"), "arn": value("aws:PrincipalArn"),
                "ip": { "__extn": { "fn": "ip", "arg": value("aws:SourceIp") } },
                "now": { "__extn": { "fn": "datetime", "arg": value("aws:CurrentTime") } },
                "secure": true, "resource": asked.resource,
            });
            (uid("Role", ROLE), context)
        };
        let action = uid("Action", &asked.action);
        let request = Request::new(
            principal,
            action.clone(),
            uid("Resource", &asked.resource),
            Context::from_json_value(context, None).expect("it is a context"),
            None,
        );
        Some(Self {
            authorizer: Authorizer::new(),
            policies,
            entities: actions(action, &asked.action, &case.identity),
            request: request.expect("it is a request"),
        })
    }

    pub fn is_allowed(&self) -> bool {
        let answer = self.authorizer.is_authorized(&self.request, &self.policies, &self.entities);
        answer.decision() == Decision::Allow
    }
}

fn uid(kind: &str, id: &str) -> EntityUid {
    EntityUid::from_str(&format!("{kind}::{id:?}")).expect("it is a name")
}

/// Cedar has groups instead of wildcards in actions: `ec2:Describe*` is a group with the member
/// `ec2:DescribeInstances`. The entities have only the request's action and its groups, as an
/// application would load them.
fn actions(action: EntityUid, name: &str, documents: &[String]) -> Entities {
    let patterns = documents.iter().flat_map(|text| {
        let document: Value = serde_json::from_str(text).expect("it is JSON");
        let statements = document["Statement"].as_array().cloned().unwrap_or_default();
        statements.into_iter().flat_map(|s| texts(&s["Action"])).collect::<Vec<_>>()
    });
    let groups: HashSet<EntityUid> = patterns
        .filter(|p| p.strip_suffix('*').is_some_and(|prefix| name.starts_with(prefix)))
        .map(|pattern| uid("Action", &pattern))
        .collect();
    let groups_too = groups.iter().cloned().map(Entity::with_uid).collect::<Vec<_>>();
    let action = Entity::new_no_attrs(action, groups);
    Entities::from_entities(groups_too.into_iter().chain([action]), None).expect("no cycle")
}

fn seed() -> String {
    format!(
        r#"permit(principal == Provider::"{ISSUER}",
                  action == Action::"sts:AssumeRoleWithWebIdentity", resource)
           when {{ context.sub == "system:serviceaccount:causely:causely-mediator"
                   && context.aud == "sts.amazonaws.com" }};"#
    )
}

/// The statements of an identity policy, each as a Cedar policy.
fn translated(text: &str) -> Vec<String> {
    let document: Value = serde_json::from_str(text).expect("it is JSON");
    let statements = document["Statement"].as_array().cloned().unwrap_or_default();
    statements.iter().map(statement).collect()
}

fn statement(statement: &Value) -> String {
    let effect = if statement["Effect"] == "Allow" { "permit" } else { "forbid" };
    let actions = texts(&statement["Action"]);
    let actions: Vec<String> = actions.iter().map(|a| format!("Action::{a:?}")).collect();
    let mut when = Vec::new();
    let resources = texts(&statement["Resource"]);
    if resources != ["*"] {
        let like = |r: &String| format!("context.resource like {r:?}");
        when.push(format!("({})", resources.iter().map(like).collect::<Vec<_>>().join(" || ")));
    }
    if statement.get("Condition").is_some() {
        when.push(
            r#"["111111111111", "222222222222"].contains(context.account)
               && context.arn like "arn:aws:iam::*:role/Rea*"
               && (context.ip.isInRange(ip("10.0.0.0/8")) || context.ip.isInRange(ip("192.0.2.0/24")))
               && context.now < datetime("2030-01-01T00:00:00Z")
               && context.secure"#
                .to_owned(),
        );
    }
    let when = if when.is_empty() { "true".to_owned() } else { when.join(" && ") };
    let actions = actions.join(", ");
    format!(
        "{effect}(principal == Role::{ROLE:?}, action in [{actions}], resource) when {{ {when} }};"
    )
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::String(text) => vec![text.clone()],
        _ => Vec::new(),
    }
}
