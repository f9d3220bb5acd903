//! Versions of managed policies.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html>

use attache_aws_protocol::ServiceError;
use attache_ledger::change::Change;
use attache_ledger::state::{ManagedPolicy, Version};
use attache_policy::IamDocument;
use serde::Deserialize;
use serde_json::{Value, json};

use super::policies::{ARN, arn, modifiable_policy, policy};
use super::{Call, Operation, Resource, Response, limits, members, page, policy_documents, show};
use crate::refusal::{delete_conflict, no_such_entity};
use crate::validation::{Member, optional, required};

const VERSION: Member = required("VersionId", &members::VERSION_ID);

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "GetPolicyVersion",
        members: &[ARN, VERSION],
        resource: Resource::Policy,
        changes: false,
        run: get,
    },
    Operation {
        name: "ListPolicyVersions",
        members: &[ARN, members::AT_MARKER, members::AT_MOST],
        resource: Resource::Policy,
        changes: false,
        run: list,
    },
    Operation {
        name: "CreatePolicyVersion",
        members: &[
            ARN,
            required("PolicyDocument", &members::DOCUMENT),
            optional("SetAsDefault", &members::FLAG),
        ],
        resource: Resource::Policy,
        changes: true,
        run: |call| create(call, &call.read()?),
    },
    Operation {
        name: "DeletePolicyVersion",
        members: &[ARN, VERSION],
        resource: Resource::Policy,
        changes: true,
        run: delete,
    },
    Operation {
        name: "SetDefaultPolicyVersion",
        members: &[ARN, VERSION],
        resource: Resource::Policy,
        changes: true,
        run: set_default,
    },
];

fn get(call: &Call<'_>) -> Result<Response, ServiceError> {
    let policy = versioned(call)?;
    let version = version(call, policy)?;
    let mut shown = show::version(policy, version);
    shown.insert("Document".to_owned(), json!(policy_documents::shown(&version.document)));
    Ok(Response::read_only(json!({"PolicyVersion": shown})))
}

fn list(call: &Call<'_>) -> Result<Response, ServiceError> {
    let policy = policy(call)?;
    // The newest first, as IAM has them; five at most, so that a page's key may be made of a rank.
    let ranked = (0..).zip(policy.versions.iter().rev());
    let items = ranked.map(|(rank, version): (usize, _)| (format!("{rank:06}"), version));
    let shown = page::page(call.input, "Versions", items, |version| {
        Value::Object(show::version(policy, version))
    });
    Ok(Response::read_only(Value::Object(shown?)))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreatePolicyVersion<'a> {
    policy_document: &'a str,
    set_as_default: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct VersionInput<'a> {
    version_id: &'a str,
}

fn create(call: &Call<'_>, input: &CreatePolicyVersion<'_>) -> Result<Response, ServiceError> {
    let policy = modifiable_policy(call)?;
    let document = input.policy_document;
    policy_documents::within(document, "PolicySize", limits::MANAGED_POLICY)?;
    policy_documents::read(document, IamDocument::ManagedPolicy)?;
    if policy.versions.len() >= limits::VERSIONS {
        let message = "A managed policy can have up to 5 versions. Before you create a new \
                       version, you must delete an existing version.";
        return Err(ServiceError::new(409, "LimitExceeded", message));
    }
    let default = input.set_as_default.unwrap_or_default();
    let result = json!({"PolicyVersion": {
        "VersionId": format!("v{}", policy.next_number()),
        "IsDefaultVersion": default,
        "CreateDate": show::time(call.now),
    }});
    let (arn, document) = (policy.arn.clone(), document.to_owned());
    let change = Change::PolicyVersionCreated { arn, document, default };
    Ok(Response::with_change(result, change))
}

fn delete(call: &Call<'_>) -> Result<Response, ServiceError> {
    versioned(call)?;
    let policy = modifiable_policy(call)?;
    let version = version(call, policy)?.number;
    if version == policy.default {
        return Err(delete_conflict("Cannot delete the default version of a policy."));
    }
    Ok(Response::changed(Change::PolicyVersionDeleted { arn: policy.arn.clone(), version }))
}

fn set_default(call: &Call<'_>) -> Result<Response, ServiceError> {
    versioned(call)?;
    let policy = modifiable_policy(call)?;
    let version = version(call, policy)?.number;
    Ok(Response::changed(Change::PolicyDefaultSet { arn: policy.arn.clone(), version }))
}

/// The policy whose version a call names. To IAM a policy that does not exist lacks the version.
fn versioned<'s>(call: &Call<'s>) -> Result<&'s ManagedPolicy, ServiceError> {
    let (arn, id) = (arn(call)?, call.read::<VersionInput<'_>>()?.version_id);
    let found = call.state.managed_policy_named(call.account, arn);
    found.ok_or_else(|| missing(arn, id))
}

fn version<'s>(call: &Call<'s>, policy: &'s ManagedPolicy) -> Result<&'s Version, ServiceError> {
    let id = call.read::<VersionInput<'_>>()?.version_id;
    let number = id.strip_prefix('v').and_then(|number| number.parse().ok());
    let found = number.and_then(|number| policy.version(number));
    found.ok_or_else(|| missing(&policy.arn, id))
}

fn missing(arn: &str, id: &str) -> ServiceError {
    no_such_entity(format!("Policy {arn} version {id} does not exist or is not attachable."))
}
