//! What an account holds now, as IAM answers.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_iam::error::SdkError;
use aws_sdk_iam::operation::get_open_id_connect_provider::GetOpenIDConnectProviderError;
use aws_sdk_iam::operation::get_role::GetRoleError;
use aws_sdk_iam::types::{Role, Tag};
use names::{ProviderArn, RoleName};
use percent_encoding::percent_decode_str;

use crate::FederationError;
use crate::connections::Clients;
use crate::desired::Account;

/// One account, as it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Observed {
    pub(crate) provider: Option<ObservedProvider>,
    /// Those that are wanted, and those that trust the provider.
    pub(crate) roles: BTreeMap<RoleName, ObservedRole>,
}

/// A provider, as it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ObservedProvider {
    pub(crate) client_ids: BTreeSet<String>,
    pub(crate) thumbprints: Vec<String>,
    pub(crate) tags: BTreeMap<String, String>,
}

/// A role, as it is. Documents are text: what somebody else wrote need not be a policy.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ObservedRole {
    pub(crate) arn: String,
    pub(crate) path: String,
    pub(crate) trust: String,
    pub(crate) policies: BTreeSet<String>,
    pub(crate) inline: BTreeMap<String, String>,
    pub(crate) boundary: Option<String>,
    /// Seconds.
    pub(crate) max_session: i32,
    pub(crate) tags: BTreeMap<String, String>,
}

/// Reads the provider, the roles that are wanted, and those that trust the provider already: one
/// of them may be ours from an earlier file, and the others forbid removing the provider.
pub(crate) async fn account(
    clients: &Clients,
    desired: &Account,
) -> Result<Observed, FederationError> {
    let provider = provider(clients, &desired.provider.arn).await?;
    let mut roles = BTreeMap::new();
    for wanted in &desired.roles {
        if let Some(found) = role(clients, wanted.arn.name()).await? {
            roles.insert(wanted.arn.name().clone(), found);
        }
    }
    if provider.is_some() {
        for name in trusting(clients, &desired.provider.arn).await? {
            if !roles.contains_key(&name) {
                roles.extend(role(clients, &name).await?.map(|found| (name, found)));
            }
        }
    }
    Ok(Observed { provider, roles })
}

/// The provider, or none when there is none.
pub(crate) async fn provider(
    clients: &Clients,
    arn: &ProviderArn,
) -> Result<Option<ObservedProvider>, FederationError> {
    let call = clients.iam.get_open_id_connect_provider();
    let found = match call.open_id_connect_provider_arn(arn.to_string()).send().await {
        Ok(found) => found,
        Err(error) if no_provider(&error) => return Ok(None),
        Err(error) => {
            let attempt = format!("read the OIDC provider {}", arn.host_and_path());
            return Err(FederationError::of(&attempt, clients.account, &error));
        }
    };
    Ok(Some(ObservedProvider {
        client_ids: found.client_id_list().iter().cloned().collect(),
        thumbprints: found.thumbprint_list().to_vec(),
        tags: tags(found.tags()),
    }))
}

fn no_provider<R>(error: &SdkError<GetOpenIDConnectProviderError, R>) -> bool {
    error.as_service_error().is_some_and(GetOpenIDConnectProviderError::is_no_such_entity_exception)
}

/// The role with its policies, or none when there is none.
pub(crate) async fn role(
    clients: &Clients,
    name: &RoleName,
) -> Result<Option<ObservedRole>, FederationError> {
    let found = match clients.iam.get_role().role_name(name.as_str()).send().await {
        Ok(found) => found.role,
        Err(error) if no_role(&error) => return Ok(None),
        Err(error) => {
            let attempt = format!("read the role {name}");
            return Err(FederationError::of(&attempt, clients.account, &error));
        }
    };
    let Some(found) = found else { return Ok(None) };
    let mut role = own_fields(&found);
    role.policies = attached(clients, name).await?;
    role.inline = inline(clients, name).await?;
    Ok(Some(role))
}

fn no_role<R>(error: &SdkError<GetRoleError, R>) -> bool {
    error.as_service_error().is_some_and(GetRoleError::is_no_such_entity_exception)
}

fn own_fields(found: &Role) -> ObservedRole {
    let boundary = found.permissions_boundary().and_then(|b| b.permissions_boundary_arn());
    ObservedRole {
        arn: found.arn().to_owned(),
        path: found.path().to_owned(),
        trust: document(found.assume_role_policy_document().unwrap_or_default()),
        boundary: boundary.map(str::to_owned),
        // AWS's default, which it leaves out for some old roles.
        max_session: found.max_session_duration().unwrap_or(3600),
        tags: tags(found.tags()),
        ..ObservedRole::default()
    }
}

async fn attached(clients: &Clients, name: &RoleName) -> Result<BTreeSet<String>, FederationError> {
    let call = clients.iam.list_attached_role_policies().role_name(name.as_str());
    let mut pages = call.into_paginator().items().send();
    let mut arns = BTreeSet::new();
    while let Some(policy) = pages.next().await {
        let policy = policy.map_err(|e| {
            let attempt = format!("list the policies attached to the role {name}");
            FederationError::of(&attempt, clients.account, &e)
        })?;
        arns.extend(policy.policy_arn);
    }
    Ok(arns)
}

async fn inline(
    clients: &Clients,
    name: &RoleName,
) -> Result<BTreeMap<String, String>, FederationError> {
    let call = clients.iam.list_role_policies().role_name(name.as_str());
    let mut pages = call.into_paginator().items().send();
    let mut documents = BTreeMap::new();
    while let Some(policy) = pages.next().await {
        let policy = policy.map_err(|e| {
            let attempt = format!("list the inline policies of the role {name}");
            FederationError::of(&attempt, clients.account, &e)
        })?;
        let call = clients.iam.get_role_policy().role_name(name.as_str()).policy_name(&policy);
        let found = call.send().await.map_err(|e| {
            let attempt = format!("read the inline policy {policy} of the role {name}");
            FederationError::of(&attempt, clients.account, &e)
        })?;
        documents.insert(policy, document(found.policy_document()));
    }
    Ok(documents)
}

/// Names of all the account's roles whose trust names the provider.
async fn trusting(
    clients: &Clients,
    provider: &ProviderArn,
) -> Result<Vec<RoleName>, FederationError> {
    let provider = provider.to_string();
    let mut pages = clients.iam.list_roles().into_paginator().items().send();
    let mut names = Vec::new();
    while let Some(role) = pages.next().await {
        let role = role.map_err(|e| {
            FederationError::of("list the roles that trust the provider", clients.account, &e)
        })?;
        let trust = document(role.assume_role_policy_document().unwrap_or_default());
        if names_provider(&trust, &provider) {
            names.extend(RoleName::parse(role.role_name()));
        }
    }
    Ok(names)
}

/// Read again from JSON where it is JSON, for text may write a slash as `\/`.
fn names_provider(trust: &str, provider: &str) -> bool {
    let plain = serde_json::from_str::<serde_json::Value>(trust).map(|v| v.to_string());
    plain.as_deref().unwrap_or(trust).contains(provider)
}

fn tags(tags: &[Tag]) -> BTreeMap<String, String> {
    tags.iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect()
}

/// IAM sends documents URL-encoded (RFC 3986); some emulators send them plain, and JSON text
/// begins with a brace only when it is plain.
fn document(sent: &str) -> String {
    if sent.trim_start().starts_with('{') {
        return sent.to_owned();
    }
    percent_decode_str(sent).decode_utf8_lossy().into_owned()
}
