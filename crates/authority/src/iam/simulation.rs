//! One simulation's results, as IAM's simulator tells them since 2026: a result for each action, with
//! one of each resource in it.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html>

use std::collections::BTreeSet;

use names::AccountId;
use policy::{
    Applicable, Context, Denial, Explanation, Kind, Outcome, Policy, PolicySet, Principal, Request,
    evaluate,
};
use serde_json::{Map, Value, json};

/// Everything that a simulation is decided by but the action and the resource.
pub(super) struct Simulation {
    pub(super) all: Applicable,
    pub(super) principal: Principal,
    /// Whose the resources are, where they have a policy.
    pub(super) owner: Option<AccountId>,
    pub(super) context: Context,
}

/// What is decided of one resource. The later, the stricter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Decision {
    Allowed,
    ImplicitDeny,
    ExplicitDeny,
}

impl Decision {
    fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Allowed { .. } => Self::Allowed,
            Outcome::Denied(Denial::Implicit(_)) => Self::ImplicitDeny,
            Outcome::Denied(Denial::Explicit(_)) => Self::ExplicitDeny,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::ImplicitDeny => "implicitDeny",
            Self::ExplicitDeny => "explicitDeny",
        }
    }
}

/// One resource's result.
struct Verdict {
    resource: String,
    decision: Decision,
    matched: Vec<Value>,
    /// Nothing where the simulation ended with the organisation's word.
    details: Option<Vec<(&'static str, Decision)>>,
    by_organization: Option<bool>,
    by_boundary: Option<bool>,
}

impl Simulation {
    /// The result of an action. What is told of it as a whole is the strictest of what is told of its
    /// resources.
    pub(super) fn result(&self, action: &str, resources: &[String]) -> Value {
        let everything = resources.iter().all(|resource| resource == "*");
        let resources = if everything { &["*".to_owned()][..] } else { resources };
        let verdicts: Vec<Verdict> =
            resources.iter().map(|resource| self.verdict(action, resource)).collect();
        let decision = verdicts.iter().map(|own| own.decision).max();
        let decision = decision.unwrap_or(Decision::ImplicitDeny);
        let mut matched: Vec<&Value> = Vec::new();
        for own in verdicts.iter().filter(|own| own.decision == decision) {
            for statement in &own.matched {
                if !matched.contains(&statement) {
                    matched.push(statement);
                }
            }
        }
        let missing = self.missing();
        let mut told = Map::new();
        told.insert("EvalActionName".to_owned(), json!(action));
        // AWS tells the form of ARN that the action is for, never the caller's own.
        told.insert("EvalResourceName".to_owned(), json!("*"));
        told.insert("EvalDecision".to_owned(), json!(decision.name()));
        told.insert("MatchedStatements".to_owned(), json!(matched));
        told.insert("MissingContextValues".to_owned(), json!(missing));
        let all = |of: fn(&Verdict) -> Option<bool>| {
            let told: Option<Vec<bool>> = verdicts.iter().map(of).collect();
            told.map(|told| told.into_iter().all(|allowed| allowed))
        };
        if let Some(allowed) = all(|own| own.by_organization) {
            let detail = json!({"AllowedByOrganizations": allowed});
            told.insert("OrganizationsDecisionDetail".to_owned(), detail);
        }
        if let Some(allowed) = all(|own| own.by_boundary) {
            told.insert("PermissionsBoundaryDecisionDetail".to_owned(), boundary(allowed));
        }
        if everything {
            return Value::Object(told);
        }
        if let Some(details) = strictest(&verdicts) {
            told.insert("EvalDecisionDetails".to_owned(), entries(&details));
        }
        let specific: Vec<Value> = verdicts.iter().map(|own| own.shown(&missing)).collect();
        told.insert("ResourceSpecificResults".to_owned(), json!(specific));
        Value::Object(told)
    }

    fn verdict(&self, action: &str, resource: &str) -> Verdict {
        let request = Request {
            principal: self.principal.clone(),
            action: action.to_owned(),
            resource: resource.to_owned(),
            resource_account: self.owner,
            context: self.context.clone(),
        };
        let explanation = evaluate(&self.all, &request).explain();
        let ended = matches!(
            explanation.outcome,
            Outcome::Denied(
                Denial::Explicit(Kind::ServiceControl) | Denial::Implicit(Kind::ServiceControl)
            )
        );
        let by_organization = (!self.all.service_control.is_empty()).then_some(!ended);
        let alone = |identity: &PolicySet| {
            let all = Applicable { identity: identity.clone(), ..Applicable::default() };
            let request = Request { resource_account: None, ..request.clone() };
            Decision::of(evaluate(&all, &request).outcome())
        };
        let bounded = self.all.boundary.as_ref().map(alone);
        let details = (!ended).then(|| {
            let mut details = Vec::new();
            if let Some(by_resource) = self.by_resource(&request) {
                details.push(("IAM Policy", alone(&self.all.identity)));
                details.push(("Resource Policy", by_resource));
                details.extend(bounded.map(|own| ("Permissions Boundary Policy", own)));
            }
            details
        });
        Verdict {
            resource: resource.to_owned(),
            decision: Decision::of(explanation.outcome),
            matched: matched(&explanation),
            details,
            by_organization,
            by_boundary: bounded.map(|own| own == Decision::Allowed),
        }
    }

