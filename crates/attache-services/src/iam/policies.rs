//! Managed policies: create, get, list, delete.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html>

use attache_aws_protocol::ServiceError;
use attache_identifiers::Arn;
use attache_ledger::change::{Change, NewPolicy};
use attache_ledger::state::ManagedPolicy;
use attache_ledger::{PARTITION, Tag, TagKeys};
use attache_policy::IamDocument;
use serde::Deserialize;
use serde_json::{Value, json};

use super::inputs::PolicyInput;
use super::{
    Call, Operation, Resource, Response, limits, members, page, policy_documents, show, tagging,
};
use crate::ids::{Prefix, unique};
use crate::refusal::{already_exists, delete_conflict, failure, no_such_entity, validation};
use crate::validation::{Member, Shape, optional, required};

pub(super) const ARN: Member = required("PolicyArn", &members::ARN);

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "CreatePolicy",
        members: &[
            required("PolicyName", &members::POLICY_NAME),
            optional("Path", &members::POLICY_PATH),
            required("PolicyDocument", &members::DOCUMENT),
            optional("Description", &members::POLICY_DESCRIPTION),
            optional("Tags", &members::TAGS),
        ],
        resource: Resource::NewPolicy,
        changes: true,
        run: |call| create(call, call.read()?),
    },
    Operation {
        name: "GetPolicy",
        members: &[ARN],
        resource: Resource::Policy,
        changes: false,
        run: |call| {
            let shown = show::whole_policy(policy(call)?, call.account);
            Ok(Response::read_only(json!({"Policy": shown})))
        },
    },
    Operation {
        name: "ListPolicies",
        members: &[
            optional("Scope", &Shape::Enum(&["All", "AWS", "Local"])),
            optional("OnlyAttached", &members::FLAG),
            optional("PathPrefix", &members::POLICY_PATH),
            optional(
                "PolicyUsageFilter",
                &Shape::Enum(&["PermissionsPolicy", "PermissionsBoundary"]),
            ),
            members::AT_MARKER,
            members::AT_MOST,
        ],
        resource: Resource::Policies,
        changes: false,
        run: |call| list(call, &call.read()?),
    },
    Operation {
        name: "DeletePolicy",
        members: &[ARN],
        resource: Resource::Policy,
        changes: true,
        run: delete,
    },
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreatePolicy<'a> {
    policy_name: &'a str,
    path: Option<&'a str>,
    policy_document: &'a str,
    description: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListPolicies<'a> {
    scope: Option<&'a str>,
    only_attached: Option<bool>,
    path_prefix: Option<&'a str>,
    policy_usage_filter: Option<&'a str>,
}

fn create(call: &Call<'_>, input: CreatePolicy<'_>) -> Result<Response, ServiceError> {
    let account = call.account;
    let name = input.policy_name;
    if account.policies.values().any(|found| found.name.eq_ignore_ascii_case(name)) {
        let message =
            format!("A policy called {name} already exists. Duplicate names are not allowed.");
        return Err(already_exists(message));
    }
    call.check_quota("PoliciesPerAccount", account.policies.len())?;
    let document = input.policy_document;
    policy_documents::within(document, "PolicySize", limits::MANAGED_POLICY)?;
    policy_documents::read(document, IamDocument::ManagedPolicy)?;
    let tags = tagging::checked(input.tags, TagKeys::Exact)?;
    let new = NewPolicy {
        name: name.to_owned(),
        path: input.path.unwrap_or("/").to_owned(),
        id: unique(Prefix::ManagedPolicy).map_err(|_| failure())?,
        document: document.to_owned(),
        description: input.description,
        tags,
    };
    let result = json!({"Policy": {
        "PolicyName": new.name,
        "PolicyId": new.id,
        "Arn": Arn::policy(PARTITION, account.id, &new.path, &new.name),
        "Path": new.path,
        "DefaultVersionId": "v1",
        "AttachmentCount": 0,
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": true,
        "CreateDate": show::time(call.now),
        "UpdateDate": show::time(call.now),
        "Tags": if new.tags.is_empty() { Value::Null } else { json!(new.tags) },
    }});
    Ok(Response::with_change(result, Change::PolicyCreated(new)))
}

