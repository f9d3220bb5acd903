//! What the role may do of what the mediator asks: by its identity policies and its boundary, as the policy engine
//! decides them, and by the organization's policies, as IAM's simulator says.

use attache_aws_accounts::{Page, list_all};
use attache_policy::condition_keys::{PrincipalKeys, add_principal_tags};
use attache_policy::{
    Denial, EffectivePolicies, Kind, Outcome, Policy, PolicySet, Principal, Request, evaluate,
};
use aws_sdk_iam::types::EvaluationResult;
use time::OffsetDateTime;

use crate::clients::Clients;
use crate::error::FederationError;
use crate::observe::{self, ObservedRole};
use crate::permissions::UnknownPolicy;

use super::chain::RoleHop;
use super::check::Checks;
use super::open_conditions::{KnownKeys, add_time, is_older_with_dollars, split};
use super::session::SESSION_NAME;

pub(super) const PERMISSIONS: &str = "permissions";
pub(super) const ORGANIZATION: &str = "organization";

/// The role's documents, for and against the caller where a condition is open.
struct RolePolicies {
    best: EffectivePolicies,
    worst: EffectivePolicies,
    /// What makes the two differ.
    open: Vec<String>,
}

/// Evaluates every action.
pub(super) async fn check(
    checks: &mut Checks,
    hop: &RoleHop,
    found: &ObservedRole,
    clients: &Clients,
    (actions, now): (&[String], OffsetDateTime),
) {
    let known = known_keys(hop, found, now);
    let (mut denied, mut unknown) = (Vec::new(), Vec::new());
    match role_policies(found, clients, &known).await {
        Err(why) => unknown.push(format!("not known: {why}")),
        Ok(policies) => {
            for action in actions {
                match decide(&policies, &request(hop, action, &known)) {
                    Answer::Allowed => {}
                    Answer::Denied(why) => denied.push(why),
                    Answer::Open => unknown.push(action.clone()),
                }
            }
            if !unknown.is_empty() {
                let on = policies.open.join("; ");
                unknown = vec![format!("not known: {} ({on})", unknown.join(", "))];
            }
        }
    }
    let count = actions.len();
    let simulated = simulate(hop, clients, actions).await;
    // An endpoint without a simulator is no AWS, and has no organization's policies to ask for.
    let not_aws = matches!(&simulated, Err(error) if error.refusal().is_none());
    if denied.is_empty() && unknown.is_empty() {
        let but = if not_aws {
            "; the organization's were not looked at, for this endpoint has no simulator"
        } else {
            ""
        };
        let detail = format!("the role's policies allow all {count} actions of the mediator{but}");
        checks.ok(PERMISSIONS, detail);
    } else if denied.is_empty() {
        checks.unknown(PERMISSIONS, unknown.join("\n"), "");
    } else {
        let mut lines =
            vec![format!("{} of the mediator's {count} actions are not allowed", denied.len())];
        lines.extend(denied);
        lines.extend(unknown);
        checks.fail(PERMISSIONS, lines.join("\n"), "");
    }
    if !not_aws {
        organization(checks, simulated);
    }
}

enum Answer {
    Allowed,
    Denied(String),
    Open,
}

fn decide(policies: &RolePolicies, request: &Request) -> Answer {
    let best = evaluate(&policies.best, request);
    if best.is_allowed() {
        let worst = evaluate(&policies.worst, request);
        return if worst.is_allowed() { Answer::Allowed } else { Answer::Open };
    }
    let action = &request.action;
    let because = match best.outcome() {
        Outcome::Denied(Denial::Explicit(_)) => {
            let places = best.explain().decided_by;
            let places: Vec<String> = places.iter().map(ToString::to_string).collect();
            format!("denied by {}", places.join(", "))
        }
        Outcome::Denied(Denial::Implicit(kind)) => {
            let names: Vec<String> = match kind {
                Kind::Boundary => policies.best.boundary.iter().flat_map(names).collect(),
                _ => names(&policies.best.identity).collect(),
            };
            let names =
                if names.is_empty() { "there is none".to_owned() } else { names.join(", ") };
            format!("no {} allows it ({names})", kind.name())
        }
        Outcome::Allowed { .. } => return Answer::Allowed,
    };
    Answer::Denied(format!("{action}: {because}"))
}

fn names(set: &PolicySet) -> impl Iterator<Item = String> + '_ {
    set.policies().filter_map(|policy| policy.name().map(str::to_owned))
}