    /// What the resource's policy says by itself, where the resource is another account's.
    fn by_resource(&self, request: &Request) -> Option<Decision> {
        let owner = self.owner.filter(|owner| self.principal.account() != Some(*owner))?;
        // Beside an identity that may all, it alone decides.
        let all = Applicable {
            identity: Policy::parse(EVERYTHING, Kind::Identity).ok()?.into(),
            resource: self.all.resource.clone(),
            ..Applicable::default()
        };
        let request = Request { resource_account: Some(owner), ..request.clone() };
        Some(Decision::of(evaluate(&all, &request).outcome()))
    }

    /// The keys that the policies ask for and nobody gave, whatever the action, as AWS tells them.
    /// Those of an organisation's policies are not told.
    fn missing(&self) -> BTreeSet<String> {
        let sets =
            [Some(&self.all.identity), self.all.boundary.as_ref(), self.all.resource.as_ref()];
        let policies = sets.into_iter().flatten().flat_map(PolicySet::policies);
        let asked = policies.flat_map(Policy::condition_keys);
        asked.filter(|key| self.context.get(key).is_none()).collect()
    }
}

const EVERYTHING: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

impl Verdict {
    fn shown(&self, missing: &BTreeSet<String>) -> Value {
        let mut shown = json!({
            "EvalResourceName": self.resource,
            "EvalResourceDecision": self.decision.name(),
            "MatchedStatements": self.matched,
            "MissingContextValues": missing,
        });
        if let Some(members) = shown.as_object_mut() {
            if let Some(details) = self.details.as_ref().filter(|details| !details.is_empty()) {
                members.insert("EvalDecisionDetails".to_owned(), entries(details));
            }
            if let Some(allowed) = self.by_boundary {
                members.insert("PermissionsBoundaryDecisionDetail".to_owned(), boundary(allowed));
            }
        }
        shown
    }
}

fn boundary(allowed: bool) -> Value {
    json!({"AllowedByPermissionsBoundary": allowed})
}

/// Of each kind of policy the strictest decision; nothing where the organisation ended all.
fn strictest(verdicts: &[Verdict]) -> Option<Vec<(&'static str, Decision)>> {
    let mut all: Vec<(&'static str, Decision)> = Vec::new();
    for (kind, decision) in verdicts.iter().filter_map(|own| own.details.as_ref()).flatten() {
        match all.iter_mut().find(|(own, _)| own == kind) {
            Some((_, own)) => *own = (*own).max(*decision),
            None => all.push((kind, *decision)),
        }
    }
    verdicts.iter().any(|own| own.details.is_some()).then_some(all)
}

/// A map's entries in awsQuery.
fn entries(details: &[(&'static str, Decision)]) -> Value {
    details.iter().map(|(kind, own)| json!({"key": kind, "value": own.name()})).collect()
}

/// The statements that decided, of identities' and resources' policies alone.
fn matched(explanation: &Explanation) -> Vec<Value> {
    let own = |name: &str| {
        !name.starts_with("arn:aws:organizations:")
            && !name.starts_with("OrderedOrganizationPolicyInputList")
    };
    let places = explanation.decided_by.iter().filter(|place| own(&place.policy));
    let statements = places.map(|place| {
        let kind = if place.policy == "ResourcePolicy" { "Resource Policy" } else { "IAM Policy" };
        json!({
            "SourcePolicyId": policy_id(&place.policy),
            "SourcePolicyType": kind,
            "StartPosition": {"Line": place.line, "Column": place.column},
            "EndPosition": {"Line": place.end_line, "Column": place.end_column},
        })
    });
    statements.collect()
}

/// A managed policy goes by its name, an inline one by its owner's kind and name and its own.
fn policy_id(name: &str) -> String {
    let last = |arn: &str| arn.rsplit('/').next().unwrap_or_default().to_owned();
    match name.split_once(" of arn:") {
        Some((own, owner)) => {
            let kind = owner.rsplit(':').next().and_then(|resource| resource.split('/').next());
            format!("{}_{}_{own}", kind.unwrap_or_default(), last(owner))
        }
        None => last(name),
    }
}
