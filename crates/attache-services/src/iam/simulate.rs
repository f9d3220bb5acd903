//! Simulations: decisions of the policy engine on requests that are not made.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html>

use attache_aws_protocol::ServiceError;
use attache_identifiers::Arn;
use attache_ledger::PARTITION;
use attache_policy::{Context, EffectivePolicies, Kind, Policy, PolicySet, Principal};
use serde::Deserialize;
use serde_json::Value;

use super::policy_source::Source;
use super::simulation::Simulation;
use super::{Call, Operation, Resource, Response, members, page};
use crate::access::org_policies;
use crate::budget::Budget;
use crate::pagination::Shown;
use crate::refusal::{invalid_input, validation};
use crate::validation::{Input, Member, Pattern, Shape, UNLIMITED, optional, required};

pub(super) const DOCUMENTS: Shape = Shape::List { min: 0, max: UNLIMITED, of: &members::DOCUMENT };
const ACTION: Shape = Shape::Text { min: 3, max: 128, pattern: Pattern::Any };
const ACTIONS: Shape = Shape::List { min: 0, max: UNLIMITED, of: &ACTION };
const RESOURCE: Shape = Shape::Text { min: 1, max: 2048, pattern: Pattern::Any };
const RESOURCES: Shape = Shape::List { min: 0, max: UNLIMITED, of: &RESOURCE };
const KEY: Shape = Shape::Text { min: 5, max: 256, pattern: Pattern::Any };
const KEY_VALUE: Shape = Shape::Text { min: 0, max: UNLIMITED, pattern: Pattern::Any };
const KEY_VALUES: Shape = Shape::List { min: 0, max: UNLIMITED, of: &KEY_VALUE };
const ENTRY: Shape = Shape::Structure(&[
    optional("ContextKeyName", &KEY),
    optional("ContextKeyValues", &KEY_VALUES),
]);
const ENTRIES: Shape = Shape::List { min: 0, max: UNLIMITED, of: &ENTRY };

const LEVEL: Shape = Shape::Structure(&[optional("ServiceControlPolicyInputList", &DOCUMENTS)]);
const LEVELS: Shape = Shape::List { min: 0, max: 7, of: &LEVEL };

pub(super) const SOURCE: Member = required("PolicySourceArn", &members::ARN);
pub(super) const POLICIES: &str = "PolicyInputList";
const LEVEL_LIST: &str = "OrderedOrganizationPolicyInputList";
const BOUNDARIES: Member = optional("PermissionsBoundaryPolicyInputList", &DOCUMENTS);
const ACTION_NAMES: Member = required("ActionNames", &ACTIONS);
const RESOURCE_ARNS: Member = optional("ResourceArns", &RESOURCES);
const RESOURCE_POLICY: Member = optional("ResourcePolicy", &members::DOCUMENT);
const RESOURCE_OWNER: Member = optional("ResourceOwner", &RESOURCE);
const CALLER: Member = optional("CallerArn", &RESOURCE);
const CONTEXT: Member = optional("ContextEntries", &ENTRIES);

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "SimulateCustomPolicy",
        members: &[
            required(POLICIES, &DOCUMENTS),
            BOUNDARIES,
            optional(LEVEL_LIST, &LEVELS),
            ACTION_NAMES,
            RESOURCE_ARNS,
            RESOURCE_POLICY,
            RESOURCE_OWNER,
            CALLER,
            CONTEXT,
            members::AT_MOST,
            members::AT_MARKER,
        ],
        resource: Resource::Any,
        changes: false,
        run: custom,
    },
    Operation {
        name: "SimulatePrincipalPolicy",
        members: &[
            SOURCE,
            optional(POLICIES, &DOCUMENTS),
            BOUNDARIES,
            ACTION_NAMES,
            RESOURCE_ARNS,
            RESOURCE_POLICY,
            RESOURCE_OWNER,
            CALLER,
            CONTEXT,
            members::AT_MOST,
            members::AT_MARKER,
        ],
        resource: Resource::Source,
        changes: false,
        run: principal,
    },
];

