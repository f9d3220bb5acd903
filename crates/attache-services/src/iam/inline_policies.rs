//! Inline policies of roles, users and groups.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html>

use attache_aws_protocol::ServiceError;
use attache_ledger::change::OwnPolicyChange;
use attache_policy::IamDocument;
use serde::Deserialize;
use serde_json::{Value, json};

use super::owner::Kind;
use super::{Call, Operation, Resource, Response, members, page, policy_documents};
use crate::refusal::{limit_exceeded, no_such_entity};
use crate::validation::{Member, required};

const ROLE: Member = required("RoleName", &members::ROLE_NAME);
const USER: Member = required("UserName", &members::NAME);
const GROUP: Member = required("GroupName", &members::NAME);
const NAME: Member = required("PolicyName", &members::POLICY_NAME);
const DOCUMENT: Member = required("PolicyDocument", &members::DOCUMENT);
const AT: Member = members::AT_MARKER;
const MOST: Member = members::AT_MOST;

pub(super) const OPERATIONS: &[Operation] = &[
    changing("PutRolePolicy", &[ROLE, NAME, DOCUMENT], Resource::Role, |c| put(c, Kind::Role)),
    changing("PutUserPolicy", &[USER, NAME, DOCUMENT], Resource::User, |c| put(c, Kind::User)),
    changing("PutGroupPolicy", &[GROUP, NAME, DOCUMENT], Resource::Group, |c| put(c, Kind::Group)),
    reading("GetRolePolicy", &[ROLE, NAME], Resource::Role, |c| get(c, Kind::Role)),
    reading("GetUserPolicy", &[USER, NAME], Resource::User, |c| get(c, Kind::User)),
    reading("GetGroupPolicy", &[GROUP, NAME], Resource::Group, |c| get(c, Kind::Group)),
    reading("ListRolePolicies", &[ROLE, AT, MOST], Resource::Role, |c| list(c, Kind::Role)),
    reading("ListUserPolicies", &[USER, AT, MOST], Resource::User, |c| list(c, Kind::User)),
    reading("ListGroupPolicies", &[GROUP, AT, MOST], Resource::Group, |c| list(c, Kind::Group)),
    changing("DeleteRolePolicy", &[ROLE, NAME], Resource::Role, |c| delete(c, Kind::Role)),
    changing("DeleteUserPolicy", &[USER, NAME], Resource::User, |c| delete(c, Kind::User)),
    changing("DeleteGroupPolicy", &[GROUP, NAME], Resource::Group, |c| delete(c, Kind::Group)),
];

/// An operation as a table's row.
type Run = fn(&Call<'_>) -> Result<Response, ServiceError>;

const fn changing(
    name: &'static str,
    members: &'static [Member],
    resource: Resource,
    run: Run,
) -> Operation {
    Operation { name, members, resource, changes: true, run }
}

const fn reading(
    name: &'static str,
    members: &'static [Member],
    resource: Resource,
    run: Run,
) -> Operation {
    Operation { name, members, resource, changes: false, run }
}

/// The input of `PutRolePolicy` and its siblings, but for whose policy it is.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PutPolicy<'a> {
    policy_name: &'a str,
    policy_document: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PolicyNameInput<'a> {
    policy_name: &'a str,
}

fn put(call: &Call<'_>, of: Kind) -> Result<Response, ServiceError> {
    let owner = of.to_change(call)?;
    let PutPolicy { policy_name: name, policy_document: document } = call.read()?;
    policy_documents::read(document, IamDocument::InlinePolicy)?;
    // A second one of the name takes the place of the first, and its spelling is the first's.
    let existing = owner.policies.inline_named(name);
    let name = existing.map_or(name, |(found, _)| found.as_str());
    let others = owner.policies.inline.iter().filter(|(found, _)| *found != name);
    let taken: usize = others.map(|(_, policy)| policy_documents::size(policy.text())).sum();
    if taken + policy_documents::size(document) > of.inline_limit() {
        let (limit, noun, owner) = (of.inline_limit(), of.noun(), owner.name);
        let message = format!("Maximum policy size of {limit} bytes exceeded for {noun} {owner}");
        let code = limit_exceeded("", 0).code;
        return Err(ServiceError::new(409, code, message));
    }
    let (name, document) = (name.to_owned(), document.to_owned());
    Ok(Response::changed(owner.change(OwnPolicyChange::InlineSet { name, document })))
}

fn get(call: &Call<'_>, of: Kind) -> Result<Response, ServiceError> {
    let owner = of.of(call)?;
    let name = call.read::<PolicyNameInput<'_>>()?.policy_name;
    let (_, policy) = owner.policies.inline_named(name).ok_or_else(|| missing(name, of))?;
    Ok(Response::read_only(json!({
        of.member(): owner.name,
        // In the letters that were asked for.
        "PolicyName": name,
        "PolicyDocument": policy_documents::shown(policy),
    })))
}

fn list(call: &Call<'_>, of: Kind) -> Result<Response, ServiceError> {
    let names = of.of(call)?.policies.inline.keys().map(|name| (name, name));
    Ok(Response::read_only(Value::Object(page::page(call.input, "PolicyNames", names, |n| {
        json!(n)
    })?)))
}

fn delete(call: &Call<'_>, of: Kind) -> Result<Response, ServiceError> {
    let owner = of.to_change(call)?;
    let name = call.read::<PolicyNameInput<'_>>()?.policy_name;
    let (name, _) = owner.policies.inline_named(name).ok_or_else(|| missing(name, of))?;
    Ok(Response::changed(owner.change(OwnPolicyChange::InlineDeleted { name: name.clone() })))
}

fn missing(name: &str, of: Kind) -> ServiceError {
    no_such_entity(format!("The {} policy with name {name} cannot be found.", of.noun()))
}
