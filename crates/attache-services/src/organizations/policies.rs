//! Service control policies and resource control policies.
//!
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_authorization_policies.html>

use attache_ledger::Tag;
use attache_ledger::change::{OrganizationChange, PolicyType};
use attache_ledger::state::{ControlPolicy, Document, Organization};
use serde::Deserialize;

use super::organization::policy_type;
use super::refusal::{constraint, invalid, no_policy, refused};
use super::{
    AllowedCaller, Call, Operation, Refusal, ResourceMember, Response, limits, members, page,
    refusal, show, tagging,
};
use crate::ids::lower;
use crate::validation::{optional, required};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "CreatePolicy",
        members: &[
            required("Content", &members::CONTENT),
            required("Description", &members::DESCRIPTION),
            required("Name", &members::NAME),
            required("Type", &members::POLICY_TYPE),
            optional("Tags", &members::TAGS),
        ],
        resources: &[],
        callers: AllowedCaller::Management,
        changes: true,
        run: |call| create(call, call.read()?),
    },
    Operation {
        name: "UpdatePolicy",
        members: &[
            members::POLICY,
            optional("Name", &members::NAME),
            optional("Description", &members::DESCRIPTION),
            optional("Content", &members::CONTENT),
        ],
        resources: &[ResourceMember::Policy],
        callers: AllowedCaller::Management,
        changes: true,
        run: |call| update(call, call.read()?),
    },
    Operation {
        name: "DeletePolicy",
        members: &[members::POLICY],
        resources: &[ResourceMember::Policy],
        callers: AllowedCaller::Management,
        changes: true,
        run: |call| delete(call, &call.read()?),
    },
    Operation {
        name: "DescribePolicy",
        members: &[members::POLICY],
        resources: &[ResourceMember::Policy],
        callers: AllowedCaller::Delegate,
        changes: false,
        run: |call| {
            let policy = policy(call, call.read::<PolicyInput<'_>>()?.policy_id)?;
            Ok(Response::read_only(show::policy(call.organization()?, policy)))
        },
    },
    Operation {
        name: "ListPolicies",
        members: &[
            required("Filter", &members::POLICY_TYPE),
            members::NEXT_TOKEN,
            members::MAX_RESULTS,
        ],
        resources: &[],
        callers: AllowedCaller::Delegate,
        changes: false,
        run: |call| {
            let organization = call.organization()?;
            let kind = PolicyType::named(call.read::<ListPolicies<'_>>()?.filter);
            let all = organization.policies.values();
            let items = all.filter(|policy| Some(policy.kind) == kind);
            let items = items.map(|policy| (policy.id.clone(), policy));
            page::page(call, "Policies", items, |policy| show::summary(organization, policy))
        },
    },
];

/// The input of an operation on one policy.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PolicyInput<'a> {
    pub(super) policy_id: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreatePolicy<'a> {
    content: String,
    description: String,
    name: String,
    r#type: &'a str,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UpdatePolicy<'a> {
    policy_id: &'a str,
    name: Option<String>,
    description: Option<String>,
    content: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListPolicies<'a> {
    filter: &'a str,
}

fn create(call: &Call<'_>, input: CreatePolicy<'_>) -> Result<Response, Refusal> {
    let organization = call.organization()?;
    let kind = policy_type(input.r#type)?;
    let CreatePolicy { name, content, description, .. } = input;
    unique(organization, kind, &name)?;
    let count = organization.policies.values().filter(|policy| policy.kind == kind).count();
    if count > limits::POLICIES {
        let message = "You have exceeded the number of policies of this type that you can have in \
                       an organization.";
        return Err(constraint("POLICY_NUMBER_LIMIT_EXCEEDED", message));
    }
    let document = read(&content, kind)?;
    let tags = tagging::new_tags(input.tags)?;
    let id = format!("p-{}", lower::<8>().map_err(|_| refusal::failure())?);
    let changed = ControlPolicy {
        id: id.clone(),
        kind,
        name: name.clone(),
        description: description.clone(),
        document,
        aws_managed: false,
    };
    let change = OrganizationChange::PolicyCreated { id, kind, name, description, content, tags };
    Ok(Response::with_change(show::policy(organization, &changed), change))
}

fn update(call: &Call<'_>, input: UpdatePolicy<'_>) -> Result<Response, Refusal> {
    let (organization, policy) = (call.organization()?, modifiable_policy(call, input.policy_id)?);
    let UpdatePolicy { name, description, content, .. } = input;
    // As AWS does it: an empty description, and a name of spaces alone, change nothing.
    let description = description.filter(|description| !description.is_empty());
    let name = name.filter(|name| !name.trim().is_empty());
    if let Some(name) = name.as_ref().filter(|name| **name != policy.name) {
        unique(organization, policy.kind, name)?;
    }
    if let Some(content) = &content {
        read(content, policy.kind)?;
    }
    let shown = show::updated_policy(organization, policy, content.as_deref());
    let id = policy.id.clone();
    let change = OrganizationChange::PolicyUpdated { id, name, description, content };
    Ok(Response::with_change(shown, change))
}

fn delete(call: &Call<'_>, input: &PolicyInput<'_>) -> Result<Response, Refusal> {
    let (organization, policy) = (call.organization()?, modifiable_policy(call, input.policy_id)?);
    if organization.targets(policy).next().is_some() {
        let message = "The policy is attached to one or more entities. You must detach it from \
                       all roots, OUs, and accounts before performing this operation.";
        return Err(refused("PolicyInUseException", message));
    }
    Ok(Response::changed(OrganizationChange::PolicyDeleted { id: policy.id.clone() }))
}

/// The policy of that id.
pub(super) fn policy<'s>(call: &Call<'s>, id: &str) -> Result<&'s ControlPolicy, Refusal> {
    call.organization()?.policies.get(id).ok_or_else(no_policy)
}

/// The same, where it is to be changed.
fn modifiable_policy<'s>(call: &Call<'s>, id: &str) -> Result<&'s ControlPolicy, Refusal> {
    let policy = policy(call, id)?;
    if policy.aws_managed {
        let message = "You specified a policy that is managed by AWS and can't be modified.";
        return Err(invalid("IMMUTABLE_POLICY", message));
    }
    Ok(policy)
}

fn unique(organization: &Organization, kind: PolicyType, name: &str) -> Result<(), Refusal> {
    let mut all = organization.policies.values();
    if all.any(|policy| policy.kind == kind && policy.name == name) {
        let message = "A policy with the specified name and type already exists.";
        return Err(refused("DuplicatePolicyException", message));
    }
    Ok(())
}

/// Reads a document that a caller sends.
fn read(content: &str, kind: PolicyType) -> Result<Document, Refusal> {
    if content.chars().count() > limits::CONTENT {
        let message = "You have exceeded the maximum policy size.";
        return Err(constraint("POLICY_CONTENT_LIMIT_EXCEEDED", message));
    }
    Document::read(content, kind.grammar(), "the document").map_err(|_| {
        let message = "The provided policy document does not meet the requirements of the \
                       specified policy type.";
        refused("MalformedPolicyDocumentException", message)
    })
}