fn list(call: &Call<'_>, input: &ListPolicies<'_>) -> Result<Response, ServiceError> {
    let account = call.account;
    let scope = input.scope.unwrap_or("All");
    let prefix = input.path_prefix.unwrap_or("/");
    let only_attached = input.only_attached.unwrap_or_default();
    let aws = call.state.aws_managed().iter().filter(|_| scope != "Local");
    let local = account.policies.values().filter(|_| scope != "AWS");
    // Counted once for all: there are as many policies as roles.
    let usages = account.usages();
    let usage_of = |arn: &str| usages.get(arn).copied().unwrap_or_default();
    let is_selected = |policy: &&ManagedPolicy| {
        let (attached, bounded) = usage_of(&policy.arn);
        // The usage filter is one of what is attached: without that it filters nothing.
        let used = match input.policy_usage_filter.filter(|_| only_attached) {
            Some("PermissionsPolicy") => attached > 0,
            Some(_) => bounded > 0,
            None => attached + bounded > 0 || !only_attached,
        };
        used && policy.path.starts_with(prefix)
    };
    let mut all: Vec<&ManagedPolicy> = aws.chain(local).filter(is_selected).collect();
    all.sort_by(|a, b| a.arn.cmp(&b.arn));
    let items = all.into_iter().map(|policy| (&policy.arn, policy));
    let shown = page::page(call.input, "Policies", items, |policy| {
        Value::Object(show::policy(policy, usage_of(&policy.arn)))
    });
    Ok(Response::read_only(Value::Object(shown?)))
}

fn delete(call: &Call<'_>) -> Result<Response, ServiceError> {
    let policy = modifiable_policy(call)?;
    let (attached, bounded) = call.account.usage(&policy.arn);
    if attached + bounded > 0 {
        return Err(delete_conflict("Cannot delete a policy attached to entities."));
    }
    if policy.versions.len() > 1 {
        return Err(delete_conflict(
            "This policy has more than one version. Before you delete a policy, you must delete \
             the policy's versions. The default version is deleted with the policy.",
        ));
    }
    Ok(Response::changed(Change::PolicyDeleted { arn: policy.arn.clone() }))
}

/// The managed policy that a call names, AWS's or the account's.
pub(super) fn policy<'s>(call: &Call<'s>) -> Result<&'s ManagedPolicy, ServiceError> {
    let arn = arn(call)?;
    let found = call.state.managed_policy_named(call.account, arn);
    found.ok_or_else(|| no_such_entity(format!("Policy {arn} was not found.")))
}

/// The managed policy that a call names, which must be the account's own to be changed.
pub(super) fn modifiable_policy<'s>(call: &Call<'s>) -> Result<&'s ManagedPolicy, ServiceError> {
    let arn = arn(call)?;
    let found = call.state.managed_policy_named(call.account, arn);
    if found.is_some_and(|found| call.state.aws_managed().get(&found.arn).is_some()) {
        let message = "Cannot perform this operation on an AWS-managed policy.";
        return Err(ServiceError::new(403, "AccessDenied", message));
    }
    found.ok_or_else(|| no_such_entity(format!("Policy {arn} was not found.")))
}

/// The ARN that a call names.
pub(super) fn arn<'s>(call: &Call<'s>) -> Result<&'s str, ServiceError> {
    let given = call.read::<PolicyInput<'_>>()?.policy_arn;
    well_formed(given)?;
    Ok(given)
}

/// Refuses text that is not an ARN at all.
pub(super) fn well_formed(arn: &str) -> Result<(), ServiceError> {
    match Arn::parse(arn) {
        Ok(_) => Ok(()),
        Err(_) => Err(validation("Invalid ARN:  Could not be parsed!")),
    }
}
