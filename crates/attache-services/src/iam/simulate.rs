//! What would be decided: the engine that decides here, asked by whoever wants to know.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html>

use attache_aws_protocol::ServiceError;
use attache_identifiers::Arn;
use attache_policy::{Context, EffectivePolicies, Kind, Policy, PolicySet, Principal};
use serde_json::{Value, json};

use super::policy_source::Source;
use super::simulation::Simulation;
use super::{Call, Operation, Resource, Response, members, page};
use crate::access::org_policies;
use crate::budget::Budget;
use crate::pagination::Shown;
use crate::refusal::{invalid_input, validation};
use crate::validation::{Input, Member, Pattern, Shape, UNLIMITED, optional, required, size};

const DOCUMENTS: Shape = Shape::List { min: 0, max: UNLIMITED, of: &members::DOCUMENT };
const ACTION: Shape = Shape::Text { min: 3, max: 128, pattern: Pattern::Any };
const ACTIONS: Shape = Shape::List { min: 0, max: UNLIMITED, of: &ACTION };
const RESOURCE: Shape = Shape::Text { min: 1, max: 2048, pattern: Pattern::Any };
const RESOURCES: Shape = Shape::List { min: 0, max: UNLIMITED, of: &RESOURCE };
const KEY: Shape = Shape::Text { min: 5, max: 256, pattern: Pattern::Any };
const ENTRY: Shape = Shape::Structure(&[optional("ContextKeyName", &KEY)]);
const ENTRIES: Shape = Shape::List { min: 0, max: UNLIMITED, of: &ENTRY };

const LEVEL: Shape = Shape::Structure(&[optional("ServiceControlPolicyInputList", &DOCUMENTS)]);
const LEVELS: Shape = Shape::List { min: 0, max: 7, of: &LEVEL };

const SOURCE: Member = required("PolicySourceArn", &members::ARN);
const POLICIES: &str = "PolicyInputList";
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
    Operation {
        name: "GetContextKeysForCustomPolicy",
        members: &[required(POLICIES, &DOCUMENTS)],
        resource: Resource::Any,
        changes: false,
        run: |_| {
            Ok(Response::later(|input, _| Ok(keys(&inputs(input, POLICIES, Kind::Identity)?))))
        },
    },
    Operation {
        name: "GetContextKeysForPrincipalPolicy",
        members: &[SOURCE, optional(POLICIES, &DOCUMENTS)],
        resource: Resource::Source,
        changes: false,
        run: |call| {
            let source = Source::find(call, call.input.text("PolicySourceArn"))?;
            let own = source.policies(call).0;
            Ok(Response::later(|input, _| {
                let given = inputs(input, POLICIES, Kind::Identity)?;
                Ok(keys(&[own, given].into_iter().collect()))
            }))
        },
    },
];

/// The policies of a simulation come with the call, and are read once nothing is locked.
fn custom(call: &Call<'_>) -> Result<Response, ServiceError> {
    let account = call.account.id;
    Ok(Response::later(move |input, budget| {
        let all = EffectivePolicies {
            identity: inputs(input, POLICIES, Kind::Identity)?,
            boundary: boundaries(input)?,
            service_control: levels(input)?,
            ..EffectivePolicies::default()
        };
        let arn = input.optional("CallerArn");
        if arn.is_none() && input.has("ResourcePolicy") {
            return Err(no_caller());
        }
        // Whom no policy can name but by its account.
        let nobody = || format!("arn:aws:iam::{account}:user/simulated");
        let arn = arn.map_or_else(nobody, str::to_owned);
        run(input, budget, all, Principal::User { arn })
    }))
}

fn principal(call: &Call<'_>) -> Result<Response, ServiceError> {
    let arn = call.input.text("PolicySourceArn");
    let source = Source::find(call, arn)?;
    let (own, boundary) = source.policies(call);
    let mut all = EffectivePolicies::default();
    org_policies::of_caller(&mut all, call.state, call.account.id);
    let principal = match (source, call.input.optional("CallerArn")) {
        (_, Some(caller)) => Principal::User { arn: caller.to_owned() },
        (Source::User(user), None) => Principal::User { arn: user.arn.clone() },
        (Source::Role(role), None) => {
            Principal::RoleSession { role_arn: role.arn.clone(), session_arn: role.arn.clone() }
        }
        (Source::Group(_), None) if call.input.has("ResourcePolicy") => return Err(no_caller()),
        (Source::Group(group), None) => Principal::User { arn: group.arn.clone() },
    };
    Ok(Response::later(move |input, budget| {
        let given = inputs(input, POLICIES, Kind::Identity)?;
        all.identity = [own, given].into_iter().collect();
        all.boundary = boundaries(input)?.or(boundary);
        run(input, budget, all, principal)
    }))
}

fn no_caller() -> ServiceError {
    invalid_input("CallerArn must be provided with a resource policy.")
}