/// What both simulations take.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Simulate<'a> {
    #[serde(default, borrow)]
    policy_input_list: Vec<&'a str>,
    #[serde(rename = "PermissionsBoundaryPolicyInputList", default, borrow)]
    boundaries: Vec<&'a str>,
    #[serde(borrow)]
    action_names: Vec<&'a str>,
    #[serde(default, borrow)]
    resource_arns: Vec<&'a str>,
    resource_policy: Option<&'a str>,
    resource_owner: Option<&'a str>,
    caller_arn: Option<&'a str>,
    #[serde(default, borrow)]
    context_entries: Vec<ContextEntry<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ContextEntry<'a> {
    context_key_name: Option<&'a str>,
    #[serde(default, borrow)]
    context_key_values: Vec<&'a str>,
}

/// What `SimulateCustomPolicy` takes beside.
#[derive(Deserialize)]
struct Levels<'a> {
    #[serde(rename = "OrderedOrganizationPolicyInputList", default, borrow)]
    levels: Vec<Level<'a>>,
}

#[derive(Deserialize)]
struct Level<'a> {
    #[serde(rename = "ServiceControlPolicyInputList", default, borrow)]
    documents: Vec<&'a str>,
}

/// The input of what is about a user, a group or a role.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SourceInput<'a> {
    pub(super) policy_source_arn: &'a str,
}

/// The policies of a simulation come with the call, and are read once nothing is locked.
fn custom(call: &Call<'_>) -> Result<Response, ServiceError> {
    let account = call.account.id;
    Ok(Response::later(move |input, budget| {
        let simulate: Simulate<'_> = input.read()?;
        let all = EffectivePolicies {
            identity: policies(&simulate.policy_input_list, POLICIES, Kind::Identity)?,
            boundary: boundary(&simulate)?,
            service_control: levels(&input.read()?)?,
            ..EffectivePolicies::default()
        };
        if simulate.caller_arn.is_none() && simulate.resource_policy.is_some() {
            return Err(no_caller());
        }
        // A principal that no policy can name but by its account.
        let simulated = || Arn::user(PARTITION, account, "/", "simulated").to_string();
        let arn = simulate.caller_arn.map_or_else(simulated, str::to_owned);
        run(input, &simulate, budget, all, Principal::User { arn })
    }))
}

