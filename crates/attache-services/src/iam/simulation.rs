//! One simulation's results, in the shape of IAM's simulator since 2026: a result for each action, with
//! one of each resource in it.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html>

use std::collections::BTreeSet;

use attache_aws_protocol::ServiceError;
use attache_identifiers::AccountId;
use attache_policy::{
    Context, Denial, EffectivePolicies, Explanation, Kind, Outcome, Policy, PolicySet, Principal,
    Request, evaluate,
};
use serde_json::{Map, Value, json};

use crate::budget::Budget;

/// Everything that a simulation is decided by but the action and the resource, made once for all.
pub(super) struct Simulation {
    all: EffectivePolicies,
    /// Each kind by itself.
    identity: EffectivePolicies,
    boundary: Option<EffectivePolicies>,
    /// The resource's policy beside an identity that may all, where it is another account's.
    resource: Option<EffectivePolicies>,
    /// The request, with the owner of the resources and without. The context can be large: it is not
    /// copied for each decision.
    request: Request,
    within: Request,
    missing: BTreeSet<String>,
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
struct ResourceResult {
    resource: String,
    decision: Decision,
    matched: Vec<Value>,
    /// Nothing where the organization's policies ended the simulation.
    details: Option<Vec<(&'static str, Decision)>>,
    by_organization: Option<bool>,
    by_boundary: Option<bool>,
}

impl Simulation {
    /// For these policies and this context; `owner` is whose the resources are, where they have a policy.
    pub(super) fn new(
        all: EffectivePolicies,
        principal: Principal,
        owner: Option<AccountId>,
        context: Context,
    ) -> Self {
        let alone = |identity: &PolicySet| EffectivePolicies {
            identity: identity.clone(),
            ..EffectivePolicies::default()
        };
        let elsewhere = owner.is_some() && principal.account() != owner;
        let everything = Policy::parse(EVERYTHING, Kind::Identity).ok();
        let resource = everything.filter(|_| elsewhere).map(|everything| EffectivePolicies {
            identity: everything.into(),
            resource: all.resource.clone(),
            ..EffectivePolicies::default()
        });
        let missing = missing(&all, &context);
        let (action, resource_arn) = (String::new(), String::new());
        let within =
            Request { principal, action, resource: resource_arn, resource_account: None, context };
        let request = Request { resource_account: owner, ..within.clone() };
        let (identity, boundary) = (alone(&all.identity), all.boundary.as_ref().map(alone));
        Self { all, identity, boundary, resource, request, within, missing }
    }

    /// The result of an action: the strictest of the results of its resources.
    ///
    /// # Errors
    /// When that costs more than a call may, or its caller is gone.
    pub(super) fn result(
        &mut self,
        action: &str,
        resources: &[&str],
        budget: &Budget,
    ) -> Result<Value, ServiceError> {
        let everything = resources.iter().all(|resource| *resource == "*");
        let resources = if everything { &["*"][..] } else { resources };
        let each = RESULT_BYTES + self.missing.iter().map(String::len).sum::<usize>();
        let (mut results, mut bytes) = (Vec::with_capacity(resources.len()), each);
        for resource in resources {
            budget.check(bytes)?;
            let result = self.outcome(action, resource);
            bytes += each + resource.len() + RESULT_BYTES * result.matched.len();
            results.push(result);
        }
        Ok(self.summary(action, everything, &results))
    }

    fn summary(&self, action: &str, everything: bool, results: &[ResourceResult]) -> Value {
        // Of several resources AWS answers the form of ARN that the action is for, which is not known
        // here; `*` is what it answers where there is none.
        let resource = match results {
            [one] => one.resource.as_str(),
            _ => "*",
        };
        let decision = results.iter().map(|result| result.decision).max();
        let decision = decision.unwrap_or(Decision::ImplicitDeny);
        let mut matched: Vec<&Value> = Vec::new();
        for result in results.iter().filter(|result| result.decision == decision) {
            for statement in &result.matched {
                if !matched.contains(&statement) {
                    matched.push(statement);
                }
            }
        }
        let missing = &self.missing;
        let mut members = Map::new();
        members.insert("EvalActionName".to_owned(), json!(action));
        members.insert("EvalResourceName".to_owned(), json!(resource));
        members.insert("EvalDecision".to_owned(), json!(decision.name()));
        members.insert("MatchedStatements".to_owned(), json!(matched));
        members.insert("MissingContextValues".to_owned(), json!(missing));
        let all = |of: fn(&ResourceResult) -> Option<bool>| {
            let members: Option<Vec<bool>> = results.iter().map(of).collect();
            members.map(|members| members.into_iter().all(|allowed| allowed))
        };
        if let Some(allowed) = all(|result| result.by_organization) {
            let detail = json!({"AllowedByOrganizations": allowed});
            members.insert("OrganizationsDecisionDetail".to_owned(), detail);
        }
        if let Some(allowed) = all(|result| result.by_boundary) {
            members.insert("PermissionsBoundaryDecisionDetail".to_owned(), boundary(allowed));
        }
        if everything {
            return Value::Object(members);
        }
        if let Some(details) = strictest(results) {
            members.insert("EvalDecisionDetails".to_owned(), entries(&details));
        }
        let specific: Vec<Value> = results.iter().map(|result| result.shown(missing)).collect();
        members.insert("ResourceSpecificResults".to_owned(), json!(specific));
        Value::Object(members)
    }

