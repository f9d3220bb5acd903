//! What is not supported: passwords, MFA devices, certificates, other credentials, SAML providers.
//!
//! A client that reads or deletes a whole user lists each of them, as Terraform's `force_destroy` does.
//! There are none, so the lists are empty, and a single one is not found.

use attache_aws_protocol::ServiceError;
use serde::Deserialize;
use serde_json::{Value, json};

use super::users::user;
use super::{Call, Operation, Resource, Response, members, page};
use crate::refusal::no_such_entity;
use crate::validation::{Member, Shape, optional};

const USER: Member = optional("UserName", &members::NAME);
const AT: Member = members::AT_MARKER;
const MOST: Member = members::AT_MOST;

pub(super) const OPERATIONS: &[Operation] = &[
    reading("ListMFADevices", &[USER, AT, MOST], Resource::User, |call| {
        of_user(call, "MFADevices")
    }),
    reading("ListSSHPublicKeys", &[USER, AT, MOST], Resource::User, |call| {
        of_user(call, "SSHPublicKeys")
    }),
    reading("ListSigningCertificates", &[USER, AT, MOST], Resource::User, |call| {
        of_user(call, "Certificates")
    }),
    reading(
        "ListServiceSpecificCredentials",
        &[USER, optional("AllUsers", &members::FLAG), AT, MOST],
        Resource::User,
        |call| match call.read::<AllUsersInput>()?.all_users.unwrap_or_default() {
            true => empty_list(call, "ServiceSpecificCredentials"),
            false => of_user(call, "ServiceSpecificCredentials"),
        },
    ),
    reading(
        "ListVirtualMFADevices",
        &[optional("AssignmentStatus", &Shape::Enum(&["Assigned", "Unassigned", "Any"])), AT, MOST],
        Resource::Any,
        |call| empty_list(call, "VirtualMFADevices"),
    ),
    reading(
        "ListServerCertificates",
        &[optional("PathPrefix", &members::PATH_PREFIX), AT, MOST],
        Resource::Any,
        |call| empty_list(call, "ServerCertificateMetadataList"),
    ),
    reading("ListSAMLProviders", &[], Resource::Any, |_| {
        Ok(Response::read_only(json!({"SAMLProviderList": []})))
    }),
    reading("GetLoginProfile", &[USER], Resource::User, no_password),
    reading("DeleteLoginProfile", &[USER], Resource::User, no_password),
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AllUsersInput {
    all_users: Option<bool>,
}

const fn reading(
    name: &'static str,
    members: &'static [Member],
    resource: Resource,
    run: fn(&Call<'_>) -> Result<Response, ServiceError>,
) -> Operation {
    Operation { name, members, resource, changes: false, run }
}

fn empty_list(call: &Call<'_>, list: &'static str) -> Result<Response, ServiceError> {
    let items = std::iter::empty::<(&str, Value)>();
    Ok(Response::read_only(Value::Object(page::page(call.input, list, items, |item| item)?)))
}

/// Nothing, of a user who must exist.
fn of_user(call: &Call<'_>, list: &'static str) -> Result<Response, ServiceError> {
    user(call)?;
    empty_list(call, list)
}

fn no_password(call: &Call<'_>) -> Result<Response, ServiceError> {
    let name = &user(call)?.name;
    Err(no_such_entity(format!("Login Profile for User {name} cannot be found.")))
}