fn principal(call: &Call<'_>) -> Result<Response, ServiceError> {
    let source = Source::find(call, call.read::<SourceInput<'_>>()?.policy_source_arn)?;
    let simulate: Simulate<'_> = call.read()?;
    let (of_source, boundary_of_source) = source.policies(call);
    let mut all = EffectivePolicies::default();
    org_policies::of_caller(&mut all, call.state, call.account.id);
    let principal = match (source, simulate.caller_arn) {
        (_, Some(caller)) => Principal::User { arn: caller.to_owned() },
        (Source::User(user), None) => Principal::User { arn: user.arn.clone() },
        (Source::Role(role), None) => {
            Principal::RoleSession { role_arn: role.arn.clone(), session_arn: role.arn.clone() }
        }
        (Source::Group(_), None) if simulate.resource_policy.is_some() => return Err(no_caller()),
        (Source::Group(group), None) => Principal::User { arn: group.arn.clone() },
    };
    Ok(Response::later(move |input, budget| {
        let simulate: Simulate<'_> = input.read()?;
        let given = policies(&simulate.policy_input_list, POLICIES, Kind::Identity)?;
        all.identity = [of_source, given].into_iter().collect();
        all.boundary = boundary(&simulate)?.or(boundary_of_source);
        run(input, &simulate, budget, all, principal)
    }))
}

fn no_caller() -> ServiceError {
    invalid_input("CallerArn must be provided with a resource policy.")
}

/// Decides the actions of one page.
fn run(
    input: Input<'_>,
    simulate: &Simulate<'_>,
    budget: &Budget,
    mut all: EffectivePolicies,
    principal: Principal,
) -> Result<Value, ServiceError> {
    if let Some(text) = simulate.resource_policy {
        all.resource = Some(read(text, Kind::Resource, "ResourcePolicy")?.into());
    }
    // Without the resource's policy its owner does not count.
    let owner = all.resource.as_ref().map(|_| match simulate.resource_owner {
        Some(owner) => Arn::parse(owner).ok().and_then(|arn| arn.account()),
        None => principal.account(),
    });
    let actions = &simulate.action_names;
    let wrong = |action: &&&str| !action.contains(':') || action.contains(['*', '?']);
    if let Some(action) = actions.iter().find(wrong) {
        return Err(invalid_input(format!("Invalid action name: {action}")));
    }
    affordable(&all, simulate)?;
    let mut simulation = Simulation::new(all, principal, owner.flatten(), context(simulate));
    let items = (0..).zip(actions).map(|(at, action): (usize, _)| (format!("{at:08}"), action));
    let mut first = true;
    let page = page::try_page(input, "EvaluationResults", items, |action| {
        // A page has one result at least: else the last one would never be reached.
        if !std::mem::take(&mut first) && budget.page_is_full() {
            return Ok(Shown::NextPage);
        }
        simulation.result(action, &simulate.resource_arns, budget).map(Shown::Item)
    });
    page.map(Value::Object)
}

/// The most that one decision may have to compare: the bytes of the policies times those of what they are
/// compared with. Ours: a pattern costs at most so much, a few nanoseconds for each, and one decision
/// cannot be broken off. A principal with every policy that IAM's quotas allow has 700 kB of them, and a
/// request some hundred bytes.
const MOST_COMPARED: usize = 256 * 1024 * 1024;

fn affordable(all: &EffectivePolicies, simulate: &Simulate<'_>) -> Result<(), ServiceError> {
    let sets = [&all.identity].into_iter().chain(&all.boundary).chain(&all.resource);
    let policies = sets.chain(&all.service_control).flat_map(PolicySet::policies);
    let policies: usize = policies.map(|policy| policy.text().len()).sum();
    let longest = simulate.resource_arns.iter().map(|arn| arn.len()).max().unwrap_or_default();
    let context: usize = simulate.context_entries.iter().map(ContextEntry::size).sum();
    if policies.saturating_mul(longest + context) > MOST_COMPARED {
        return Err(Budget::too_much());
    }
    Ok(())
}

impl ContextEntry<'_> {
    /// About how many bytes its key and its values have.
    fn size(&self) -> usize {
        let values: usize = self.context_key_values.iter().map(|value| value.len() + 2).sum();
        self.context_key_name.map_or(0, str::len) + values
    }
}

fn context(simulate: &Simulate<'_>) -> Context {
    let mut context = Context::new();
    for entry in &simulate.context_entries {
        let values = entry.context_key_values.iter().copied();
        context.set_many(entry.context_key_name.unwrap_or_default(), values);
    }
    context
}

/// The service control policies of each level of an organization, the root first.
fn levels(given: &Levels<'_>) -> Result<Vec<PolicySet>, ServiceError> {
    let level = |(at, level): (usize, &Level<'_>)| {
        let name = format!("{LEVEL_LIST}.{at}");
        let documents = level.documents.iter();
        let read = documents.map(|text| read(text, Kind::ServiceControl, &name));
        Ok(PolicySet::compile(read.collect::<Result<Vec<_>, _>>()?))
    };
    (1..).zip(&given.levels).map(level).collect()
}

fn boundary(simulate: &Simulate<'_>) -> Result<Option<PolicySet>, ServiceError> {
    const LIST: &str = "PermissionsBoundaryPolicyInputList";
    match simulate.boundaries.as_slice() {
        [] => Ok(None),
        [_] => policies(&simulate.boundaries, LIST, Kind::Boundary).map(Some),
        _ => Err(validation("A simulation takes one permissions boundary.")),
    }
}

/// The policies of a list, each by its place in it.
fn policies(texts: &[&str], list: &str, kind: Kind) -> Result<PolicySet, ServiceError> {
    let read = (1..).zip(texts).map(|(at, text)| read(text, kind, &format!("{list}.{at}")));
    Ok(PolicySet::compile(read.collect::<Result<Vec<_>, _>>()?))
}

fn read(text: &str, kind: Kind, name: &str) -> Result<Policy, ServiceError> {
    let read = Policy::parse(text, kind);
    let read = read.map_err(|e| invalid_input(format!("{name}: {}", e.aws_message())))?;
    Ok(read.named(name))
}