    fn outcome(&mut self, action: &str, resource: &str) -> ResourceResult {
        for request in [&mut self.request, &mut self.within] {
            action.clone_into(&mut request.action);
            resource.clone_into(&mut request.resource);
        }
        let decision = evaluate(&self.all, &self.request);
        let outcome = decision.outcome();
        let ended = matches!(
            outcome,
            Outcome::Denied(
                Denial::Explicit(Kind::ServiceControl) | Denial::Implicit(Kind::ServiceControl)
            )
        );
        let by_organization = (!self.all.service_control.is_empty()).then_some(!ended);
        let alone = |all: &EffectivePolicies| Decision::of(evaluate(all, &self.within).outcome());
        let bounded = self.boundary.as_ref().map(alone);
        let details = (!ended).then(|| {
            let mut details = Vec::new();
            if let Some(resource) = &self.resource {
                let by_resource = evaluate(resource, &self.request).outcome();
                details.push(("IAM Policy", alone(&self.identity)));
                details.push(("Resource Policy", Decision::of(by_resource)));
                details.extend(bounded.map(|result| ("Permissions Boundary Policy", result)));
            }
            details
        });
        ResourceResult {
            resource: resource.to_owned(),
            decision: Decision::of(outcome),
            // Nothing matched where nothing was said, and to say what came close costs most.
            matched: match outcome {
                Outcome::Denied(Denial::Implicit(_)) => Vec::new(),
                _ => matched(&decision.explain()),
            },
            details,
            by_organization,
            by_boundary: bounded.map(|result| result == Decision::Allowed),
        }
    }
}

/// The condition keys of the policies that the context lacks, whatever the action. As on AWS, those of an
/// organization's policies are not among them.
fn missing(all: &EffectivePolicies, context: &Context) -> BTreeSet<String> {
    let sets = [Some(&all.identity), all.boundary.as_ref(), all.resource.as_ref()];
    let policies = sets.into_iter().flatten().flat_map(PolicySet::policies);
    let keys = policies.flat_map(Policy::condition_keys);
    keys.filter(|key| context.get(key).is_none()).collect()
}

/// About how many bytes a resource's result has, and a statement in it.
const RESULT_BYTES: usize = 250;

const EVERYTHING: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

impl ResourceResult {
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

/// Of each kind of policy the strictest decision; nothing where the organization ended all.
fn strictest(results: &[ResourceResult]) -> Option<Vec<(&'static str, Decision)>> {
    let mut all: Vec<(&'static str, Decision)> = Vec::new();
    for (kind, decision) in results.iter().filter_map(|result| result.details.as_ref()).flatten() {
        match all.iter_mut().find(|(result, _)| result == kind) {
            Some((_, result)) => *result = (*result).max(*decision),
            None => all.push((kind, *decision)),
        }
    }
    results.iter().any(|result| result.details.is_some()).then_some(all)
}

/// A map's entries in awsQuery.
fn entries(details: &[(&'static str, Decision)]) -> Value {
    details.iter().map(|(kind, result)| json!({"key": kind, "value": result.name()})).collect()
}

/// The statements that decided, of identities' and resources' policies alone.
fn matched(explanation: &Explanation) -> Vec<Value> {
    let is_listed = |name: &str| {
        !name.starts_with("arn:aws:organizations:")
            && !name.starts_with("OrderedOrganizationPolicyInputList")
    };
    let places = explanation.decided_by.iter().filter(|place| is_listed(&place.policy));
    let statements = places.map(|place| {
        let kind = if place.policy == "ResourcePolicy" { "Resource Policy" } else { "IAM Policy" };
        json!({
            "SourcePolicyId": policy_id(&place.policy),
            "SourcePolicyType": kind,
            // AWS counts from the brace: the column after it, as that of the end is the one after its
            // own.
            "StartPosition": {"Line": place.line, "Column": place.column + 1},
            "EndPosition": {"Line": place.end_line, "Column": place.end_column},
        })
    });
    statements.collect()
}

/// A managed policy goes by its name, an inline one by its owner's kind and name and its own.
fn policy_id(name: &str) -> String {
    let last = |arn: &str| arn.rsplit('/').next().unwrap_or_default().to_owned();
    match name.split_once(" of arn:") {
        Some((policy, owner)) => {
            let kind = owner.rsplit(':').next().and_then(|resource| resource.split('/').next());
            format!("{}_{}_{policy}", kind.unwrap_or_default(), last(owner))
        }
        None => last(name),
    }
}