/// Decides the actions of the page that is asked for, and no others.
fn run(
    input: Input<'_>,
    budget: &Budget,
    mut all: EffectivePolicies,
    principal: Principal,
) -> Result<Value, ServiceError> {
    if let Some(text) = input.optional("ResourcePolicy") {
        all.resource = Some(read(text, Kind::Resource, "ResourcePolicy")?.into());
    }
    // Without the resource's policy nobody asks whose it is.
    let owner = all.resource.as_ref().map(|_| match input.optional("ResourceOwner") {
        Some(owner) => Arn::parse(owner).ok().and_then(|arn| arn.account()),
        None => principal.account(),
    });
    let actions = input.texts("ActionNames");
    let wrong = |action: &&String| !action.contains(':') || action.contains(['*', '?']);
    if let Some(action) = actions.iter().find(wrong) {
        return Err(invalid_input(format!("Invalid action name: {action}")));
    }
    let resources = input.texts("ResourceArns");
    affordable(&all, input, &resources)?;
    let mut simulation = Simulation::new(all, principal, owner.flatten(), context(input));
    let items = (0..).zip(&actions).map(|(at, action): (usize, _)| (format!("{at:08}"), action));
    let mut first = true;
    let page = page::try_page(input, "EvaluationResults", items, |action| {
        // A page has one result at least, or nobody would ever come to its end.
        if !std::mem::take(&mut first) && budget.page_is_full() {
            return Ok(Shown::NextPage);
        }
        simulation.result(action, &resources, budget).map(Shown::Item)
    });
    page.map(Value::Object)
}

/// The most that one decision may have to compare: the bytes of the policies times those of what they are
/// compared with. Ours: a pattern costs at most so much, a few nanoseconds for each, and one decision
/// cannot be broken off. A principal with every policy that IAM's quotas allow has 700 kB of them, and a
/// request some hundred bytes.
const MOST_COMPARED: usize = 256 * 1024 * 1024;

fn affordable(
    all: &EffectivePolicies,
    input: Input<'_>,
    resources: &[String],
) -> Result<(), ServiceError> {
    let sets = [&all.identity].into_iter().chain(&all.boundary).chain(&all.resource);
    let policies = sets.chain(&all.service_control).flat_map(PolicySet::policies);
    let policies: usize = policies.map(|policy| policy.text().len()).sum();
    let longest = resources.iter().map(String::len).max().unwrap_or_default();
    let context = input.0.get("ContextEntries").map_or(0, size);
    if policies.saturating_mul(longest + context) > MOST_COMPARED {
        return Err(Budget::too_much());
    }
    Ok(())
}

fn context(input: Input<'_>) -> Context {
    let mut context = Context::new();
    let entries = input.0.get("ContextEntries").and_then(Value::as_array);
    for entry in entries.into_iter().flatten() {
        let name = entry.get("ContextKeyName").and_then(Value::as_str).unwrap_or_default();
        let values = entry.get("ContextKeyValues").and_then(Value::as_array);
        let values = values.into_iter().flatten().filter_map(Value::as_str);
        context.set_many(name, values);
    }
    context
}

/// The service control policies of each level of an organisation, the root first.
fn levels(input: Input<'_>) -> Result<Vec<PolicySet>, ServiceError> {
    let given = input.0.get(LEVEL_LIST).and_then(Value::as_array);
    let level = |(at, level): (usize, &Value)| {
        let texts = Input(level).texts("ServiceControlPolicyInputList");
        let name = format!("{LEVEL_LIST}.{at}");
        let read = texts.iter().map(|text| read(text, Kind::ServiceControl, &name));
        Ok(PolicySet::compile(read.collect::<Result<Vec<_>, _>>()?))
    };
    (1..).zip(given.into_iter().flatten()).map(level).collect()
}

fn boundaries(input: Input<'_>) -> Result<Option<PolicySet>, ServiceError> {
    const LIST: &str = "PermissionsBoundaryPolicyInputList";
    match input.texts(LIST).len() {
        0 => Ok(None),
        1 => inputs(input, LIST, Kind::Boundary).map(Some),
        _ => Err(validation("A simulation takes one permissions boundary.")),
    }
}

/// The policies of a list, each by its place in it.
fn inputs(input: Input<'_>, list: &str, kind: Kind) -> Result<PolicySet, ServiceError> {
    let texts = input.texts(list);
    let read = (1..).zip(&texts).map(|(at, text)| read(text, kind, &format!("{list}.{at}")));
    Ok(PolicySet::compile(read.collect::<Result<Vec<_>, _>>()?))
}

fn read(text: &str, kind: Kind, name: &str) -> Result<Policy, ServiceError> {
    let read = Policy::parse(text, kind);
    let read = read.map_err(|e| invalid_input(format!("{name}: {}", e.aws_message())))?;
    Ok(read.named(name))
}

fn keys(policies: &PolicySet) -> Value {
    let keys: std::collections::BTreeSet<String> =
        policies.policies().flat_map(Policy::condition_keys).collect();
    json!({"ContextKeyNames": keys})
}
