//! Managed policies: create, get, list, delete.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html>

use attache_aws_protocol::ServiceError;
use attache_identifiers::Arn;
use attache_ledger::change::{Change, NewPolicy};
use attache_ledger::state::ManagedPolicy;
use attache_policy::Kind;
use serde_json::{Value, json};

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
        run: create,
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
        run: list,
    },
    Operation {
        name: "DeletePolicy",
        members: &[ARN],
        resource: Resource::Policy,
        changes: true,
        run: delete,
    },
];

fn create(call: &Call<'_>) -> Result<Response, ServiceError> {
    let (input, account) = (call.input, call.account);
    let name = input.text("PolicyName");
    if account.policies.values().any(|own| own.name.eq_ignore_ascii_case(name)) {
        let message =
            format!("A policy called {name} already exists. Duplicate names are not allowed.");
        return Err(already_exists(message));
    }
    call.check_quota("PoliciesPerAccount", account.policies.len())?;
    let document = input.text("PolicyDocument");
    policy_documents::within(document, "PolicySize", limits::MANAGED_POLICY)?;
    policy_documents::read(document, Kind::Identity)?;
    let tags = tagging::checked(input)?;
    let new = NewPolicy {
        name: name.to_owned(),
        path: input.optional("Path").unwrap_or("/").to_owned(),
        id: unique(Prefix::ManagedPolicy).map_err(|_| failure())?,
        document: document.to_owned(),
        description: input.optional("Description").map(str::to_owned),
        tags,
    };
    let result = json!({"Policy": {
        "PolicyName": new.name,
        "PolicyId": new.id,
        "Arn": format!("arn:aws:iam::{}:policy{}{}", account.id, new.path, new.name),
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

fn list(call: &Call<'_>) -> Result<Response, ServiceError> {
    let (input, account) = (call.input, call.account);
    let scope = input.optional("Scope").unwrap_or("All");
    let prefix = input.optional("PathPrefix").unwrap_or("/");
    let usage = input.optional("PolicyUsageFilter");
    let aws = call.state.aws_managed().iter().filter(|_| scope != "Local");
    let local = account.policies.values().filter(|_| scope != "AWS");
    // Counted once for all: there are as many policies as roles.
    let usages = account.usages();
    let usage_of = |arn: &str| usages.get(arn).copied().unwrap_or_default();
    let wanted = |policy: &&ManagedPolicy| {
        let (attached, bounded) = usage_of(&policy.arn);
        let used = match usage {
            Some("PermissionsPolicy") => attached > 0,
            Some(_) => bounded > 0,
            None => attached + bounded > 0 || !input.flag("OnlyAttached"),
        };
        used && policy.path.starts_with(prefix)
    };
    let mut all: Vec<&ManagedPolicy> = aws.chain(local).filter(wanted).collect();
    all.sort_by(|a, b| a.arn.cmp(&b.arn));
    let items = all.into_iter().map(|policy| (&policy.arn, policy));
    let shown = page::page(input, "Policies", items, |policy| {
        Value::Object(show::policy(policy, usage_of(&policy.arn)))
    });
    Ok(Response::read_only(Value::Object(shown?)))
}

fn delete(call: &Call<'_>) -> Result<Response, ServiceError> {
    let policy = own(call)?;
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
    let found = call.state.managed_policy(call.account, arn);
    found.ok_or_else(|| no_such_entity(format!("Policy {arn} was not found.")))
}

/// The managed policy that a call names, which must be the account's own to be changed.
pub(super) fn own<'s>(call: &Call<'s>) -> Result<&'s ManagedPolicy, ServiceError> {
    let arn = arn(call)?;
    if call.state.aws_managed().get(arn).is_some() {
        let message = "Cannot perform this operation on an AWS-managed policy.";
        return Err(ServiceError::new(403, "AccessDenied", message));
    }
    let found = call.account.policies.get(arn);
    found.ok_or_else(|| no_such_entity(format!("Policy {arn} was not found.")))
}

fn arn<'s>(call: &Call<'s>) -> Result<&'s str, ServiceError> {
    let given = call.input.text("PolicyArn");
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