async fn role_policies(
    found: &ObservedRole,
    clients: &Clients,
    known: &KnownKeys,
) -> Result<RolePolicies, UnknownPolicy> {
    let mut texts = Vec::new();
    for arn in &found.policies {
        texts.push((arn.clone(), observe::managed_document(clients, arn).await?, Kind::Identity));
    }
    for (name, text) in &found.inline {
        texts.push((format!("the inline policy {name}"), text.clone(), Kind::Identity));
    }
    if let Some(arn) = &found.boundary {
        let text = observe::managed_document(clients, arn).await?;
        texts.push((format!("the permissions boundary {arn}"), text, Kind::Boundary));
    }
    let (mut best, mut worst, mut open) = (Vec::new(), Vec::new(), Vec::new());
    for (name, text, kind) in texts {
        let invalid = |source| UnknownPolicy::Invalid {
            name: name.clone(),
            source: std::sync::Arc::new(source),
        };
        let policy = Policy::parse(&text, kind).map_err(invalid)?.named(name.clone());
        let split = split(&policy, known).map_err(invalid)?;
        if !split.open.is_empty() && is_older_with_dollars(&policy) {
            return Err(UnknownPolicy::OlderVersion { name });
        }
        let conditions = split.open.into_iter().flat_map(|own| own.conditions);
        open.extend(conditions.map(|c| format!("{name}, {}, {}", c.text, c.what)));
        best.push(split.best);
        worst.push(split.worst);
    }
    Ok(RolePolicies { best: effective(best), worst: effective(worst), open })
}

fn effective(policies: Vec<Policy>) -> EffectivePolicies {
    let (boundary, identity): (Vec<_>, Vec<_>) =
        policies.into_iter().partition(|policy| policy.kind() == Kind::Boundary);
    EffectivePolicies {
        identity: PolicySet::compile(identity),
        boundary: (!boundary.is_empty()).then(|| PolicySet::compile(boundary)),
        ..EffectivePolicies::default()
    }
}

fn principal(hop: &RoleHop) -> Principal {
    Principal::RoleSession {
        role_arn: hop.role.to_string(),
        session_arn: hop.role.session(SESSION_NAME).to_string(),
    }
}

/// What every call of a session of the role has. Which regions are called is not known.
fn known_keys(hop: &RoleHop, found: &ObservedRole, now: OffsetDateTime) -> KnownKeys {
    let mut known = KnownKeys::default();
    PrincipalKeys::of(&principal(hop)).add_to(&mut known);
    let tags = found.tags.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    add_principal_tags(&mut known, tags);
    add_time(&mut known, now, None);
    known
}

fn request(hop: &RoleHop, action: &str, known: &KnownKeys) -> Request {
    Request {
        principal: principal(hop),
        action: action.to_owned(),
        resource: "*".to_owned(),
        resource_account: Some(hop.role.account()),
        context: known.context.clone(),
    }
}

/// What the organization's service control policies say, which IAM's simulator takes into account and no
/// member account can read.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html>
fn organization(checks: &mut Checks, simulated: Result<Vec<EvaluationResult>, FederationError>) {
    let results = match simulated {
        Ok(results) => results,
        Err(error) => {
            let why = format!("service control policies are not known: {}", error.brief());
            return checks.unknown(ORGANIZATION, why, "");
        }
    };
    let denied = |result: &&EvaluationResult| {
        result.organizations_decision_detail().is_some_and(|own| !own.allowed_by_organizations())
    };
    let lines: Vec<String> = results.iter().filter(denied).map(denied_by_organization).collect();
    if !lines.is_empty() {
        let head = format!(
            "{} of the mediator's actions are denied by service control policies",
            lines.len()
        );
        let detail = [vec![head], lines].concat().join("\n");
        return checks.fail(
            ORGANIZATION,
            detail,
            "an administrator of the organization decides about them: show these lines",
        );
    }
    let bound = results.iter().any(|result| result.organizations_decision_detail().is_some());
    let detail = if bound {
        "service control policies allow them"
    } else {
        "no service control policies apply"
    };
    checks.ok(ORGANIZATION, detail);
}

fn denied_by_organization(result: &EvaluationResult) -> String {
    let policies: Vec<&str> =
        result.matched_statements().iter().filter_map(|own| own.source_policy_id()).collect();
    let by = match policies.is_empty() {
        true => "no service control policy allows it, or one denies it".to_owned(),
        false => format!("denied by {}", policies.join(", ")),
    };
    format!("{}: {by}", result.eval_action_name())
}

async fn simulate(
    hop: &RoleHop,
    clients: &Clients,
    actions: &[String],
) -> Result<Vec<EvaluationResult>, FederationError> {
    let attempt = "simulate the role's calls";
    let read_page = |marker: Option<String>| async move {
        let call = clients.iam.simulate_principal_policy().set_marker(marker);
        let call = call.policy_source_arn(hop.role.to_string());
        let call = call.set_action_names(Some(actions.to_vec()));
        let page = clients.send(|| call.clone().send()).await;
        let page = page.map_err(|e| FederationError::of(attempt, clients.account, &e))?;
        let (items, marker) = (page.evaluation_results.unwrap_or_default(), page.marker);
        Ok(Page { items, marker })
    };
    list_all(read_page, clients.incomplete(attempt)).await
}
