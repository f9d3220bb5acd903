//! What would be decided: the engine that decides here, asked by whoever wants to know.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html>

use names::Arn;
use policy::{Applicable, Context, Kind, Policy, PolicySet, Principal};
use serde_json::{Value, json};
use wire::ServiceError;

use super::simulation::Simulation;
use super::source::Source;
use super::{Call, Done, Operation, Resource, members, page};
use crate::access::controls;
use crate::refusal::{invalid_input, validation};
use crate::shape::{Input, Member, Pattern, Shape, UNLIMITED, optional, required};

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
            required("PolicyInputList", &DOCUMENTS),
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
            optional("PolicyInputList", &DOCUMENTS),
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
        members: &[required("PolicyInputList", &DOCUMENTS)],
        resource: Resource::Any,
        changes: false,
        run: |call| Ok(keys(&inputs(call, "PolicyInputList", Kind::Identity)?)),
    },
    Operation {
        name: "GetContextKeysForPrincipalPolicy",
        members: &[SOURCE, optional("PolicyInputList", &DOCUMENTS)],
        resource: Resource::Source,
        changes: false,
        run: |call| {
            let source = Source::find(call, call.input.text("PolicySourceArn"))?;
            let own = source.policies(call).0;
            let given = inputs(call, "PolicyInputList", Kind::Identity)?;
            Ok(keys(&[own, given].into_iter().collect()))
        },
    },
];

fn custom(call: &Call<'_>) -> Result<Done, ServiceError> {
    let all = Applicable {
        identity: inputs(call, "PolicyInputList", Kind::Identity)?,
        boundary: boundaries(call)?,
        service_control: levels(call)?,
        ..Applicable::default()
    };
    let arn = call.input.optional("CallerArn");
    if arn.is_none() && call.input.has("ResourcePolicy") {
        return Err(invalid_input("CallerArn must be provided with a resource policy."));
    }
    // Whom no policy can name but by its account.
    let nobody = || format!("arn:aws:iam::{}:user/simulated", call.account.id);
    let arn = arn.map_or_else(nobody, str::to_owned);
    run(call, all, Principal::User { arn })
}

fn principal(call: &Call<'_>) -> Result<Done, ServiceError> {
    let arn = call.input.text("PolicySourceArn");
    let source = Source::find(call, arn)?;
    let (identity, boundary) = source.policies(call);
    let given = inputs(call, "PolicyInputList", Kind::Identity)?;
    let mut all = Applicable {
        identity: [identity, given].into_iter().collect(),
        boundary: boundaries(call)?.or(boundary),
        ..Applicable::default()
    };
    controls::of_caller(&mut all, call.state, call.account.id);
    let principal = match (source, call.input.optional("CallerArn")) {
        (_, Some(caller)) => Principal::User { arn: caller.to_owned() },
        (Source::User(user), None) => Principal::User { arn: user.arn.clone() },
        (Source::Role(role), None) => {
            Principal::RoleSession { role_arn: role.arn.clone(), session_arn: role.arn.clone() }
        }
        (Source::Group(_), None) if call.input.has("ResourcePolicy") => {
            return Err(invalid_input("CallerArn must be provided with a resource policy."));
        }
        (Source::Group(group), None) => Principal::User { arn: group.arn.clone() },
    };
    run(call, all, principal)
}

fn run(call: &Call<'_>, mut all: Applicable, principal: Principal) -> Result<Done, ServiceError> {
    let input = call.input;
    if let Some(text) = input.optional("ResourcePolicy") {
        all.resource = Some(read(text, Kind::Resource, "ResourcePolicy")?.into());
    }
    // Without the resource's policy nobody asks whose it is.
    let owner = all.resource.as_ref().map(|_| match input.optional("ResourceOwner") {
        Some(owner) => Arn::parse(owner).ok().and_then(|arn| arn.account()),
        None => principal.account(),
    });
    let simulation = Simulation { all, principal, owner: owner.flatten(), context: context(call) };
    let resources = input.texts("ResourceArns");
    let mut results = Vec::new();
    for action in input.texts("ActionNames") {
        if !action.contains(':') || action.contains(['*', '?']) {
            return Err(invalid_input(format!("Invalid action name: {action}")));
        }
        let key = format!("{:08}", results.len());
        results.push((key, simulation.result(&action, &resources)));
    }
    let items = results.iter().map(|(key, result)| (key.as_str(), result.clone()));
    Ok(Done::told(Value::Object(page::page(input, "EvaluationResults", items)?)))
}

fn context(call: &Call<'_>) -> Context {
    let mut context = Context::new();
    let entries = call.input.0.get("ContextEntries").and_then(Value::as_array);
    for entry in entries.into_iter().flatten() {
        let name = entry.get("ContextKeyName").and_then(Value::as_str).unwrap_or_default();
        let values = entry.get("ContextKeyValues").and_then(Value::as_array);
        let values = values.into_iter().flatten().filter_map(Value::as_str);
        context.set_many(name, values);
    }
    context
}

/// The service control policies of each level of an organisation, the root first.
fn levels(call: &Call<'_>) -> Result<Vec<PolicySet>, ServiceError> {
    let given = call.input.0.get(LEVEL_LIST).and_then(Value::as_array);
    let level = |(at, level): (usize, &Value)| {
        let texts = Input(level).texts("ServiceControlPolicyInputList");
        let name = format!("{LEVEL_LIST}.{at}");
        let read = texts.iter().map(|text| read(text, Kind::ServiceControl, &name));
        Ok(PolicySet::compile(read.collect::<Result<Vec<_>, _>>()?))
    };
    (1..).zip(given.into_iter().flatten()).map(level).collect()
}

fn boundaries(call: &Call<'_>) -> Result<Option<PolicySet>, ServiceError> {
    const LIST: &str = "PermissionsBoundaryPolicyInputList";
    match call.input.texts(LIST).len() {
        0 => Ok(None),
        1 => inputs(call, LIST, Kind::Boundary).map(Some),
        _ => Err(validation("A simulation takes one permissions boundary.")),
    }
}

/// The policies of a list, each by its place in it.
fn inputs(call: &Call<'_>, list: &str, kind: Kind) -> Result<PolicySet, ServiceError> {
    let texts = call.input.texts(list);
    let read = (1..).zip(&texts).map(|(at, text)| read(text, kind, &format!("{list}.{at}")));
    Ok(PolicySet::compile(read.collect::<Result<Vec<_>, _>>()?))
}

fn read(text: &str, kind: Kind, name: &str) -> Result<Policy, ServiceError> {
    let read = Policy::parse(text, kind);
    let read = read.map_err(|e| invalid_input(format!("{name}: {}", e.aws_message())))?;
    Ok(read.named(name))
}

fn keys(policies: &PolicySet) -> Done {
    let keys: std::collections::BTreeSet<String> =
        policies.policies().flat_map(Policy::condition_keys).collect();
    Done::told(json!({"ContextKeyNames": keys}))
}
